"""The alliance desk: merchants, terminals, packs, tasks, disputes, and what needs a person."""
