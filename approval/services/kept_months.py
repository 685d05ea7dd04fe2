"""Finished months as they were paid, read in a handful of statements however many people there are (what-if)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select
from sqlalchemy.orm import joinedload, selectinload

from approval.models.appraisal import Appraisal, AppraisalSegment, KpiCount, KpiScore, PayResult
from approval.models.beside import AppraisalSupplement
from approval.models.cycle import Cycle
from approval.models.departments import departments_within
from approval.models.guard import MinimumWage
from approval.models.people import Department, PayStandard
from approval.models.policy import FrozenPolicy, PolicyVersion
from approval.models.post_standard import PostStandard, in_table
from approval.models.sampling import Sample
from approval.rules.beside import Beside
from approval.rules.explanation import Words
from approval.rules.pay import PayResult as Computed
from approval.rules.policy import Policy
from approval.rules.ratings import Ratings
from approval.rules.replay import KeptFigures, KeptMonth
from approval.services.act import Act
from approval.services.rulebook import policy_in, policy_of

Row = tuple[str, str, Decimal, date, date | None]  # grade ("" of a person's own), code, value, first day, last day
Held = tuple[Mapping[str, Decimal], Sequence[tuple[str, str, Decimal]]]  # own by code; rows as code, grade, value
FINISHED = ("payout", "paid")
CANCELLED = "cancelled"


@dataclass(frozen=True)
class Asked:
    """Which months: of one policy code, in these periods, of a department with its units (None: everywhere)."""

    code: str
    periods: Sequence[str]
    department: Department | None = None


def _under(code: str) -> ColumnElement[bool]:
    """Months that ran under a policy code, a part of them did, or its lines were added to them."""
    versions = select(PolicyVersion.id).where(PolicyVersion.code == code)
    in_part = select(AppraisalSegment.appraisal_id).where(AppraisalSegment.policy_version_id.in_(versions))
    added = select(AppraisalSupplement.appraisal_id).where(AppraisalSupplement.policy_version_id.in_(versions))
    return Appraisal.policy_version_id.in_(versions) | Appraisal.id.in_(in_part) | Appraisal.id.in_(added)


def finished_periods(act: Act, code: str) -> list[tuple[str, int]]:
    """The periods in which months of a policy code came to a payment, the newest first, with how many."""
    query = (
        select(Cycle.period, func.count())
        .join(Appraisal, Appraisal.cycle_id == Cycle.id)
        .where(_under(code), Appraisal.state.in_(FINISHED))
        .group_by(Cycle.period)
        .order_by(Cycle.period.desc())
    )
    return [(period, count) for period, count in act.session.execute(query)]


def departments_of(act: Act, code: str) -> list[Department]:
    """The departments whose finished months ran under a policy code, and those above them, by name."""
    query = select(Appraisal.department_id).where(_under(code), Appraisal.state.in_(FINISHED))
    units = all_departments(act)
    found = {unit.id: unit for one in act.session.scalars(query.distinct()) for unit in line_of(units, one)}
    return sorted(found.values(), key=lambda unit: unit.name)


def all_departments(act: Act) -> dict[int, Department]:
    """Every department by its id."""
    return {one.id: one for one in act.session.scalars(select(Department))}


def line_of(units: Mapping[int, Department], department_id: int) -> list[Department]:
    """A department and its parents, innermost first."""
    line = [units[department_id]]
    while (above := line[-1].parent_id) is not None and units[above] not in line:
        line.append(units[above])
    return line


def months_asked(act: Act, asked: Asked) -> Sequence[Appraisal]:
    """Every month that was asked for, finished or not, by period and employee number; cancelled ones left out."""
    query = (
        select(Appraisal)
        .where(Appraisal.id.in_(_ids(act, asked)))
        .options(
            joinedload(Appraisal.cycle),
            joinedload(Appraisal.employee),
            joinedload(Appraisal.position),
            selectinload(Appraisal.frozen_policy),
        )
    )
    found = act.session.scalars(query).all()
    return sorted(found, key=lambda one: (one.cycle.period, one.employee.number))


def _ids(act: Act, asked: Asked) -> Select[int]:
    query = (
        select(Appraisal.id)
        .join(Cycle, Cycle.id == Appraisal.cycle_id)
        .where(Cycle.period.in_(asked.periods), Appraisal.state != CANCELLED, _under(asked.code))
    )
    if asked.department is not None:
        query = query.where(Appraisal.department_id.in_(departments_within(act.session, asked.department.id)))
    return query


@dataclass(frozen=True)
class Post:
    """A department and position (code, name) that a month was spent in under the policy that was asked for."""

    department_id: int
    position: tuple[str, str]


def posts_of(one: Appraisal, segments: Sequence[AppraisalSegment], code: str) -> list[Post]:
    """The posts of a month under a policy code: its own, or those of its segments."""
    if not segments:
        return [Post(one.department_id, (one.position.code, one.position.name))]
    own = [part for part in segments if part.policy_version.code == code]
    return [Post(part.department_id, (part.position.code, part.position.name)) for part in own]


def segments_asked(act: Act, asked: Asked) -> Mapping[int, Sequence[AppraisalSegment]]:
    """The segments of the months that were asked for, in order, by the appraisal's id."""
    found: defaultdict[int, list[AppraisalSegment]] = defaultdict(list)
    query = (
        select(AppraisalSegment)
        .where(AppraisalSegment.appraisal_id.in_(_ids(act, asked)))
        .order_by(AppraisalSegment.from_on)
        .options(
            joinedload(AppraisalSegment.position),
            joinedload(AppraisalSegment.policy_version),
            selectinload(AppraisalSegment.frozen_policy),
        )
    )
    for one in act.session.scalars(query):
        found[one.appraisal_id].append(one)
    return found


