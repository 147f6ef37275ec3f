"""What tills upload: judged, stored, booked, reckoned again."""
