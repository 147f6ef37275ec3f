"""What an owner wants to hear of a day, looked up; `pos.domain.oversight` says the same of a whole chain."""

from __future__ import annotations

from pos.domain.events import DrawerOpened, LockOutLifted, RefundMade, decode
from pos.domain.oversight import Noteworthy, PinGuessed
from pos.store.sqlite import Readers

_TOLD = """
    SELECT seq, body FROM journal WHERE kind = 'drawer_opened' AND at >= ?1 AND at < ?2
    UNION ALL
    SELECT seq, body FROM receipts JOIN journal USING (seq) WHERE date = ?1 AND receipts.kind = 'refund'
    UNION ALL
    SELECT seq, body FROM lock_outs_lifted JOIN journal USING (seq)
    WHERE journal.at >= ?1 AND journal.at < ?2
"""
# Wrong PINs are few; of each on the day, how many there were in a row up to it.
_GUESSED = """
    SELECT tried.seq, journal.at, tried.number FROM log_ins AS tried JOIN journal USING (seq)
    WHERE NOT tried.ok AND journal.at >= ?1 AND journal.at < ?2 AND ?3 = (
        SELECT count(*) FROM log_ins AS earlier
        WHERE earlier.number = tried.number
            AND earlier.seq <= tried.seq
            AND earlier.seq > coalesce(
                (SELECT max(seq) FROM log_ins WHERE number = tried.number AND ok AND seq < tried.seq), 0
            )
            AND earlier.seq > coalesce(
                (SELECT max(seq) FROM lock_outs_lifted WHERE number = tried.number AND seq < tried.seq), 0
            )
    )
"""


def for_the_owner(readers: Readers, date: str, tries: int) -> tuple[Noteworthy, ...]:
    """See `ports.Journal.for_the_owner`."""
    until = f"{date}U"  # after every time of the date, whose letter is T
    found: list[tuple[int, Noteworthy]] = [
        (seq, PinGuessed(at, number, tries))
        for seq, at, number in readers.rows(_GUESSED, (date, until, tries))
    ]
    for seq, body in readers.rows(_TOLD, (date, until)):
        event = decode(body)
        if isinstance(event, DrawerOpened | LockOutLifted) or (
            isinstance(event, RefundMade) and event.approved_by
        ):
            found.append((seq, event))
    return tuple(one for _, one in sorted(found, key=lambda row: row[0]))
