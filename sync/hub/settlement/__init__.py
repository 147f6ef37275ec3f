"""What each store and merchant owes and is owed, day by day."""