def kept_months(
    act: Act, asked: Asked, months: Sequence[Appraisal], segments: Mapping[int, Sequence[AppraisalSegment]]
) -> dict[int, KeptMonth]:
    """Those months that came to a payment, as they were kept, by the appraisal's id."""
    within = Appraisal.id.in_(_ids(act, asked))
    results, ratings = _results(act, within), _ratings(act, within)
    standards, added = _standards(act, within), _added(act, within)
    return {
        one.id: _kept(one, results[one.id], ratings, standards, (segments.get(one.id, ()), added))
        for one in months
        if one.state in FINISHED and one.id in results
    }


def _kept(
    one: Appraisal,
    result: PayResult,
    ratings: _AllRatings,
    standards: _Standards,
    parts: tuple[Sequence[AppraisalSegment], Mapping[str, Policy]],
) -> KeptMonth:
    told, (segments, added) = json.loads(result.inputs), parts
    kept, held = told.get("segments", ()), standards.on(one.employee_id, one, one.cycle.last_on)
    return KeptMonth(
        period=one.cycle.period,
        figures=_figures(policy_of(one), told, held),
        share_fen=told["share_fen"],
        score=one.score,
        ratings=ratings.of(one),
        result=Computed.from_json(result.lines),
        segments=tuple(
            _of_segment(part, row, standards.on(one.employee_id, row, row.to_on))
            for part, row in zip(kept, segments, strict=bool(kept))
        ),
        supplements=tuple(
            _of_part(_figures(added[part["policy"]], part, held), part) for part in told.get("supplements", ())
        ),
        beside=Beside.kept(told),
    )


def _figures(policy: Policy, told: Mapping[str, Any], held: Held) -> KeptFigures:
    params = {code: Decimal(value) for code, value in told["params"].items()}
    return KeptFigures(policy, params, told["inputs"], held[0], table=held[1])


def _of_segment(told: Mapping[str, Any], row: AppraisalSegment, held: Held) -> KeptFigures:
    return _of_part(_figures(policy_in(row.frozen_policy), told, held), told)


def _of_part(figures: KeptFigures, told: Mapping[str, Any]) -> KeptFigures:
    """Figures of a part of the month, with its name and days; a bonus plan for the whole month has none."""
    if "of" not in told:
        return figures
    scheduled, of = Decimal(told["scheduled"]), Decimal(told["of"])
    return replace(figures, name=Words(*told["name"]), scheduled=scheduled, of=of)


def _added(act: Act, within: ColumnElement[bool]) -> dict[str, Policy]:
    """The frozen bonus policies of these months by their fingerprints."""
    query = select(FrozenPolicy).join(AppraisalSupplement, AppraisalSupplement.frozen_policy_id == FrozenPolicy.id)
    rows = act.session.scalars(query.join(Appraisal, Appraisal.id == AppraisalSupplement.appraisal_id).where(within))
    return {one.fingerprint: policy_in(one) for one in rows}


def _results(act: Act, within: ColumnElement[bool]) -> dict[int, PayResult]:
    """The newest result of each month."""
    newest = select(func.max(PayResult.id)).join(Appraisal, Appraisal.id == PayResult.appraisal_id).where(within)
    query = select(PayResult).where(PayResult.id.in_(newest.group_by(PayResult.appraisal_id)))
    return {one.appraisal_id: one for one in act.session.scalars(query)}


