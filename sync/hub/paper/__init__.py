"""What the hub puts on paper besides statements, and the fonts for it."""
