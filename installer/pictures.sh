#!/bin/sh
# Makes the README's pictures anew, from the scripted shift: sh installer/pictures.sh
set -eu
cd "$(dirname "$0")/.."
sh installer/setup.sh run
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
QT_QPA_PLATFORM=offscreen .venv/bin/pos demo --headless --out "$out/shift"
mkdir -p docs/pictures
cp "$out/shift/till-1-worked-sale.png" docs/pictures/till.png
cp "$out/shift/till-9-offers.png" docs/pictures/offers.png
cp "$out/shift/receipt-0001.png" docs/pictures/receipt.png
echo "docs/pictures/till.png, offers.png and receipt.png are new."
