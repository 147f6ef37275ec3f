"""The hub over HTTP: messages for tills, pages for people."""
