"""Fakes of the ports, one each, and a desk of the sample shop made of them."""
