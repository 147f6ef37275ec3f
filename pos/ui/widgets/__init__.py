"""The till's own building blocks: painted, never focused, dressed by the stage."""
