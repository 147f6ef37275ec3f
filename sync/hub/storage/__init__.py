"""The database and the data folder: one door to each."""
