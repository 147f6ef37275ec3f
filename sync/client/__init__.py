"""The till's side of the protocol: uploads the journal, downloads feeds, backs off when the hub is away."""
