"""The rules of the till, without clock, chance, files or network. Till and hub run the same code."""
