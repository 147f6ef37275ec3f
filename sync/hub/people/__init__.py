"""Who logs in at the hub: passwords, roles, what they did."""
