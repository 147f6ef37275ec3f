"""What the till keeps on disk: the journal, its projections and print jobs; and the hub's data, cached."""
