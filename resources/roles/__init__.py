"""Roles as data."""
