"""What a what-if answers: each month before and after, who changes tier, costs, minimum wage, fairness; exact, in fen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from approval.rules import fairness
from approval.rules.calendar import MONTH, kind_of
from approval.rules.explanation import PayResult
from approval.rules.guards import minimum_wage
from approval.rules.policy import Policy
from approval.rules.refusal import Refused
from approval.rules.replay import TierMove, tiers_of

FEWEST = 3  # people of whom a figure of fairness says something


@dataclass(frozen=True)
class Unit:
    """A department by its id, with its names."""

    id: int
    zh: str
    en: str


@dataclass(frozen=True)
class LineChange:
    """A pay line that comes to something else; None where the line is not there."""

    code: str
    zh: str
    en: str
    before_fen: int | None
    after_fen: int | None
    before: str
    after: str

    @property
    def difference_fen(self) -> int:
        return (self.after_fen or 0) - (self.before_fen or 0)


@dataclass(frozen=True)
class MonthChange:
    """One person's month before and after; `minimum_fen` is None where no minimum wage is known for his place."""

    number: str
    name: str
    department: Unit
    period: str
    score_before: Decimal | None
    score_after: Decimal | None
    before: PayResult
    after: PayResult
    moves: tuple[TierMove, ...]
    minimum_fen: int | None
    band_before: str
    band_after: str

    @property
    def lines(self) -> tuple[LineChange, ...]:
        return tuple(_line_changes(self.before, self.after))

    @property
    def difference_fen(self) -> int:
        return self.after.total_fen - self.before.total_fen

    @property
    def gap_before_fen(self) -> int:
        return _gap(self.before, self.minimum_fen)

    @property
    def gap_after_fen(self) -> int:
        return _gap(self.after, self.minimum_fen)


def _gap(result: PayResult, minimum_fen: int | None) -> int:
    """How much is lacking to the minimum wage in fen."""
    if minimum_fen is None:
        return 0
    return minimum_wage(result.total_fen, result.outside_minimum_fen, minimum_fen).gap_fen


@dataclass(frozen=True)
class PersonChange:
    """All replayed months of one person."""

    months: tuple[MonthChange, ...]

    @property
    def number(self) -> str:
        return self.months[0].number

    @property
    def name(self) -> str:
        return self.months[0].name

    @property
    def department(self) -> Unit:
        return self.months[-1].department

    @property
    def before_fen(self) -> int:
        return sum(one.before.total_fen for one in self.months)

    @property
    def after_fen(self) -> int:
        return sum(one.after.total_fen for one in self.months)

    @property
    def difference_fen(self) -> int:
        return self.after_fen - self.before_fen


@dataclass(frozen=True)
class Cost:
    """What the months of one department come to, in fen."""

    department: Unit
    people: int
    before_fen: int
    after_fen: int

    @property
    def difference_fen(self) -> int:
        return self.after_fen - self.before_fen


@dataclass(frozen=True)
class NotReplayed:
    """A month that could not be computed again, with the reason in words."""

    number: str
    name: str
    period: str
    reason: Refused


@dataclass(frozen=True)
class Fairness:
    """Whether pay follows the scores in one period (R040, R041): rank correlation, inversions, highest ÷ median, Gini."""

    correlation: Decimal | None
    inversions: int
    median_ratio: Decimal | None
    gini: Decimal | None


@dataclass(frozen=True)
class FairnessOfPeriod:
    period: str
    people: int
    before: Fairness
    after: Fairness


@dataclass(frozen=True)
class WhatIf:
    """The answer: people with the biggest change first, costs, tiers, months left out, minimum wage and fairness."""

    policy: Policy
    periods: tuple[str, ...]
    department: Unit | None
    people: tuple[PersonChange, ...]
    left_out: tuple[NotReplayed, ...]

    @property
    def months(self) -> tuple[MonthChange, ...]:
        return tuple(month for person in self.people for month in person.months)

    @property
    def before_fen(self) -> int:
        return sum(one.before_fen for one in self.people)

    @property
    def after_fen(self) -> int:
        return sum(one.after_fen for one in self.people)

    @property
    def difference_fen(self) -> int:
        return self.after_fen - self.before_fen

    @property
    def tier_moves(self) -> tuple[MonthChange, ...]:
        return tuple(month for month in self.months if month.moves)

    @property
    def below_minimum(self) -> tuple[MonthChange, ...]:
        """The months below the minimum wage before or after."""
        return tuple(month for month in self.months if month.gap_before_fen or month.gap_after_fen)

    @property
    def without_minimum(self) -> tuple[str, ...]:
        """The departments for whose place no minimum wage is known: there nothing could be checked."""
        unknown = {one.department.zh for one in self.months if one.minimum_fen is None and kind_of(one.period) == MONTH}
        return tuple(sorted(unknown))

    @property
    def departments(self) -> tuple[Cost, ...]:
        """The cost of each department, the biggest change first."""
        units = {month.department.id: month.department for month in self.months}
        costs = [_cost(unit, [one for one in self.months if one.department.id == unit.id]) for unit in units.values()]
        return tuple(sorted(costs, key=lambda one: (-abs(one.difference_fen), one.department.zh)))

    @property
    def fairness(self) -> tuple[FairnessOfPeriod, ...]:
        """The figures of each period with at least three people; fewer say nothing."""
        return tuple(_fairness_of_periods(self.months))


def band_of(policy: Policy, score: Decimal | None) -> str:
    """The band of a score on everything that a policy scales or rates, to compare people within it."""
    return "|".join(tier.told.zh for tier in tiers_of(policy, score).values())


def _line_changes(before: PayResult, after: PayResult) -> Iterator[LineChange]:
    for code in dict.fromkeys([*(line.code for line in before.lines), *(line.code for line in after.lines)]):
        was, now = before.line(code), after.line(code)
        told = now or was
        if told is None or (was and now and was.amount_fen == now.amount_fen):
            continue
        yield LineChange(
            code,
            told.zh,
            told.en,
            was.amount_fen if was else None,
            now.amount_fen if now else None,
            was.formula if was else "",
            now.formula if now else "",
        )


def by_person(changes: Sequence[MonthChange]) -> tuple[PersonChange, ...]:
    """The months of each person together, the biggest change first."""
    months: dict[str, list[MonthChange]] = {}
    for one in changes:
        months.setdefault(one.number, []).append(one)
    people = [PersonChange(tuple(own)) for own in months.values()]
    return tuple(sorted(people, key=lambda one: (-abs(one.difference_fen), one.number)))


def _cost(unit: Unit, months: Sequence[MonthChange]) -> Cost:
    return Cost(
        unit,
        len({one.number for one in months}),
        sum(one.before.total_fen for one in months),
        sum(one.after.total_fen for one in months),
    )


def _fairness_of_periods(months: Sequence[MonthChange]) -> Iterator[FairnessOfPeriod]:
    for period in sorted({one.period for one in months}):
        own = [one for one in months if one.period == period]
        if len(own) >= FEWEST:
            before = _fairness(own, lambda one: (one.score_before, one.band_before, one.before.total_fen))
            after = _fairness(own, lambda one: (one.score_after, one.band_after, one.after.total_fen))
            yield FairnessOfPeriod(period, len(own), before, after)


def _fairness(
    months: Sequence[MonthChange], figures: Callable[[MonthChange], tuple[Decimal | None, str, int]]
) -> Fairness:
    people = [
        fairness.Person(one.number, score, band, 0, total) for one in months for score, band, total in (figures(one),)
    ]
    return Fairness(
        fairness.rank_correlation(people),
        len(fairness.inversions(people)),
        fairness.median_ratio(people),
        fairness.gini(people),
    )
