"""Programme packs: what they can say (`rules`, `assets`, `terms`, `timed`), and reading them (`loading`)."""
