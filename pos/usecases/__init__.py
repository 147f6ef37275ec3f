"""What people do at the till: one file per deed. `ports` says what they need of the outside."""
