"""What the alliance risks and has lost: everything that was spent beyond what was there."""
