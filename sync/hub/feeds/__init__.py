"""What tills download."""
