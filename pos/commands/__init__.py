"""Commands about programmes, one file each; `pos.cli` puts them under `pos`."""
