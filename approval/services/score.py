"""What the scores of a month come to: each rater's part, the month's score, and what may be shown before it is closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import select

from approval.models.appraisal import Appraisal
from approval.models.sampling import Sample, SampleRound
from approval.rules import score as scoring
from approval.services.act import Act
from approval.services.facts import WeekOfSamples, kpi_scores, self_assessment, weeks_of
from approval.services.kpi_count import governed
from approval.services.rulebook import assesses_by_kpi, policy_of, scores_by_sampling


@dataclass(frozen=True)
class PartOfScore:
    """One rater's part: who gives it, its weight, what it comes to so far, and out of how many weeks (0: no weeks)."""

    by: str
    weight: Decimal
    score: Fraction | None
    weeks_in: int = 0
    weeks: int = 0

    @property
    def weighted(self) -> Fraction | None:
        return None if self.score is None else self.score * Fraction(self.weight)


@dataclass(frozen=True)
class ScoreCard:
    """The parts of a month's score and their rounded sum; `total` None while a part is unknown, or hidden from the reader."""

    parts: tuple[PartOfScore, ...]
    places: int = 2

    @property
    def total(self) -> Decimal | None:
        if not self.parts or any(part.score is None for part in self.parts):
            return None
        return scoring.combine([(part.weight, part.score) for part in self.parts], self.places)


def kpi_total(act: Act, appraisal: Appraisal, rater: str, round_: int | None = None) -> Decimal | None:
    """The sum of one rater's KPI points in a round, counted ones by their formula; None while an item is missing."""
    items, points = policy_of(appraisal).kpi, kpi_points(act, appraisal, rater, round_)
    known = [one for item in items if (one := points.get(item.code)) is not None]
    return scoring.kpi_total(known, [item.max for item in items]) if len(known) == len(items) else None


def kpi_points(act: Act, appraisal: Appraisal, rater: str, round_: int | None = None) -> dict[str, Decimal | None]:
    """The points that count for one rater, by item: what a formula gives (R135, R146, R154), else what he gave."""
    given = {code: row.points for code, row in kpi_scores(act, appraisal, rater, round_).items()}
    return {**given, **governed(act, appraisal, round_)}


def self_total(act: Act, appraisal: Appraisal, round_: int | None = None) -> Decimal | None:
    """The employee's own score: the KPI total or his month-end self-appraisal; None while something is missing."""
    if assesses_by_kpi(policy_of(appraisal)):
        return kpi_total(act, appraisal, "self", round_)
    kept = self_assessment(act, appraisal, round_)
    return kept.self_score if kept else None


def supervisor_total(act: Act, appraisal: Appraisal, *, shown_to_employee: bool = False) -> Fraction | None:
    """The supervisor's part, exact: the mean of weekly means (A-07) or the KPI total; None while nothing is scored.

    With `shown_to_employee`, only weeks count whose samples are all scored, and no open KPI points.
    """
    if not scores_by_sampling(policy_of(appraisal)):
        total = None if shown_to_employee else kpi_total(act, appraisal, "supervisor")
        return None if total is None else Fraction(total)
    weeks = [one for one in weeks_of(act, appraisal) if one.complete or not shown_to_employee]
    return sampled_score(appraisal, [[s.score for s in one.samples if s.score is not None] for one in weeks])


def sampled_score(appraisal: Appraisal, weeks: Sequence[Sequence[Decimal]]) -> Fraction | None:
    """The supervisor's part from the scores of each week; None where there is none at all."""
    plan = policy_of(appraisal).sampling
    return scoring.sampling_score(weeks, plan.aggregate if plan else "mean_of_weeks") if any(weeks) else None


def supervisor_total_of_round(act: Act, appraisal: Appraisal, round_: int) -> Fraction | None:
    """The supervisor's part as an earlier round was closed with; None where that round was never closed."""
    if not scores_by_sampling(policy_of(appraisal)):
        total = kpi_total(act, appraisal, "supervisor", round_)
        return None if total is None else Fraction(total)
    query = (
        select(Sample.draw_id, SampleRound.score)
        .join(Sample, Sample.id == SampleRound.sample_id)
        .where(SampleRound.appraisal_id == appraisal.id, SampleRound.round == round_)
    )
    weeks: dict[int, list[Decimal]] = {}
    for draw_id, score in act.session.execute(query):
        weeks.setdefault(draw_id, []).append(score)
    return sampled_score(appraisal, list(weeks.values()))


def month_score(act: Act, appraisal: Appraisal) -> Decimal | None:
    """The month's score by the policy's weights, rounded once (A-34); None while a part is missing."""
    return score_card(act, appraisal).total


def score_card(act: Act, appraisal: Appraisal, *, shown_to_employee: bool = False) -> ScoreCard:
    """The parts of the present round as they stand, complete or not."""
    policy = policy_of(appraisal)
    weeks = weeks_of(act, appraisal) if scores_by_sampling(policy) else ()
    scores = {
        "employee": _exact(self_total(act, appraisal)),
        "supervisor": supervisor_total(act, appraisal, shown_to_employee=shown_to_employee),
    }
    return ScoreCard(
        tuple(
            PartOfScore(part.by, part.weight, scores[part.by], *(_weeks_in(weeks) if part.by == "supervisor" else ()))
            for part in policy.parts
        ),
        policy.score_places,
    )


def _exact(score: Decimal | None) -> Fraction | None:
    return None if score is None else Fraction(score)


def _weeks_in(weeks: Sequence[WeekOfSamples]) -> tuple[int, int]:
    return sum(one.complete and bool(one.samples) for one in weeks), len(weeks)
