"""Why a payslip is this number, put together for page and paper: lines, score, sources, readings, and whether it holds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flask_babel import gettext as _

from approval.models.payout import Payslip
from approval.rules import line_basis
from approval.rules import score as scoring
from approval.rules.calendar import kind_of
from approval.rules.explanation import SHARE, SHARE_INPUT, PayLine, text_of
from approval.rules.line_basis import PolicyLine, Sentence
from approval.rules.policy import Policy
from approval.services import pay
from approval.services.pay_proof import UNREADABLE, Proof, proof_of
from approval.services.rulebook import is_from_months, policy_of, runs_components, scores_by_sampling
from approval.services.sight import sees
from approval.views import means, month_page
from approval.views.door import act
from approval.views.kpi_table import kpi_rows
from approval.views.pay_readings import PolicyView, ReadingView, policies_shown
from approval.views.pay_share import ShareView, share_of
from approval.views.pay_sources import Figure, Kept, figures_of, kept_parts, rewards_shown
from approval.views.score_card import card_of


@dataclass(frozen=True)
class LineView:
    """One line with all that it rests on."""

    line: PayLine
    figures: Sequence[Figure] = ()
    sentences: Sequence[Sentence] = ()
    readings: Sequence[ReadingView] = ()
    by_score: bool = False
    share: ShareView | None = None


@dataclass(frozen=True)
class PayView:
    """A payslip explained; `lines` are empty where what was kept cannot be read any more."""

    proof: Proof
    lines: Sequence[LineView]
    policies: Sequence[PolicyView]
    score_readings: Sequence[ReadingView]
    other_readings: Sequence[tuple[PolicyView, Sequence[ReadingView]]]

    @property
    def whole(self) -> bool:
        return self.proof.whole

    @property
    def chosen_by(self) -> ReadingView | None:
        """One reading for all where one person chose every one on one day; None where they were chosen apart."""
        all_ = self.readings
        choices = {(one.who, one.at and one.at.date()) for one in all_}
        return all_[0] if len(choices) == 1 else None

    def says(self, quote: str) -> bool:
        """Whether a sentence stands with a line already, alone or within a longer one."""
        return any(quote in one.quote for line in self.lines for one in line.sentences)

    @property
    def readings(self) -> list[ReadingView]:
        """Every reading once: those of the lines in their order, of the score, then the rest."""
        near = (*(one for line in self.lines for one in line.readings), *self.score_readings)
        return list(dict.fromkeys((*near, *(one for _policy, found in self.other_readings for one in found))))


def pay_view(slip: Payslip) -> PayView:
    """Explain a payslip from what was kept with it, proved again now."""
    proof = proof_of(slip.pay_result, slip)
    try:
        policies = pay.policies_kept(slip.pay_result)
        shown = policies_shown(slip.appraisal, policies)
        told = json.loads(slip.pay_result.inputs)
        lines = _lines(slip, proof, shown, told)
    except UNREADABLE:
        bare = [LineView(line) for line in proof.kept.lines] if proof.kept else []
        return PayView(proof, bare, (), (), ())
    own = shown[0]
    scored = own.readings(line_basis.options_at(own.policy, line_basis.SCORE_PLACES))
    others = [(one, one.readings(line_basis.options_elsewhere(one.policy))) for one in shown]
    return PayView(proof, lines, shown, scored, [(one, found) for one, found in others if found])


def _lines(slip: Payslip, proof: Proof, shown: Sequence[PolicyView], told: Mapping[str, Any]) -> list[LineView]:
    if proof.kept is None:
        return []
    skipped = 0 if runs_components(slip.appraisal) else 1
    paying, parts = shown[skipped:], kept_parts(told)[skipped:]
    found = line_basis.lines_by_policy(proof.kept.lines, [one.policy for one in paying])
    return [_line(slip, one, shown[0], paying, parts, told) for one in found]


def _line(
    slip: Payslip,
    one: PolicyLine,
    own: PolicyView,
    paying: Sequence[PolicyView],
    parts: Sequence[Kept],
    told: Mapping[str, Any],
) -> LineView:
    if one.policy is None or one.component is None:
        return _beside(slip, one.line, own, told)
    policy, asked = paying[one.place], line_basis.asked_by(one.policy, one.component)
    places = line_basis.places_of(one.policy, one.component)
    return LineView(
        one.line,
        figures_of(one.policy, asked, parts[one.place], one.line),
        line_basis.sentences_of(one.policy, one.component, one.line),
        policy.readings(line_basis.options_at(one.policy, places)),
        "score" in asked.inputs,
        share_of(slip) if SHARE_INPUT in asked.inputs and told["share_fen"] else None,
    )


def _beside(slip: Payslip, line: PayLine, own: PolicyView, told: Mapping[str, Any]) -> LineView:
    """A line that no component gave: the share of a pool, or an adjustment with the record behind it."""
    sentences = [Sentence(line.rules, line.quote)] if line.quote else []
    if line.code == SHARE:
        of_period = any(one["period"] == kind_of(slip.period) for one in own.policy.pools)
        readings = own.readings(line_basis.options_at(own.policy, line_basis.POOL_PLACES if of_period else ()))
        return LineView(line, (), sentences, readings, share=share_of(slip))
    readings = own.readings(line_basis.options_at(own.policy, line_basis.ADJUSTMENT_PLACES))
    place = int(line.code.partition("@")[2] or 1)
    return LineView(line, [rewards_shown(told.get("rewards", ())[place - 1 : place])], sentences, readings)


def score_of(slip: Payslip) -> dict[str, Any]:
    """How the score came about, for whoever may see it; nothing where it can no longer be read (the page says why)."""
    try:
        return _score_of(slip)
    except UNREADABLE:
        return {"card": None}


def _score_of(slip: Payslip) -> dict[str, Any]:
    """The score's parts, KPI items, weeks of samples, or the months behind it."""
    month = slip.appraisal
    if not sees(act(), month, "supervisor_score"):
        return {"card": None}
    compiled, policy = is_from_months(month), policy_of(month)
    sampled = not compiled and scores_by_sampling(policy)
    weeks = month_page.sample_weeks(act(), month) if sampled and sees(act(), month, "samples") else []
    behind = means.months_of(act(), month)
    return {
        "card": card_of(act(), month),
        "rows": [] if compiled else kpi_rows(act(), month),
        "rounds": month_page.rounds_of(act(), month),
        "weeks": weeks,
        "sampled": sampled,
        "behind": behind,
        "mean": mean_of_months(behind) if compiled else _mean_of_weeks(policy, weeks),
        "score_bases": [] if compiled else _score_bases(policy),
    }


