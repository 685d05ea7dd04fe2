"""The answer of a what-if: sums, the biggest change first, minimum wage and fairness, worked out by hand."""

from __future__ import annotations

from decimal import Decimal

from approval.rules.explanation import PayLine, PayResult, Words
from approval.rules.policy import chosen, read_shipped
from approval.rules.refusal import Refused
from approval.rules.replay import TierMove
from approval.rules.what_if import Fairness, LineChange, MonthChange, NotReplayed, Unit, WhatIf, band_of, by_person

PLANNING, SERVICE = Unit(1, "策划部", "Planning"), Unit(2, "客服部", "Service")
POLICY = chosen(read_shipped("d17-c1"), {})


def pay(**lines: int) -> PayResult:
    told = tuple(PayLine(code, f"项{code}", f"line {code}", fen, f"{fen} fen", ()) for code, fen in lines.items())
    return PayResult(told, sum(lines.values()))


def month(
    number: str,
    before: PayResult,
    after: PayResult,
    *,
    unit: Unit = PLANNING,
    period: str = "2026-10",
    score: str = "80",
    minimum_fen: int | None = None,
    moves: tuple[TierMove, ...] = (),
    bands: tuple[str, str] = ("B", "B"),
) -> MonthChange:
    scores = (Decimal(score), Decimal(score))
    return MonthChange(number, f"N{number}", unit, period, *scores, before, after, moves, minimum_fen, *bands)


def answer(*months: MonthChange, left_out: tuple[NotReplayed, ...] = ()) -> WhatIf:
    return WhatIf(POLICY, ("2026-10",), None, by_person(months), left_out)


def test_only_lines_that_come_to_something_else_are_told_and_a_line_may_come_or_go() -> None:
    told = month("1", pay(base=100, old=50, zero=0), pay(base=100, new=70, zero=1))
    assert told.lines == (
        LineChange("old", "项old", "line old", 50, None, "50 fen", ""),
        LineChange("zero", "项zero", "line zero", 0, 1, "0 fen", "1 fen"),
        LineChange("new", "项new", "line new", None, 70, "", "70 fen"),
    )
    assert [line.difference_fen for line in told.lines] == [-50, 1, 70]
    assert told.difference_fen == 21


def test_people_come_with_the_biggest_change_first_whatever_its_sign() -> None:
    told = answer(
        month("1", pay(base=100), pay(base=110)),
        month("2", pay(base=100), pay(base=70)),
        month("1", pay(base=1), pay(base=1), period="2026-08"),
        month("1", pay(base=100), pay(base=105), period="2026-09", unit=SERVICE),
        month("4", pay(base=10), pay(base=10)),
        month("3", pay(base=10), pay(base=10)),
    )
    assert [(one.number, one.difference_fen) for one in told.people] == [("2", -30), ("1", 15), ("3", 0), ("4", 0)]
    assert told.people[1].name == "N1"
    assert (told.before_fen, told.after_fen, told.difference_fen) == (321, 306, -15)
    assert told.people[1].department == SERVICE, "that of his last month in the answer"


def test_the_cost_of_departments_adds_up_to_the_whole() -> None:
    told = answer(
        month("1", pay(base=100), pay(base=110)),
        month("2", pay(base=100), pay(base=70), unit=SERVICE),
        month("1", pay(base=100), pay(base=105), period="2026-09"),
    )
    costs = [(one.department.en, one.people, one.before_fen, one.after_fen) for one in told.departments]
    assert costs == [("Service", 1, 100, 70), ("Planning", 1, 200, 215)]
    assert sum(one.difference_fen for one in told.departments) == told.difference_fen == -15


def test_equal_costs_are_told_by_name() -> None:
    told = answer(
        month("1", pay(base=1), pay(base=2), unit=SERVICE), month("2", pay(base=1), pay(base=0), unit=PLANNING)
    )
    assert [one.department.zh for one in told.departments] == ["客服部", "策划部"]


def test_months_below_the_minimum_before_or_after_are_named_with_the_gap() -> None:
    told = answer(
        month("1", pay(base=90), pay(base=100), minimum_fen=100),
        month("2", pay(base=100), pay(base=99), minimum_fen=100),
        month("3", pay(base=100), pay(base=100), minimum_fen=100),
        month("4", pay(base=1), pay(base=1)),
        month("5", pay(base=1), pay(base=1), unit=SERVICE, period="2026-Q4"),
    )
    assert {one.number: (one.gap_before_fen, one.gap_after_fen) for one in told.below_minimum} == {
        "1": (10, 0),
        "2": (0, 1),
    }
    assert told.without_minimum == ("策划部",), "a quarter has no minimum wage of a month"


def test_who_moves_is_told_and_who_was_left_out() -> None:
    move = TierMove(Words("档位", "Tier"), Words("B", "B"), Words("A", "A"))
    left = NotReplayed("9", "N9", "2026-10", Refused("这个月还没有算出工资"))
    told = answer(month("1", pay(a=1), pay(a=1), moves=(move,)), month("2", pay(a=1), pay(a=1)), left_out=(left,))
    assert [one.number for one in told.tier_moves] == ["1"]
    assert told.left_out == (left,)


def test_fairness_is_told_by_period_for_three_people_or_more() -> None:
    told = answer(
        month("1", pay(a=100), pay(a=300), score="70", bands=("B", "A")),
        month("2", pay(a=200), pay(a=200), score="80", bands=("B", "A")),
        month("3", pay(a=300), pay(a=100), score="90", bands=("A", "A")),
        month("1", pay(a=100), pay(a=100), period="2026-09"),
        month("2", pay(a=100), pay(a=100), period="2026-09"),
    )
    (one,) = told.fairness
    assert (one.period, one.people) == ("2026-10", 3)
    assert one.before == Fairness(Decimal("1.00"), 0, Decimal("1.50"), Decimal("0.22"))
    assert one.after == Fairness(Decimal("-1.00"), 3, Decimal("1.50"), Decimal("0.22"))


def test_a_band_is_that_of_everything_that_the_policy_scales() -> None:
    assert band_of(POLICY, Decimal(85)) == "≥ 80 → 1"
    assert band_of(POLICY, None) == ""
    linear = chosen(read_shipped("d15-planning-linear"), {})
    assert band_of(linear, Decimal(60)).startswith("差评员工|")
