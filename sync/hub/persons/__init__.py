"""Who members are: names, phone numbers and birthdays, encrypted, and nowhere else."""
