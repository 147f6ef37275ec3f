from __future__ import annotations

from tests.usecases.conftest import data, shop, template

__all__ = ["data", "shop", "template"]
