"""The shop on one machine: hub, virtual printer and till as real processes on loopback."""
