"""Power cuts under the real store: what a disk may hold afterwards, and what the till makes of it."""
