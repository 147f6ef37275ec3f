"""Pay codes: issued, renewed, settled by sales, and freed behind a fence."""
