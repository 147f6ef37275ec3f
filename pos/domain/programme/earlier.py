"""Packs as the first release wrote them, so that sales made under one can still be priced and returned.

It knew one form of accrual: `per_yuan` of the unpaid eligible amount, with multipliers by plan in the
accrual itself. Where a pack listed no exclusions, there were none.
"""

from __future__ import annotations

from typing import Any

_FIRST_KEYS = {"id", "asset", "role", "per_yuan", "multipliers"}


def in_todays_words(table: dict[str, Any]) -> dict[str, Any]:
    """The table with accruals of the first release in today's keys; any other table as it is."""
    plans, accruals = _tables(table, "plans"), _tables(table, "accruals")
    multiplied = [one["multipliers"] for one in accruals if "multipliers" in one]
    if (
        not plans
        or not accruals
        or not all("per_yuan" in one and one.keys() <= _FIRST_KEYS for one in accruals)
        or len(multiplied) > 1
        or not all(isinstance(one, dict) for one in multiplied)
        or any("earn_multiplier" in plan for plan in plans)
    ):
        return table
    by_plan = multiplied[0] if multiplied else {}
    return {
        "exclusions": {},
        **table,
        "plans": [_plan(plan, by_plan) for plan in plans],
        "accruals": [_accrual(one, multiplied=bool(multiplied)) for one in accruals],
    }


def _tables(table: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """The tables under a key; none when anything else stands there."""
    found = table.get(key)
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        return []
    return found


def _plan(plan: dict[str, Any], by_plan: dict[str, Any]) -> dict[str, Any]:
    multiplier = by_plan.get(plan["id"]) if isinstance(plan.get("id"), str) else None
    return plan if multiplier is None else {**plan, "earn_multiplier": multiplier}


def _accrual(one: dict[str, Any], *, multiplied: bool) -> dict[str, Any]:
    """`multiplied` says whether a multiplier now stands at a plan: accruals without one must not take it."""
    today = {key: value for key, value in one.items() if key not in {"per_yuan", "multipliers"}}
    today |= {"base": "unpaid", "rate": one["per_yuan"]}
    return today | ({"plan_multiplier": False} if multiplied and "multipliers" not in one else {})
