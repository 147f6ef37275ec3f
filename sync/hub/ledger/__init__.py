"""The books: transfers, balances, and what can be read from them."""
