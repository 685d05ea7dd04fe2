"""The supervisor's week: whom he scores in it, how far each is, and the sheet filled with what is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask import abort
from sqlalchemy import select

from approval.models.appraisal import Appraisal
from approval.models.cycle import Cycle
from approval.rules import score as scoring
from approval.rules.policy import SamplingPlan
from approval.services import sampling as service
from approval.services import staff_draw
from approval.services.facts import WeekOfSamples, weeks_of
from approval.services.rulebook import policy_of, scores_by_sampling
from approval.services.sight import Hidden
from approval.views.door import act
from forms.sampling import SheetForm, sheet_form
from workflows.appraisal import CANCELLED


@dataclass(frozen=True)
class Row:
    """One employee's week on the supervisor's sheet."""

    appraisal: Appraisal
    part: WeekOfSamples
    open: bool
    population: int

    @property
    def plan(self) -> SamplingPlan | None:
        return policy_of(self.appraisal).sampling

    @property
    def people(self) -> bool:
        """Whether people are drawn, not records of theirs (A-06)."""
        return staff_draw.draws_people(self.appraisal)

    @property
    def mean(self) -> Decimal | None:
        scores = [sample.score for sample in self.part.samples if sample.score is not None]
        return scoring.rounded(scoring.week_mean(scores)) if scores else None


def my_months() -> Sequence[Appraisal]:
    """The months that the reader scores by sampling, newest period first, people by number."""
    query = (
        select(Appraisal)
        .join(Cycle, Cycle.id == Appraisal.cycle_id)
        .where(Appraisal.supervisor_id == act().person, Appraisal.state != CANCELLED)
        .order_by(Cycle.last_on.desc(), Appraisal.id)
    )
    return [one for one in act().session.scalars(query) if scores_by_sampling(policy_of(one))]


def week_row(monday: date, parts: Sequence[tuple[Appraisal, WeekOfSamples]]) -> dict[str, Any]:
    weeks = [part for _month, part in parts]
    return {
        "week": weeks[0].week,
        "period": parts[0][0].cycle.period,
        "over": weeks[0].week.sunday < act().today,
        "people": len(weeks),
        "drawn": sum(one.drawn for one in weeks),
        "asked": sum(len(one.samples) for one in weeks),
        "scored": sum(one.scored for one in weeks),
        "open": any(month.state in service.OPEN for month, _part in parts),
        "due": parts[0][0].cycle.scores_due,
    }


def week_of(monday: str) -> list[Row]:
    """The reader's people in a week; Hidden where he scores nobody in it."""
    day = day_of(monday)
    rows = []
    for one in my_months():
        part = next((part for part in weeks_of(act(), one) if part.week.monday == day), None)
        if part is not None:
            rows.append(Row(one, part, one.state in service.OPEN, 0 if part.drawn else _to_draw_from(one, part)))
    if not rows:
        raise Hidden(f"week {monday}")
    return rows


def _to_draw_from(month: Appraisal, part: WeekOfSamples) -> int:
    """How many records, or people of the team, the week is drawn from."""
    if staff_draw.draws_people(month):
        seeded = part.draw is not None
        return len(
            staff_draw.team_of(act(), month) if seeded else staff_draw.waiting_in(act(), month, part.week.monday)
        )
    return len(service.population(act(), month, part.week))


def day_of(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        abort(404)


def sheet(rows: Sequence[Row]) -> SheetForm:
    """The score sheet of a week, filled with what is kept."""
    kept: dict[str, Any] = {}
    labels = []
    for row in rows:
        for sample in row.part.samples if row.open else ():
            labels.append((sample.id, f"{row.appraisal.employee.name} {sample.work_item.code}"))
            kept[f"score_{sample.id}"] = "" if sample.score is None else format(sample.score.normalize(), "f")
            kept[f"note_{sample.id}"], kept[f"seen_{sample.id}"] = sample.note, str(sample.version)
    return sheet_form(labels)(data=kept)


def one_each(rows: Sequence[Row]) -> list[Row]:
    """One row for each policy on the sheet."""
    return list({row.appraisal.frozen_policy_id: row for row in reversed(rows)}.values())[::-1]
