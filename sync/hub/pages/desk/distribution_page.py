"""The yearly distribution at the desk: totals of each year, and one member's line when it is asked for."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection

from sync.hub.alliance import packs
from sync.hub.hub import setting
from sync.hub.pages import figures_in_words as words
from sync.hub.pages import framing
from sync.hub.pages.desk.rights import Reader
from sync.hub.pages.spoken import Naming
from sync.hub.people.visitors import PageRefused
from sync.hub.schedules.report_files import contribution_text
from sync.hub.schedules.reporting import (
    DistributionReport,
    Line,
    distributed_years,
    distribution_line_of,
    distribution_report,
)
from sync.hub.web.edge import TheHub
from sync.hub.words import Words

ROUTES = APIRouter(include_in_schema=False)

_MEMBER_LENGTH_MAX = 40


@ROUTES.get("/desk/distribution")
def distribution(request: Request, hub: TheHub, visitor: Reader) -> Response:
    """`?year=` (without it the latest one), and with `?member=` that member's line."""
    with hub.database.read() as connection:
        years = distributed_years(connection)
        year = request.query_params.get("year", "") or (years[0] if years else "")
        if year and year not in years:
            raise PageRefused(404, _NO_YEAR, year=year[:10])
        member = request.query_params.get("member", "").strip().replace("\0", "")[:_MEMBER_LENGTH_MAX]
        report = distribution_report(connection, year) if year else None
        timezone = setting(connection, "timezone")
        return framing.page(
            request,
            visitor,
            "desk/distribution.html",
            place="distribution",
            alliance=setting(connection, "alliance_name"),
            years=years,
            report=report,
            rule=_has_rule(connection),
            member=member,
            line=_line(connection, report, member),
            contribution=contribution_text,
            naming=Naming(connection, visitor.language),
            moment=lambda stamp: words.moment(stamp, timezone, visitor.language),
        )


def _line(connection: Connection, report: DistributionReport | None, member: str) -> Line | None:
    return distribution_line_of(connection, report.year, member) if report and member else None


def _has_rule(connection: Connection) -> bool:
    pack = packs.current(connection)
    return pack is not None and pack.distribution is not None


_NO_YEAR = Words("{year} 年还没有分配。", "Nothing has been distributed for {year}.")
