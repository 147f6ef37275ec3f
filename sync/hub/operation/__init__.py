"""Running a hub for years: backups and their return, what it measures of itself, several workers."""
