"""What the status bytes of an ESC/POS printer mean. Pure.

Source: Epson's ESC/POS command reference, `DLE EOT n`; the clones' manuals repeat its tables. Every
answer is one byte whose bits 0 and 7 are 0 and bits 1 and 4 are 1. What differs is:

====  =================  ==========================================================
n     asks for           bits
====  =================  ==========================================================
1     printer            2 level of the drawer's contact; 3 off line
2     cause of off line  2 cover open; 5 stopped for want of paper; 6 error
4     paper              2 and 3 near the end; 5 and 6 at the end
====  =================  ==========================================================
"""

from __future__ import annotations

from drivers.contracts import PrinterState

PRINTER = 1
OFFLINE_CAUSE = 2
PAPER = 4
QUERIES = (PRINTER, OFFLINE_CAUSE, PAPER)

FIXED_MASK = 0b1001_0011
FIXED_BITS = 0b0001_0010
OFFLINE = 0b0000_1000  # of answer 1
COVER_OPEN = 0b0000_0100  # of answer 2
PAPER_STOP = 0b0010_0000  # of answer 2
ERROR = 0b0100_0000  # of answer 2
NEAR_END = 0b0000_1100  # of answer 4
PAPER_END = 0b0110_0000  # of answer 4


def is_status(answer: bytes) -> bool:
    """Whether this is exactly one byte, with the fixed bits in place."""
    return len(answer) == 1 and answer[0] & FIXED_MASK == FIXED_BITS


def decode(printer: bytes, offline_cause: bytes, paper: bytes) -> PrinterState:
    """Reads the answers to `DLE EOT` 1, 2 and 4 together; an empty answer is one that did not come.

    An open cover is named before missing paper, since many covers hold the paper sensor and report both,
    and either before plain "offline", of which they are the cause. A single answer that is missing or
    makes no sense leaves the whole state `UNKNOWN`: "no news" is not "paper is adequate".
    """
    if not all(map(is_status, (printer, offline_cause, paper))):
        return PrinterState.UNKNOWN
    if offline_cause[0] & COVER_OPEN:
        return PrinterState.COVER_OPEN
    if offline_cause[0] & PAPER_STOP or paper[0] & PAPER_END:
        return PrinterState.PAPER_OUT
    if printer[0] & OFFLINE or offline_cause[0] & ERROR:
        return PrinterState.OFFLINE
    return PrinterState.PAPER_LOW if paper[0] & NEAR_END else PrinterState.READY
