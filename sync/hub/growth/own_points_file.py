"""A merchant's file of conversions (CSV): every mistake is listed with its line; all is booked or nothing."""

from __future__ import annotations

from sqlalchemy import Connection, select

from pos.domain.money import yuan
from sync.hub.alliance import members
from sync.hub.alliance.csv_tables import Mistake, Mistaken, Row, WrongCell, read_table
from sync.hub.growth import own_points, tables
from sync.hub.growth.own_points import Conversion
from sync.hub.hub import Hub
from sync.hub.storage import bulk
from sync.hub.words import Told

COLUMNS = ("reference", "member_no", "points")
KEY = "reference"


def convert_file(
    hub: Hub, connection: Connection, merchant: str, text: bytes, file: str, *, by: str
) -> tuple[list[Conversion], int]:
    """Converts every line; returns all of them, and how many are new. Lines booked before book nothing more.

    Raises:
        Told: the merchant cannot convert at all.
        Mistaken: with every mistake of the file; nothing was booked.

    """
    terms = own_points.terms_now(hub, connection, merchant, by=by)
    named = read_table(text, file, COLUMNS, KEY, dict[str, str]).rows
    known = members.find_all(connection, (row["member_no"] for row in named))
    standing = _standing(connection, merchant, [row["reference"] for row in named])

    def line(row: Row) -> Conversion:
        try:
            return own_points.planned(
                terms,
                standing.get(row["reference"]),
                known.get(row["member_no"]),
                member_no=row["member_no"],
                own=row["points"],
                reference=row["reference"],
            )
        except Told as told:
            raise WrongCell(told.words, **told.params) from told

    reading = read_table(text, file, COLUMNS, KEY, line)
    fresh = [one for one in reading.rows if one.reference not in standing]
    needed, left = sum(one.funded_fen for one in fresh), terms.offer.budget_fen
    if needed > left:
        params: dict[str, object] = {"merchant": merchant, "needed": yuan(needed), "left": yuan(left)}
        reading.mistakes.append(Mistake(file, 0, own_points.SHORT, params))
    if reading.mistakes:
        raise Mistaken(reading.mistakes)
    own_points.book(hub, connection, terms, fresh)
    return reading.rows, len(fresh)


def _standing(connection: Connection, merchant: str, references: list[str]) -> dict[str, Conversion]:
    """What was converted under these references before."""
    table = tables.conversions
    query = select(table).where(table.c.merchant == merchant)
    rows = bulk.matching(connection, query, table.c.reference, references)
    return {row.reference: Conversion(*row) for row in rows}
