"""`python -m drivers.printer.virtual`, the same as the command `pos-virtual-printer`."""

from drivers.printer.virtual import main

if __name__ == "__main__":
    main()
