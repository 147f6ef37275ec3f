"""Finds the cheapest allowed combination of rules: offers of a line, groups of lines, rules of the basket.

How it is known to be the cheapest: every way to spread units over rules is looked at, except those
that cannot become better than one already found. `line` lists what a single line can come to,
`group` what lines can come to that share a bundle or a quota, and `best` puts the groups together under
every permitted set of basket rules. What a line, a group or the basket saves never falls when a part
saves more, which is what lets the worse parts go unseen. Where the ways are too many, `Steps` ends
the search: the answer is then the best one seen, never worse than giving each unit its best rule,
and says that it was not proven. Steps are counted, never time, so every machine stops at the same place.
"""
