"""Every page of the owner's and the desk's part of the site."""

from __future__ import annotations

from sync.hub.pages import card_disputes
from sync.hub.pages.desk import disputes_page as desk_disputes
from sync.hub.pages.desk import (
    distribution_page,
    home_page,
    merchants_page,
    packs_page,
    quarantine_page,
    risk_page,
    settlement_page,
    tasks_page,
    terminals_page,
)
from sync.hub.pages.owner import disputes_page as owner_disputes
from sync.hub.pages.owner import goods_page, matters_page, statements_page, takings_page
from sync.hub.pages.paying import routes as paying

ROUTERS = (
    card_disputes.ROUTES,
    paying.ROUTES,
    takings_page.ROUTES,
    matters_page.ROUTES,
    statements_page.ROUTES,
    goods_page.ROUTES,
    owner_disputes.ROUTES,
    home_page.ROUTES,
    merchants_page.ROUTES,
    terminals_page.ROUTES,
    packs_page.ROUTES,
    tasks_page.ROUTES,
    desk_disputes.ROUTES,
    quarantine_page.ROUTES,
    risk_page.ROUTES,
    settlement_page.ROUTES,
    distribution_page.ROUTES,
)
