"""What the hub does over time, as pure functions: each of a pack's schedules has a module here."""
