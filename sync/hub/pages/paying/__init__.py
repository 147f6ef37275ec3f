"""What a member's phone shows at a till: how much may be spent, and the pay code for it."""
