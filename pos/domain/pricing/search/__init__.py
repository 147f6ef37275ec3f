"""Finds the cheapest allowed combination of rules, and knows that it is the cheapest.

`line` lists what a single line can come to. Lines that share a bundle or a quota are a `group`; `joint`
decides its lines one after the other (`layout` in which order, `filling` how bundles fill up) and of all
ways to the same situation keeps the best, since what follows is the same for all of them. `best` puts the
groups together under every permitted set of basket rules (`candidate`): without such rules each group
simply takes its best; with them, `giving_up` says how much saving a threshold or a percentage can be
worth, `sums` and `scoped` search what can be reached by giving up no more than that, and `bargain` which
bundles come into question at all. Only what provably cannot be better than something known goes unseen.

Where there is too much to look at, `Steps` ends the search: the answer is then the best one seen, never
worse than giving each unit its best rule and then the best single basket rule, and says that it was not
proven. Steps are counted, never time, so every machine stops at the same place. The work grows with the
number of bundles and quotas that are open at the same time, times the sums in question where a threshold
has to be met exactly, and with the number of parts into which rules of limited scope cut the basket.
"""
