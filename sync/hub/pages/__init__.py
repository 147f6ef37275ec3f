"""Pages for people: rendered here, no script, phone first, in Chinese and English."""
