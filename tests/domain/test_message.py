from __future__ import annotations

import msgspec

from pos.domain.message import Message, Refusal, say


def test_a_sentence_with_places() -> None:
    assert str(say("还差 {short} 元", short="1.00")) == "还差 1.00 元"


def test_a_parameter_may_be_a_sentence() -> None:
    assert str(say("{asset}余额", asset=say("积分"))) == "积分余额"


def test_what_is_put_in_is_never_read_as_a_place() -> None:
    assert str(say("码「{code}」", code="{0} {x.__class__}")) == "码「{0} {x.__class__}」"


def test_a_refusal_says_why_to_programs_and_to_people() -> None:
    refusal = Refusal("too_little", say("还差 {short} 元", short="1.00"))
    assert refusal.reason == "too_little"
    assert str(refusal) == "还差 1.00 元"


def test_messages_travel() -> None:
    message = say("还差 {n} 元", n=3)
    assert msgspec.json.decode(msgspec.json.encode(message), type=Message) == message
