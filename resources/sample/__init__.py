"""The sample shop: goods, members, staff and store data that `pos demo` loads."""
