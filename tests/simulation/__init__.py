"""Whole parts of the system under a seeded driver, checked by models that share no code with them."""
