"""The library of KPI templates: every sentence is the source's own, every name is in both languages, a bad file is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from approval.rules.kpi_library import (
    FOLDER,
    Duty,
    Library,
    Template,
    by_function,
    libraries,
    read_library,
    template_at,
)
from approval.rules.policy import chosen, load, shipped_text
from approval.rules.policy_figures import figures
from approval.rules.policy_lint import lints
from approval.rules.policy_text import PolicyText
from approval.rules.refusal import Refused

HERE = Path(__file__).resolve().parent
SOURCE = (HERE / "source.txt").read_text(encoding="utf-8")
RULES = {line.split()[0] for line in (HERE / "rule_lines.txt").read_text(encoding="utf-8").splitlines() if line}
D07 = (FOLDER / "d07.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("library", libraries(), ids=lambda one: one.code)
def test_every_point_and_duty_quotes_the_source_and_names_its_rules(library: Library) -> None:
    duties = [*library.notes, *(duty for group in library.groups for duty in group.duties)]
    told: list[Template | Duty] = [*library.points, *duties]
    for one in told:
        assert one.quote, one.name
        assert one.quote in SOURCE, one.quote
        assert set(one.rules) <= RULES
        assert one.name.zh != one.name.en
    assert all(point.rules for point in library.points)


def test_duties_are_shown_with_their_rule_or_none_and_are_no_points() -> None:
    d05, d06 = libraries()[:2]
    assert {rule for group in d05.groups for duty in group.duties for rule in duty.rules} == {"R051"}
    assert [len(group.duties) for group in d05.groups] == [3] * 5
    assert not any(duty.rules for group in d06.groups for duty in group.duties)
    assert [note.rules for note in d05.notes] == [("R052",)]


def test_the_library_is_read_by_function_and_every_point_has_an_address_of_its_own() -> None:
    points = [point for _, groups in by_function() for _, group in groups for point in group.points]
    assert len(points) == len({point.address for point in points}) == 50
    assert template_at("d07/service/resolution").name.zh == "问题解决率"
    with pytest.raises(Refused, match="指标库里没有"):
        template_at("d07/service/nothing")


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('kind = "post"', 'kind = "club"', r"groups.sales.kind.*以下之一"),
        ('function = "sales"', 'functon = "sales"', r"functon.*没有这一项"),
        ('zh = "销售额", ', "", r"groups\[0\].points\[0\].zh 缺少"),
        ('code = "order_value"', 'code = "sales"', r"groups.sales.points.sales 缺少或重复"),
        ('rules = ["R055"]\npoints', "points", r"groups\[0\].rules 缺少"),
        ("format = 1", "format = [", "不是正确的 TOML"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_by_its_path(old: str, new: str, why: str) -> None:
    assert old in D07
    with pytest.raises(Refused, match=why):
        read_library(D07.replace(old, new, 1), "d07.toml")


def taken(code: str, key: str, address: str) -> PolicyText:
    """A shipped policy with a point of the library added."""
    text, point = PolicyText(shipped_text(code)), template_at(address)
    found = figures(load(text.text).raw, {})
    path = found.items_path if key == "max" else found.indicators_path
    names = {"zh": point.name.zh, "en": point.name.en, "rules": list(point.rules), "quote": point.quote}
    text.add_template(path, key, names)
    return text


def blocks(text: str, choices: dict[str, str] | None = None) -> set[str]:
    return {one.code for one in lints(chosen(load(text), choices or {})) if one.severity == "block"}


def test_a_point_taken_from_the_library_must_get_its_figure_before_anything_is_published() -> None:
    item = load(taken("d17-c1", "max", "d07/service/resolution").text).kpi[-1]
    assert (item.zh, item.en, item.rules, str(item.max)) == ("问题解决率", "Resolution rate", ("R058",), "1")
    assert {"to_fill", "kpi_sum"} <= blocks(taken("d17-c1", "max", "d07/service/resolution").text)
    weighed = taken("d13-quarterly-bonus", "weight", "d14/teamwork/teamwork")
    assert "weights" not in blocks(weighed.text), "a weight of nothing changes no sum"
    weighed.put(("appraisal", "indicators", 4, "weight"), "0.1")
    assert "weights" in blocks(weighed.text)
    weighed.put(("appraisal", "indicators", 0, "weight"), "0.15")
    assert "weights" not in blocks(weighed.text)


READING = """
[options.items]
zh = "指标表"
en = "KPI table"
default = "long"
doc = "A-23"
names.long = { zh = "六项", en = "Six items" }
names.short = { zh = "一项", en = "One item" }
[options.items.choices.long]
[options.items.choices.short]
"kpi" = [{ code = "work", max = 100, zh = "工作", en = "Work" }]
"""


def test_an_item_added_inside_a_reading_becomes_the_companys_own_and_the_reading_keeps_its_items() -> None:
    text = PolicyText(shipped_text("d17-c1") + READING)
    path = figures(load(text.text).raw, {"items": "short"}).items_path
    assert path[:2] == ("options", "items")
    text.add_item(path, "新的指标")
    assert text.own == {"items": "company"}
    option = load(text.text).raw["options"]["items"]["choices"]
    assert (len(option["short"]["kpi"]), len(option["company"]["kpi"])) == (1, 2)


def test_an_indicator_is_taken_away_and_the_last_one_stays() -> None:
    text = PolicyText(shipped_text("d13-quarterly-bonus"))
    path = figures(load(text.text).raw, {}).indicators_path
    for _ in range(3):
        text.drop_item(path, 0)
    assert [one["code"] for one in load(text.text).raw["appraisal"]["indicators"]] == ["efficiency"]
    with pytest.raises(Refused, match="至少保留一行"):
        text.drop_item(path, 0)


def test_a_target_is_kept_in_words_and_taken_away_again() -> None:
    text = PolicyText(shipped_text("d17-c1"))
    text.put(("kpi", 0, "target"), "每月 12 篇")
    assert load(text.text).kpi[0].target == "每月 12 篇"
    text.put(("kpi", 0, "target"), None)
    assert text.text == shipped_text("d17-c1")
