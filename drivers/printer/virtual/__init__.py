"""A receipt printer made of software: speaks ESC/POS over TCP, prints to PNG files.

It can be out of paper, open, off line, slow or dead on request, which real printers only are when
nobody wants them to be.
"""

from drivers.printer.virtual.cli import main
from drivers.printer.virtual.machine import Mode
from drivers.printer.virtual.server import VirtualPrinter

__all__ = ["Mode", "VirtualPrinter", "main"]
