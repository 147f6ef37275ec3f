"""What lies over the sale screen: one sheet at a time, on a dimmed ground, keyboard and touch alike."""
