"""What the alliance does by the calendar: expiry, pools, releases, milestones, distribution."""
