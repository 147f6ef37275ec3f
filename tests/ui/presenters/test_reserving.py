"""A printed coupon that another till may have: the hub is asked where it can be."""

from __future__ import annotations

import pytest

from pos.domain.basket import HeldCoupon
from pos.domain.message import say
from pos.ui.presenters.reserving import Reserving
from pos.usecases.ports import Denied, Granted
from tests.ui.presenters.at_the_till import AtTheTill

PRINTED = HeldCoupon("neighbour_30_3", number="00112233445566aa", issuer="M1")
ON_ACCOUNT = HeldCoupon("welcome")


@pytest.mark.parametrize(
    ("answer", "denied"),
    [(Granted(), []), (None, []), (Denied("right_used", say("在别处用过了")), [PRINTED.number])],
)
def test_what_the_hub_says_of_a_coupon(answer: Granted | Denied | None, denied: list[str]) -> None:
    at, heard = AtTheTill(), list[str]()
    at.worked_sale()
    at.fakes.right = answer
    Reserving(at.fakes.services, at.errands, at.view.show_notice).claim(at.till.quoted, PRINTED, heard.append)
    assert at.fakes.rights_asked == [("coupon", PRINTED.number)]
    assert heard == denied
    assert any("在别处用过了" in str(one.message) for one in at.view.notices) == bool(denied)


def test_nobody_is_asked_offline_or_of_what_is_on_the_account() -> None:
    at = AtTheTill()
    at.worked_sale()
    reserving = Reserving(at.fakes.services, at.errands, at.view.show_notice)
    reserving.claim(at.till.quoted, ON_ACCOUNT, print)
    at.sample.hub.go_offline(at.sample.clock.now())
    at.worked_sale()
    reserving.claim(at.till.quoted, PRINTED, print)
    assert at.fakes.rights_asked == []