@dataclass(frozen=True)
class _AllRatings:
    """KPI points by appraisal, rater and item; sampled scores by appraisal and draw; the counts kept with the score."""

    points: Mapping[int, Mapping[str, Mapping[str, Decimal]]]
    weeks: Mapping[int, Mapping[int, Sequence[Decimal]]]
    counts: Mapping[int, Mapping[str, Decimal]]

    def of(self, one: Appraisal) -> Ratings:
        """What was given in one month."""
        return Ratings(self.points[one.id], one.self_score, list(self.weeks[one.id].values()), self.counts[one.id])


def _ratings(act: Act, within: ColumnElement[bool]) -> _AllRatings:
    points: defaultdict[int, dict[str, dict[str, Decimal]]] = defaultdict(dict)
    weeks: defaultdict[int, dict[int, list[Decimal]]] = defaultdict(dict)
    scored = (
        select(KpiScore)
        .join(Appraisal, Appraisal.id == KpiScore.appraisal_id)
        .where(within, KpiScore.round == Appraisal.round, KpiScore.points.is_not(None))
    )
    for one in act.session.scalars(scored):
        points[one.appraisal_id].setdefault(one.rater, {})[one.item] = _exact(one.points)
    sampled = (
        select(Sample.appraisal_id, Sample.draw_id, Sample.score)
        .join(Appraisal, Appraisal.id == Sample.appraisal_id)
        .where(within, Sample.voided_at.is_(None), Sample.score.is_not(None))
        .order_by(Sample.draw_id)
    )
    for month, draw, score in act.session.execute(sampled):
        weeks[month].setdefault(draw, []).append(_exact(score))
    return _AllRatings(points, weeks, _counts(act, within))


def _counts(act: Act, within: ColumnElement[bool]) -> Mapping[int, Mapping[str, Decimal]]:
    counts: defaultdict[int, dict[str, Decimal]] = defaultdict(dict)
    query = (
        select(KpiCount)
        .join(Appraisal, Appraisal.id == KpiCount.appraisal_id)
        .where(within, KpiCount.round == Appraisal.round)
    )
    for one in act.session.scalars(query):
        counts[one.appraisal_id][one.code] = one.quantity
    return counts


def _exact(value: Decimal | None) -> Decimal:
    assert value is not None
    return value


@dataclass(frozen=True)
class _Standards:
    """The figures of each person, and the table of posts by position."""

    own: Mapping[int, Sequence[Row]]
    table: Mapping[int, Sequence[Row]]

    def on(self, employee_id: int, post: Appraisal | AppraisalSegment, day: date) -> Held:
        """What is in force for a person on a day: his own figures, and the rows of his position and grade."""
        own = {code: value for _none, code, value in _in_force(self.own.get(employee_id, ()), day)}
        rows = _in_force(self.table.get(post.position_id, ()), day)
        return own, [(code, grade, value) for grade, code, value in rows if grade in ("", post.grade)]


def _in_force(rows: Sequence[Row], day: date) -> list[tuple[str, str, Decimal]]:
    return [(grade, code, value) for grade, code, value, first, last in rows if first <= day <= (last or day)]


def _standards(act: Act, within: ColumnElement[bool]) -> _Standards:
    """The figures of each person and of each position with the days that they hold, in one statement."""
    people = select(Appraisal.employee_id).where(within)
    own = select(literal("own"), PayStandard.employee_id, literal(""), *_dated(PayStandard))
    table = select(literal("post"), PostStandard.position_id, PostStandard.grade, *_dated(PostStandard)).where(
        in_table()
    )
    found: defaultdict[str, defaultdict[int, list[Row]]] = defaultdict(lambda: defaultdict(list))
    both = own.where(PayStandard.employee_id.in_(people)).union_all(table).order_by("from_on")
    for kind, holder, *row in act.session.execute(both):
        found[kind][holder].append(tuple(row))
    return _Standards(found["own"], found["post"])


def _dated(kept: type[PayStandard | PostStandard]) -> tuple[Any, ...]:
    return kept.code, kept.value, kept.from_on, kept.to_on


def minimum_wages(act: Act) -> dict[str, list[tuple[date, int]]]:
    """The minimum wages of each place with the day that each begins, the earliest first, in fen a month."""
    found: dict[str, list[tuple[date, int]]] = {}
    for one in act.session.scalars(select(MinimumWage).order_by(MinimumWage.from_on)):
        found.setdefault(one.place, []).append((one.from_on, one.amount_fen))
    return found


def minimum_of(wages: Mapping[str, Sequence[tuple[date, int]]], line: Sequence[Department], day: date) -> int | None:
    """The minimum wage where a department works (its own place, else that of the nearest above) on a day; None if unknown."""
    place = next((unit.place for unit in line if unit.place), "")
    known = [amount for first, amount in wages.get(place, ()) if first <= day]
    return known[-1] if known else None
