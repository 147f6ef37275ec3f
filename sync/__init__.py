"""Talking to the alliance: the protocol, the till's side of it, and the hub."""
