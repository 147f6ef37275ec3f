"""English is complete, compiled, and has the same places to fill."""

from __future__ import annotations

import string

import pytest

from pos.domain.message import say
from pos.words import Words
from resources.translations import update


def places(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_every_sentence_has_english_and_none_is_left_over() -> None:
    today = update.updated(update.read())
    assert update.untranslated(today) == []
    assert {str(message.id) for message in update.read() if message.id} == update.sentences()


def test_compiled_catalogue_is_the_committed_one() -> None:
    assert update.compiled(update.read()) == update.MO.read_bytes()


def test_english_fills_the_places_of_the_chinese() -> None:
    for message in update.read():
        if message.id:
            assert places(str(message.string)) == places(str(message.id)), message.id


@pytest.mark.parametrize(
    ("language", "sentence"), [("zh", "还差 3.20 元，请收够 10.00 元"), ("en", "3.20 short; 10.00 is due")]
)
def test_a_sentence_is_put_into_words(language: str, sentence: str) -> None:
    assert Words(language)(say("还差 {short} 元，请收够 {due} 元", short="3.20", due="10.00")) == sentence


def test_an_unknown_language_speaks_chinese() -> None:
    assert Words("xx")(say("现金")) == "现金"


def test_a_message_within_a_message_is_translated_too() -> None:
    inner = say("现金")
    assert Words("en")(say("{asset}余额", asset=inner)) == "Cash balance"


def test_braces_in_a_name_do_no_harm() -> None:
    assert Words("en")(say("{asset}余额", asset="{x}")) == "{x} balance"
