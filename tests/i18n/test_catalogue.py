"""The English catalogue is complete, and the compiled file is the catalogue's."""

from __future__ import annotations

from approval import words


def test_every_chinese_sentence_has_its_english() -> None:
    assert words.missing(words.read()) == []


def test_the_kept_catalogue_is_the_one_of_todays_sentences() -> None:
    assert {one.id for one in words.read() if one.id} == words.msgids()


def test_the_compiled_catalogue_is_fresh() -> None:
    assert words.MO.read_bytes() == words.compiled(words.read())


def test_a_sentence_that_loses_a_placeholder_on_its_way_is_missed() -> None:
    kept = words.read()
    text = "%(day)s 离职"
    assert text in words.msgids()
    kept[text].string = "Leaves"
    assert words.missing(kept) == [text]
