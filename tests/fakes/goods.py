"""Goods in a dictionary."""

from __future__ import annotations

from collections.abc import Iterable

from pos.domain.catalogue import Product


class FakeGoods:
    def __init__(self, products: Iterable[Product] = ()) -> None:
        self.products = {product.code: product for product in products}

    def product(self, code: str) -> Product | None:
        return self.products.get(code)

    def search(self, text: str, limit: int) -> tuple[Product, ...]:
        wanted = text.strip().lower()
        if not wanted:
            return ()
        ranked = sorted(
            ((rank, product.code), product)
            for product in self.products.values()
            if (rank := _rank(product, wanted)) is not None
        )
        return tuple(product for _, product in ranked[:limit])


def _rank(product: Product, wanted: str) -> int | None:
    if product.code.startswith(wanted):
        return 0
    if product.initials.startswith(wanted):
        return 1
    return 2 if wanted in product.name.lower() else None
