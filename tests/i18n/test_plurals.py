"""English counts as people do: one day, two days, and the catalogue says it in one place."""

from __future__ import annotations

import re

import pytest
from flask import render_template_string
from flask_babel import force_locale, gettext

from approval import words
from approval.i18n import said
from approval.plurals import FORMS, agreed
from tests.app_fixtures import World
from workflows.engine import No

LATE = "已逾期 %(n)s 天"
WAITING = "%(department)s %(period)s 有 %(n)s 人等待制单"


@pytest.mark.parametrize(
    ("n", "told"), [(0, "0 days"), (1, "1 day"), (2, "2 days"), ("1", "1 day"), ("−1", "−1 day"), ("1.50", "1.50 days")]
)
def test_a_word_agrees_with_its_number(n: object, told: str) -> None:
    assert agreed("%(n)s {n:day|days}", {"n": n}) % {"n": n} == told


def test_a_form_without_its_number_stays_as_it_is() -> None:
    assert agreed("{n:day|days}", {}) == "{n:day|days}"


@pytest.mark.parametrize(("n", "told"), [(1, "1 day overdue"), (3, "3 days overdue")])
def test_code_pages_and_refusals_count_alike(world: World, n: int, told: str) -> None:
    with world.app.test_request_context(), force_locale("en"):
        assert gettext(LATE, n=n) == told
        assert render_template_string("{{ _('" + LATE + "', n=n) }}", n=n) == told
        assert said(No(LATE, n=n)) == told


def test_what_goes_into_a_sentence_on_a_page_is_escaped(world: World) -> None:
    with world.app.test_request_context(), force_locale("en"):
        shown = render_template_string("{{ _('" + WAITING + "', n=1, department='<b>', period='2026-10') }}")
    assert shown == "1 person of &lt;b&gt;, 2026-10 waits for a batch"


def sentences() -> dict[str, str]:
    return {str(one.id): str(one.string) for one in words.read() if one.id}


def test_every_counted_noun_of_the_catalogue_has_both_forms() -> None:
    """A noun that the catalogue writes in both forms anywhere is nowhere written in the plural after a bare number."""
    forms = [many for english in sentences().values() for _name, _one, many in FORMS.findall(english)]
    nouns = {many for many in forms if many == "people" or re.fullmatch("[a-z-]+s", many)}
    assert {"people", "days", "rows"} <= nouns
    bare = re.compile(
        r"%\((?!period|week\b|name|department)\w+\)s (?:[a-z]+ )?(?:" + "|".join(sorted(nouns)) + r")\b(?! = )"
    )
    assert [english for english in sentences().values() if bare.search(english)] == []
    assert [english for english in sentences().values() if re.search(r"[a-z]\(s\)", english)] == []


def test_every_form_counts_what_its_sentence_names() -> None:
    wrong = [
        english
        for english in sentences().values()
        if {name for name, _one, _many in FORMS.findall(english)} - set(words.PLACE.findall(english))
    ]
    assert wrong == []
