"""What till and hub say to each other. No network, no files, no clock: both sides import this."""
