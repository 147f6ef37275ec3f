"""The whole system under a seed: what tills were paid is booked once, whatever happens to lines, disks and hubs."""
