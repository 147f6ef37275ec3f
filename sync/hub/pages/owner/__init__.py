"""The owner's pages: takings, statements, goods, matters to look at, disputes; of its own stores only."""
