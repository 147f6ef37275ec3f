"""Keys, enrolment of terminals, and what keeps guessers out."""
