"""Lines that must be decided together because they share a bundle or a quota (mostly it is one alone)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from pos.domain.money import split
from pos.domain.pricing.search.line import Way
from pos.domain.pricing.search.offer import BundleOffer, OfferedLine


class Group(msgspec.Struct, frozen=True):
    """Lines, the bundles made of them, and what each shared rule (by position in the pack) may still give."""

    lines: tuple[OfferedLine, ...]
    bundles: tuple[BundleOffer, ...] = ()
    caps: dict[int, int] = {}


class Bundled(NamedTuple):
    """What one bundle takes: `units` of each of the group's lines (by place), in so many sets."""

    bundle: BundleOffer
    units: tuple[int, ...]
    sets: int


class Choice(NamedTuple):
    """How a group was decided: the bundles in use, and a way for what they leave of each line."""

    bundled: tuple[Bundled, ...]
    ways: tuple[Way, ...]


class Option(NamedTuple):
    """One decision for a group: what it saves in each part of the basket asked for, its cost, and how."""

    saved: tuple[int, ...]
    cost: int
    choice: Choice


def groups_of(
    lines: Sequence[OfferedLine], bundles: Sequence[BundleOffer], caps: dict[int, int]
) -> list[Group]:
    """The lines, parted so that nothing is shared between groups."""
    sharing = _sharing(lines)
    leader = {line.index: line.index for line in lines}
    for tied in [*sharing.values(), *([i for item in one.items for i in item.lines] for one in bundles)]:
        for index in tied[1:]:
            leader[_lead(leader, index)] = _lead(leader, tied[0])
    members: dict[int, list[OfferedLine]] = {}
    for line in lines:
        members.setdefault(_lead(leader, line.index), []).append(line)
    own_bundles: dict[int, list[BundleOffer]] = {}
    for bundle in bundles:
        own_bundles.setdefault(_lead(leader, bundle.items[0].lines[0]), []).append(bundle)
    own_caps: dict[int, dict[int, int]] = {}
    for position, tied in sharing.items():
        own_caps.setdefault(_lead(leader, tied[0]), {})[position] = caps[position]
    return [
        Group(tuple(group), tuple(own_bundles.get(first, ())), own_caps.get(first, {}))
        for first, group in members.items()
    ]


def _sharing(lines: Sequence[OfferedLine]) -> dict[int, list[int]]:
    """The lines of each shared cap."""
    found: dict[int, list[int]] = {}
    for line in lines:
        for offer in line.offers:
            if offer.shared:
                found.setdefault(offer.position, []).append(line.index)
    return found


def _lead(leader: dict[int, int], index: int) -> int:
    while leader[index] != index:
        index = leader[index]
    return index


def bundle_parts(lines: Sequence[OfferedLine], one: Bundled) -> list[int]:
    """A bundle's reduction split over the lines by their list amounts (largest remainder)."""
    amounts = [line.list_fen * units for line, units in zip(lines, one.units, strict=True)]
    return split(one.bundle.saved(sum(amounts), one.sets), amounts)


def saved_by_kind(group: Group, choice: Choice) -> dict[int, int]:
    """What a choice saves in each kind of line."""
    saved: dict[int, int] = {}
    for line, way in zip(group.lines, choice.ways, strict=True):
        saved[line.kind] = saved.get(line.kind, 0) + way.saved_fen
    for one in choice.bundled:
        for line, part in zip(group.lines, bundle_parts(group.lines, one), strict=True):
            saved[line.kind] += part
    return saved
