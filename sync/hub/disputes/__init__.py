"""Disputes: a store or member contests a receipt or a statement, and the alliance answers in time."""
