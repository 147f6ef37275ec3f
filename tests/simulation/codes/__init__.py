"""Phones, tills, a hub, thieves and broken clocks, against a model of its own that counts the points."""
