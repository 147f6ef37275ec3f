"""All tables, from wherever they stand: what migrations must build."""

from __future__ import annotations

from sync.hub.codes import tables as _codes
from sync.hub.disputes import tables as _disputes
from sync.hub.feeds import tables as _feeds
from sync.hub.growth import tables as _growth
from sync.hub.journal import tables as _journal
from sync.hub.people import tables as _people
from sync.hub.persons import tables as _persons
from sync.hub.rights import tables as _rights
from sync.hub.schedules import tables as _schedules
from sync.hub.settlement import tables as _settlement
from sync.hub.storage import schema

SUBJECTS = (
    schema,
    _settlement,
    _schedules,
    _growth,
    _feeds,
    _people,
    _disputes,
    _codes,
    _persons,
    _rights,
    _journal,
)

metadata = schema.metadata