def _score_bases(policy: Policy) -> list[Sentence]:
    told = (*policy.raw.get("appraisal", {}).get("parts", ()), *policy.raw.get("kpi", ()))
    return list(dict.fromkeys(Sentence(tuple(one.get("rules", ())), one["quote"]) for one in told if one.get("quote")))


def _mean_of_weeks(policy: Policy, weeks: Sequence[month_page.WeekView]) -> str:
    """The supervisor's part from the samples, to be followed with a pocket calculator; exact until the score is rounded."""
    scores = [[Fraction(score) for _sample, score, _note in week.rows if score is not None] for week in weeks]
    filled = [one for one in scores if one]
    if not filled or policy.sampling is None:
        return ""
    if policy.sampling.aggregate == "mean_of_samples":
        every = [score for one in filled for score in one]
        return str(_("所有样本平均：%(sum)s", sum=_mean(every)))
    sums = str(_("；")).join(_mean(one) for one in filled)
    means_ = [sum(one, Fraction(0)) / len(one) for one in filled]
    return str(_("每周平均：%(weeks)s。各周平均：%(mean)s", weeks=sums, mean=_mean(means_)))


def _mean(values: Sequence[Fraction]) -> str:
    """(83 + 76) ÷ 2 = 79.5; a mean that has no end is told with two places after ≈, and computed with exactly."""
    exact = sum(values, Fraction(0)) / len(values)
    return f"({' + '.join(text_of(one) for one in values)}) ÷ {len(values)} {_equals(exact)}"


def _equals(exact: Fraction) -> str:
    return f"= {text_of(exact)}" if "/" not in text_of(exact) else f"≈ {scoring.rounded(exact, 4)}"


def mean_of_months(behind: Sequence[means.MonthLine]) -> str:
    """The mean of the reviewed months as a sum to be followed with a pocket calculator; "" where none counts."""
    counted = [Fraction(one.score) for one in behind if one.counts and one.score is not None]
    return str(_("各月平均：%(sum)s", sum=_mean(counted))) if counted else ""
