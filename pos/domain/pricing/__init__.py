"""Pricing: `price` a basket under a pack.

`openness` says which rules are open, `offers` what they offer to which line, `search` finds the
cheapest combination, `reduced` puts it onto the lines, `redeeming` lets assets pay, `outcome` says
what follows, `why_not` why the other rules did not apply.
"""
