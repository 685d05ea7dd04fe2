"""What differs between two versions: every part is found, words alone are told apart from what decides pay."""

from __future__ import annotations

import pytest

from approval.rules.policy import Policy, chosen, fingerprint, load, read_shipped, shipped_codes, shipped_text
from approval.rules.policy_diff import Change, differences

COPY = "d17-c1"


def changed(*changes: tuple[str, str], code: str = COPY, **choices: str) -> tuple[Change, ...]:
    """What differs after replacing texts in a shipped policy, and with other readings."""
    source = shipped_text(code)
    for old, new in changes:
        assert old in source, old
        source = source.replace(old, new, 1)
    return differences(chosen(read_shipped(code), {}), chosen(load(source), choices))


def told(changes: tuple[Change, ...]) -> list[tuple[str, str, str]]:
    return [(one.block, one.code, one.kind) for one in changes]


@pytest.mark.parametrize("code", shipped_codes())
def test_a_policy_does_not_differ_from_itself(code: str) -> None:
    assert differences(read_shipped(code), load(shipped_text(code))) == ()


@pytest.mark.parametrize("code", shipped_codes())
def test_whatever_reading_changes_the_policy_is_told_as_more_than_the_reading(code: str) -> None:
    policy = read_shipped(code)
    plain = chosen(policy, {})
    for option in policy.options:
        for choice in option.choices:
            other = chosen(policy, {option.code: choice})
            found = told(differences(plain, other))
            if fingerprint(other) == fingerprint(plain):
                assert found == []
                continue
            assert ("options", option.code, "changed") in found
            assert len(found) > 1, f"{option.code}={choice} patches nothing that is compared"


def test_a_figure_of_the_policy_shows_in_the_line_that_it_makes() -> None:
    found = changed(('bonus = { value = "300"', 'bonus = { value = "400"'))
    assert told(found) == [("components", "performance_bonus", "changed"), ("params", "bonus", "changed")]
    figure = found[1]
    assert (figure.name.zh, figure.name.en) == ("绩效奖金", "Performance bonus")
    assert (figure.before["value"], figure.after["value"]) == ("300", "400")


def test_a_figure_that_the_company_now_fills_itself_is_a_change() -> None:
    found = changed(('bonus = { value = "300"', 'bonus = { per = ["employee"]'))
    assert told(found) == [("components", "performance_bonus", "changed"), ("params", "bonus", "changed")]


def test_a_line_that_comes_or_goes_is_named() -> None:
    line = '[[components]]\ncode = "meal"\nzh = "餐补"\nen = "Meals"\nfactors = [{ const = "200" }]\n[options.tiers]'
    (added,) = changed(("[options.tiers]", line))
    assert (added.block, added.code, added.kind, added.before) == ("components", "meal", "added", None)
    assert (added.name.zh, added.name.en) == ("餐补", "Meals")
    with_meal = load(shipped_text(COPY).replace("[options.tiers]", line, 1))
    (removed,) = differences(chosen(with_meal, {}), chosen(read_shipped(COPY), {}))
    assert (removed.kind, removed.name.en, removed.after) == ("removed", "Meals", None)


def test_words_alone_are_told_apart_from_what_decides_pay() -> None:
    assert told(changed(('\nquote = "绩效80分以上', '\nquote = "（更正）绩效80分以上'))) == [
        ("components", "performance_bonus", "worded")
    ]
    assert told(changed(('en = "Base pay" }', 'en = "Basic pay" }'))) == [("params", "base", "worded")]
    assert told(changed(('quote = "奖励结果', 'quote = "结果'))) == [("publication", "quote", "worded")]
    assert told(changed(('rules = ["R104"]\n', ""))) == [("publication", "rules", "worded")]
    assert told(changed(('zh = "绩效奖金档位"', 'zh = "奖金的档位"'))) == [("options", "tiers", "worded")]


def test_names_and_dates_of_the_version_are_no_difference() -> None:
    assert changed(('effective_from = "2023-01-01"', 'effective_from = "2027-01-01"')) == ()
    assert changed(("version = 1", "version = 2")) == ()


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ('max = 40, zh = "根据策划部计划', 'max = 30, zh = "根据策划部计划', ("kpi", "plan", "changed")),
        ('"self", weight = "0.25"', '"self", weight = "0.5"', ("parts", "self", "changed")),
        ("min = 3, target = 5", "min = 4, target = 5", ("sampling", "per_period", "changed")),
        ("run = 3", "run = 2", ("streaks", "three_months_below_60", "changed")),
        ("objection_days = 3", "objection_days = 5", ("publication", "objection_days", "changed")),
        ('positions = ["C-1"]', 'positions = ["C-1", "C-2"]', ("scope", "positions", "changed")),
        ('cycle = "month"', 'cycle = "quarter"', ("policy", "cycle", "changed")),
        ("late = {", 'night = { type = "count" }\nlate = {', ("inputs", "night", "added")),
        ('money = { places = 2, mode = "half_up", when = "line" }\n', "", ("rounding", "money", "removed")),
        ("[params]", "[lint]\nmonotone = []\n[params]", ("lint", "monotone", "added")),
    ],
)
def test_every_block_is_compared(old: str, new: str, where: tuple[str, str, str]) -> None:
    assert told(changed((old, new))) == [where]


def test_a_block_that_nobody_thought_of_is_not_passed_over() -> None:
    policy = read_shipped(COPY)
    other = Policy({**policy.raw, "meals": {"free": True}})
    assert told(differences(policy, other)) == [("meals", "meals", "added")]
    assert told(differences(other, policy)) == [("meals", "meals", "removed")]


def test_blocks_come_in_the_order_of_a_document() -> None:
    found = changed(("run = 3", "run = 2"), ('cycle = "month"', 'cycle = "year"'), ('value = "300"', 'value = "301"'))
    assert [one.block for one in found] == ["policy", "components", "params", "streaks"]
