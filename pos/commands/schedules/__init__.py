"""A pack's schedules run on given figures, for `pos programme run`."""
