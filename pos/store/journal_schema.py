"""`journal.db`: the chain, and what is derived from it or dies with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pos.store.schema import Schema

if TYPE_CHECKING:
    from pos.store.sqlite import Database

PROJECTIONS = (
    "receipts",
    "member_changes",
    "merchant_changes",
    "memberships",
    "rule_units",
    "spent_rights",
    "offline_redeemed",
    "log_ins",
    "lock_outs_lifted",
)
DERIVE_ANEW = "derive_anew"
"""The fact that a step has left the projections to be derived from the journal once more."""

_FIRST = (
    # What the till knows of itself, as JSON under a name; see `facts`.
    """
    CREATE TABLE facts (
        name TEXT PRIMARY KEY,
        value BLOB NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE journal (
        seq INTEGER PRIMARY KEY CHECK (seq > 0),
        kind TEXT NOT NULL,
        receipt_no TEXT UNIQUE,
        at TEXT NOT NULL,
        prev_hash BLOB NOT NULL CHECK (length(prev_hash) = 32),
        hash BLOB NOT NULL CHECK (length(hash) = 32),
        body BLOB NOT NULL
    ) STRICT
    """,
    """
    CREATE TRIGGER journal_grows_at_its_end BEFORE INSERT ON journal
    WHEN NEW.seq != coalesce((SELECT max(seq) FROM journal), 0) + 1
    BEGIN SELECT RAISE(ABORT, 'the journal grows by one, at its end'); END
    """,
    """
    CREATE TRIGGER journal_is_never_changed BEFORE UPDATE ON journal
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END
    """,
    """
    CREATE TRIGGER journal_is_never_cut BEFORE DELETE ON journal
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END
    """,
    """
    CREATE TABLE receipts (
        seq INTEGER PRIMARY KEY REFERENCES journal (seq),
        receipt_no TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('sale', 'refund')),
        of TEXT,
        at TEXT NOT NULL,
        date TEXT NOT NULL,
        cashier TEXT NOT NULL,
        member_no TEXT,
        online INTEGER NOT NULL CHECK (online IN (0, 1)),
        sales INTEGER NOT NULL,
        refunds INTEGER NOT NULL,
        gross_fen INTEGER NOT NULL,
        adjustments_fen INTEGER NOT NULL,
        payable_fen INTEGER NOT NULL,
        cash_fen INTEGER NOT NULL,
        points_redeemed INTEGER NOT NULL,
        points_earned INTEGER NOT NULL,
        received_fen INTEGER NOT NULL,
        share_fen INTEGER NOT NULL,
        reimbursements_fen INTEGER NOT NULL,
        CHECK ((kind = 'refund') = (of IS NOT NULL))
    ) STRICT
    """,
    "CREATE INDEX receipts_of_date ON receipts (date)",
    "CREATE INDEX refunds_of_sale ON receipts (of) WHERE of IS NOT NULL",
    # By how much each entry changed a member's balance, in minor units of the asset.
    """
    CREATE TABLE member_changes (
        member_no TEXT NOT NULL,
        seq INTEGER NOT NULL REFERENCES journal (seq),
        asset TEXT NOT NULL,
        amount INTEGER NOT NULL,
        PRIMARY KEY (member_no, seq, asset)
    ) STRICT, WITHOUT ROWID
    """,
    # Under the date of the sale; a refund takes off what it gave back.
    """
    CREATE TABLE offline_redeemed (
        member_no TEXT NOT NULL,
        date TEXT NOT NULL,
        asset TEXT NOT NULL,
        seq INTEGER NOT NULL REFERENCES journal (seq),
        value_fen INTEGER NOT NULL,
        PRIMARY KEY (member_no, date, asset, seq)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE log_ins (
        number TEXT NOT NULL,
        seq INTEGER NOT NULL REFERENCES journal (seq),
        at_s INTEGER NOT NULL,
        ok INTEGER NOT NULL CHECK (ok IN (0, 1)),
        PRIMARY KEY (number, seq)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE print_jobs (
        id INTEGER PRIMARY KEY,
        seq INTEGER NOT NULL REFERENCES journal (seq),
        copy INTEGER NOT NULL CHECK (copy IN (0, 1)),
        balances BLOB NOT NULL,
        state TEXT NOT NULL DEFAULT 'queued' CHECK (
            state IN ('queued', 'sending', 'printed', 'failed', 'given_up')
        ),
        attempts INTEGER NOT NULL DEFAULT 0,
        may_have_printed INTEGER NOT NULL DEFAULT 0 CHECK (may_have_printed IN (0, 1)),
        problem TEXT NOT NULL DEFAULT ''
    ) STRICT
    """,
    "CREATE INDEX unprinted ON print_jobs (id) WHERE state NOT IN ('printed', 'given_up')",
    """
    CREATE TABLE open_cart (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        cart BLOB NOT NULL
    ) STRICT
    """,
    # What the hub put aside, and why; an entry leaves when the hub takes it after all.
    """
    CREATE TABLE quarantined (
        seq INTEGER NOT NULL,
        hash TEXT NOT NULL,
        verdict TEXT NOT NULL,
        reason TEXT NOT NULL,
        PRIMARY KEY (seq, hash)
    ) STRICT, WITHOUT ROWID
    """,
)


def _first(database: Database) -> None:
    for statement in _FIRST:
        database.execute(statement)


_SECOND = (
    "DROP TABLE receipts",
    """
    CREATE TABLE receipts (
        seq INTEGER PRIMARY KEY REFERENCES journal (seq),
        receipt_no TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('sale', 'refund', 'membership')),
        of TEXT,
        at TEXT NOT NULL,
        date TEXT NOT NULL,
        cashier TEXT NOT NULL,
        member_no TEXT,
        online INTEGER NOT NULL CHECK (online IN (0, 1)),
        sales INTEGER NOT NULL,
        refunds INTEGER NOT NULL,
        gross_fen INTEGER NOT NULL,
        adjustments_fen INTEGER NOT NULL,
        payable_fen INTEGER NOT NULL,
        cash_fen INTEGER NOT NULL,
        points_redeemed INTEGER NOT NULL,
        points_earned INTEGER NOT NULL,
        received_fen INTEGER NOT NULL,
        share_fen INTEGER NOT NULL,
        reimbursements_fen INTEGER NOT NULL,
        memberships INTEGER NOT NULL,
        fees_fen INTEGER NOT NULL,
        CHECK ((kind = 'refund') = (of IS NOT NULL))
    ) STRICT
    """,
    "CREATE INDEX receipts_of_date ON receipts (date)",
    "CREATE INDEX refunds_of_sale ON receipts (of) WHERE of IS NOT NULL",
    # By how much each entry changed a member's balance, and how much of it used up what was there before.
    "DROP TABLE member_changes",
    """
    CREATE TABLE member_changes (
        member_no TEXT NOT NULL,
        seq INTEGER NOT NULL REFERENCES journal (seq),
        asset TEXT NOT NULL,
        amount INTEGER NOT NULL,
        spent INTEGER NOT NULL,
        PRIMARY KEY (member_no, seq, asset)
    ) STRICT, WITHOUT ROWID
    """,
    # By how much each entry changed the merchant's deposit, in minor units of the asset.
    """
    CREATE TABLE merchant_changes (
        seq INTEGER NOT NULL REFERENCES journal (seq),
        asset TEXT NOT NULL,
        amount INTEGER NOT NULL,
        PRIMARY KEY (seq, asset)
    ) STRICT, WITHOUT ROWID
    """,
    # The plan that a member has since an own entry.
    """
    CREATE TABLE memberships (
        member_no TEXT NOT NULL,
        seq INTEGER NOT NULL REFERENCES journal (seq),
        plan TEXT NOT NULL,
        last_day TEXT NOT NULL,
        PRIMARY KEY (member_no, seq)
    ) STRICT, WITHOUT ROWID
    """,
    # Units sold under rules that have a quota; a sale undone as a whole gives them back.
    """
    CREATE TABLE rule_units (
        rule TEXT NOT NULL,
        date TEXT NOT NULL,
        seq INTEGER NOT NULL REFERENCES journal (seq),
        units INTEGER NOT NULL,
        PRIMARY KEY (rule, date, seq)
    ) STRICT, WITHOUT ROWID
    """,
    # A printed coupon is used up once; the key makes the second time fail.
    """
    CREATE TABLE spent_coupons (
        number TEXT PRIMARY KEY,
        seq INTEGER NOT NULL REFERENCES journal (seq)
    ) STRICT, WITHOUT ROWID
    """,
    # a new file has nothing to derive
    f"""
    INSERT INTO facts (name, value)
    SELECT '{DERIVE_ANEW}', CAST('true' AS BLOB) WHERE EXISTS (SELECT 1 FROM journal)
    """,  # noqa: S608 - our own word
)


def _second(database: Database) -> None:
    for statement in _SECOND:
        database.execute(statement)


_THIRD = (
    # A slip of its own instead of the receipt at `seq`.
    "ALTER TABLE print_jobs ADD COLUMN text TEXT",
    # What came of the hub's commands; `told` once the hub has it. A row is why a command is never done twice.
    """
    CREATE TABLE commands_done (
        id TEXT PRIMARY KEY,
        number INTEGER NOT NULL,
        outcome TEXT NOT NULL,
        detail TEXT NOT NULL,
        at TEXT NOT NULL,
        told INTEGER NOT NULL DEFAULT 0 CHECK (told IN (0, 1))
    ) STRICT, WITHOUT ROWID
    """,
)


def _third(database: Database) -> None:
    for statement in _THIRD:
        database.execute(statement)


_FOURTH = (
    # Whatever may be used once is used once; the key makes the second time fail.
    "DROP TABLE spent_coupons",
    """
    CREATE TABLE spent_rights (
        kind TEXT NOT NULL,
        key TEXT NOT NULL,
        seq INTEGER NOT NULL REFERENCES journal (seq),
        PRIMARY KEY (kind, key)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE lock_outs_lifted (
        number TEXT NOT NULL,
        seq INTEGER NOT NULL REFERENCES journal (seq),
        PRIMARY KEY (number, seq)
    ) STRICT, WITHOUT ROWID
    """,
    # Under the date and the entry of the sale, also what a refund takes off.
    "DROP TABLE offline_redeemed",
    """
    CREATE TABLE offline_redeemed (
        member_no TEXT NOT NULL,
        date TEXT NOT NULL,
        asset TEXT NOT NULL,
        seq INTEGER NOT NULL REFERENCES journal (seq),
        sale_seq INTEGER NOT NULL,
        value_fen INTEGER NOT NULL,
        PRIMARY KEY (member_no, date, asset, seq)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX offline_redeemed_by_sale ON offline_redeemed (asset, sale_seq)",
    # a new file has nothing to derive
    f"""
    INSERT INTO facts (name, value)
    SELECT '{DERIVE_ANEW}', CAST('true' AS BLOB) WHERE EXISTS (SELECT 1 FROM journal)
    ON CONFLICT DO NOTHING
    """,  # noqa: S608 - our own word
)


def _fourth(database: Database) -> None:
    for statement in _FOURTH:
        database.execute(statement)


def _fifth(database: Database) -> None:
    # few among many: a day's are found without reading its sales
    database.execute("CREATE INDEX drawers_opened ON journal (at) WHERE kind = 'drawer_opened'")


JOURNAL_SCHEMA = Schema((_first, _second, _third, _fourth, _fifth))
