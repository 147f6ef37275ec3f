"""What packs say and what books name, in words: with the same translations as the till's."""

from __future__ import annotations

import functools
import gettext
from importlib.resources import files
from io import BytesIO

from sqlalchemy import Connection, select

from pos.domain.language import Language
from pos.domain.message import Message
from pos.domain.pricing.outcome import ISSUER
from pos.domain.programme.pack import Pack
from pos.domain.programme.rules import coupon_of
from sync.hub.alliance import packs
from sync.hub.pages import figures_in_words as figures
from sync.hub.settlement.files import wording
from sync.hub.storage import schema
from sync.hub.words import Words

TENDERS = {
    "cash": Words("现金", "Cash"),
    "wechat": Words("微信", "WeChat Pay"),
    "alipay": Words("支付宝", "Alipay"),
    "card": Words("刷卡", "Card"),
    "unionpay": Words("云闪付", "UnionPay"),
}
FUNDERS = {
    "merchant": Words("本店", "This shop"),
    "alliance": Words("联盟", "The alliance"),
    "brand": Words("品牌方", "The brand"),
    "issuer": Words("发券商家", "The coupon's issuer"),
}
_SCALE_OTHERWISE = 2


def sentence(message: Message | str, language: Language) -> str:
    """A message, or a name that the catalogue may know, in words."""
    if isinstance(message, str):
        message = Message(message)
    found = _catalogue(language).gettext(message.id) if message.id else ""
    if not message.params:
        return found
    params = {
        name: sentence(value, language) if isinstance(value, Message) else value
        for name, value in message.params.items()
    }
    return found.format(**params)


@functools.cache
def _catalogue(language: Language) -> gettext.NullTranslations:
    if language == "zh":
        return gettext.NullTranslations()
    compiled = files("resources") / "translations" / language / "LC_MESSAGES" / "pos.mo"
    return gettext.GNUTranslations(BytesIO(compiled.read_bytes()))


class Naming:
    """Names of what pages count, by the pack in force; what it does not know keeps its id."""

    def __init__(self, connection: Connection, language: Language) -> None:
        self.pack: Pack | None = packs.current(connection)
        self.language = language
        self._names = self.pack.names() if self.pack else {}
        self._connection = connection

    def of(self, part: str) -> str:
        """A plan, asset or rule."""
        return sentence(self._names.get(part, part), self.language)

    def unit(self, unit: str) -> str:
        """An asset, or a coupon by the rule it is for."""
        coupon = coupon_of(unit)
        if coupon is None:
            return self.of(unit)
        return Words("券「{name}」", "Coupon “{name}”").say(self.language, name=self.of(coupon[0]))

    def amount(self, asset: str, minor: int) -> str:
        """An amount of an asset in whole units, or a number of coupons."""
        if coupon_of(asset) is not None:
            return figures.count(minor)
        assets = self.pack.assets if self.pack else ()
        scale = next((one.scale for one in assets if one.id == asset), _SCALE_OTHERWISE)
        return figures.amount(minor, scale)

    def tender(self, kind: str) -> str:
        return TENDERS[kind].say(self.language) if kind in TENDERS else kind

    def code(self, code: str) -> str:
        """Why something of an asset was booked."""
        return wording.CODES[code].say(self.language) if code in wording.CODES else code

    def funder(self, funder: str) -> str:
        """Who bears something: `merchant`, `alliance`, `brand`, `issuer` or `issuer:<merchant>`."""
        if funder.startswith(ISSUER):
            return self.merchant(funder.removeprefix(ISSUER))
        return FUNDERS[funder].say(self.language) if funder in FUNDERS else funder

    def merchant(self, merchant: str) -> str:
        table = schema.merchants
        name = self._connection.execute(select(table.c.name).where(table.c.id == merchant)).scalar()
        return name or merchant
