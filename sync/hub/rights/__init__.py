"""Once-only rights that the hub is asked about before they are used."""
