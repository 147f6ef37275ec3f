"""The commands of `pos-hub`, one module per subject. Heavy imports wait for the command that needs them."""
