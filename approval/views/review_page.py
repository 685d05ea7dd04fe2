"""What the review pages show: every month of a cycle with its scores, what stands out, and how supervisors differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from approval.models.advice import Advice
from approval.models.appraisal import CLOSED_STATES, Appraisal
from approval.models.cycle import Cycle
from approval.models.departments import structure_on
from approval.models.sampling import STAFF, Draw, Sample
from approval.rules.calendar import previous_period
from approval.rules.policy import Policy
from approval.rules.score import rounded
from approval.services.act import Act
from approval.services.facts import general_manager
from approval.services.rulebook import policy_of
from approval.services.sight import headed_by
from approval.views.page import number_text
from approval.views.score_card import bands_of
from approval.views.tier_counts import TierCounts, tier_counts
from approval.views.usual import Unusual, months_unusual
from workflows.appraisal import CANCELLED, LABELS, REVIEWED, WORKFLOW, AppraisalFacts
from workflows.engine import Offer

OVERSIGHT = ("general_manager", "hr", "auditor")
SHOWN = (Appraisal.employee, Appraisal.supervisor, Appraisal.position, Appraisal.frozen_policy, Appraisal.department)
FAR = Decimal(20)
JUMP = Decimal(10)
SHAPES = ("circle", "square", "triangle")
PILLS = {
    "self_assessment": "todo",
    "sampling": "doing",
    "department_review": "doing",
    "publication": "passed",
    "split_approval": "passed",
    "payout": "passed",
    "paid": "paid",
    "concluded": "paid",
}


@dataclass(frozen=True)
class Row:
    """One month in the head's table; scores are None while they are not open to this reader."""

    appraisal: Appraisal
    self_score: Decimal | None
    supervisor_score: Decimal | None
    score: Decimal | None
    before: Decimal | None
    tier: str
    pill: tuple[str, str]
    oddities: tuple[tuple[str, str], ...]
    note: str
    offers: Mapping[str, Offer]
    unusual: Sequence[Unusual] = ()

    @property
    def change(self) -> Decimal | None:
        return None if self.score is None or self.before is None else self.score - self.before

    @property
    def waits(self) -> bool:
        """Whether this reader can pass the month now."""
        offer = self.offers.get("pass_review")
        return offer is not None and offer.allowed

    @property
    def plain(self) -> bool:
        """Whether nothing stands out, so that it may be passed with the others in one go."""
        return self.waits and not self.oddities


def tier_of(policy: Policy, score: Decimal | None) -> str:
    """The label of the policy's band that a score falls in; empty without a score or without bands."""
    return next((band.value for band in bands_of(policy, score)[0] if band.on), "")


def may_oversee(act: Act, cycle: Cycle) -> bool:
    """Say whether the actor reviews or oversees something of a cycle: its head, a head within it, or a company office."""
    return cycle.id in cycles_overseen(act, [cycle])


def cycles_overseen(act: Act, cycles: Sequence[Cycle]) -> set[int]:
    """Those of the cycles, by id, of which the actor reviews or oversees something; one statement, or none."""
    if act.actor.holds(*OVERSIGHT):
        return {one.id for one in cycles}
    if not act.actor.headed:
        return set()
    structure, heads = structure_on(act.session, act.today), act.actor.headed
    lines = {one.id: set(structure.line(one.department_id)) for one in cycles}
    return {one.id for one in cycles if lines[one.id] & heads or structure.within([one.department_id]) & heads}


def months_in(act: Act, cycle: Cycle) -> list[Appraisal]:
    """The months of a cycle that the actor reviews or oversees, by employee number; void ones left out."""
    query = (
        select(Appraisal)
        .where(Appraisal.cycle_id == cycle.id, Appraisal.state != CANCELLED)
        .options(*(selectinload(part) for part in SHOWN))
    )
    months = act.session.scalars(query).all()
    if not act.actor.holds(*OVERSIGHT):
        headed = headed_by(act)
        months = [one for one in months if one.department_id in headed]
    return sorted(months, key=lambda one: one.employee.number)


def scores_before(act: Act, months: Sequence[Appraisal]) -> dict[int, Appraisal]:
    """The months of the period before, reviewed ones only, by employee; all months are of one period."""
    if not months:
        return {}
    query = (
        select(Appraisal)
        .join(Cycle, Cycle.id == Appraisal.cycle_id)
        .where(
            Cycle.period == previous_period(months[0].cycle.period),
            Appraisal.employee_id.in_([one.employee_id for one in months]),
            Appraisal.state.in_(REVIEWED),
        )
        .options(selectinload(Appraisal.frozen_policy))
    )
    return {one.employee_id: one for one in act.session.scalars(query)}


def reviewers(act: Act, months: Sequence[Appraisal]) -> dict[int, int | None]:
    """Who reviews each month, asked once for all: the head, or the general manager for the head's own."""
    if not months:
        return {}
    structure, chief = structure_on(act.session, act.today), general_manager(act)
    heads = {one.id: structure.head(one.department_id) for one in months}
    return {one.id: chief if heads[one.id] == one.employee_id else heads[one.id] for one in months}


def offers_of(act: Act, appraisal: Appraisal, reviewer: int | None) -> Mapping[str, Offer]:
    """The review's buttons of one month, from the same table that decides; asked without a query."""
    if appraisal.state != "department_review":
        return {}
    facts = AppraisalFacts(
        actor=act.actor.employee_id,
        subject=appraisal.employee_id,
        scorer=appraisal.supervisor_id,
        reviewer=reviewer,
        has_score=appraisal.score is not None,
    )
    return {offer.trigger: offer for offer in WORKFLOW.offers(appraisal.state, facts)}


def rows_of(act: Act, months: Sequence[Appraisal]) -> list[Row]:
    """The rows of months that the actor reviews or oversees (`months_in`), with a fixed number of queries.

    Scores stand there once the supervisor has closed them; before, not even the head reads them (workflows.sight).
    """
    before, who = scores_before(act, months), reviewers(act, months)
    thin, warned, outside = _thin_weeks(act, months), _warned(act, months), months_unusual(months)
    rows = []
    for one in months:
        seen = one.state in CLOSED_STATES
        score = one.score if seen else None
        last = before.get(one.employee_id)
        oddities = (*_oddities(one, last), *thin.get(one.id, ()), *warned.get(one.id, ())) if seen else ()
        rows.append(
            Row(
                one,
                one.self_score if seen else None,
                one.supervisor_score if seen else None,
                score,
                last.score if last else None,
                tier_of(policy_of(one), score),
                _pill(act, one, who[one.id]),
                oddities,
                _note(act, one, who[one.id]),
                offers_of(act, one, who[one.id]),
                unusual=outside.get(one.id, ()),
            )
        )
    return rows


def _pill(act: Act, appraisal: Appraisal, reviewer: int | None) -> tuple[str, str]:
    if appraisal.state == "department_review":
        return ("mine", _("待我复核")) if reviewer == act.actor.employee_id else ("doing", _("待复核"))
    if appraisal.round > 1 and appraisal.state in ("self_assessment", "sampling"):
        return "returned", _("已退回")
    return PILLS[appraisal.state], _(LABELS[appraisal.state])


def _note(act: Act, appraisal: Appraisal, reviewer: int | None) -> str:
    if appraisal.employee_id == act.actor.employee_id:
        return str(_("本人的考核由总经理复核"))
    if appraisal.state == "department_review" and reviewer is None:
        return str(_("没有可以复核的人；请人事任命部门负责人"))
    return ""


def _oddities(appraisal: Appraisal, last: Appraisal | None) -> list[tuple[str, str]]:
    """What a head should look at before he passes: (kind, words); kinds are the colours bad, warn, info."""
    found = []
    if appraisal.self_score is not None and appraisal.supervisor_score is not None:
        gap = appraisal.self_score - appraisal.supervisor_score
        if abs(gap) > FAR:
            found.append(("warn", _("自评与主管相差 %(n)s 分", n=number_text(abs(gap), None))))
    if last is not None and last.score is not None and appraisal.score is not None:
        change = appraisal.score - last.score
        if abs(change) >= JUMP:
            sign = "+" if change > 0 else "−"
            found.append(("info", _("较上期 %(n)s 分", n=sign + number_text(abs(change), None))))
    if appraisal.round > 1:
        found.append(("info", _("第 %(n)s 轮", n=appraisal.round)))
    return found


def _thin_weeks(act: Act, months: Sequence[Appraisal]) -> dict[int, list[tuple[str, str]]]:
    """Months with weeks that were skipped, or drawn with fewer samples than the policy asks at least (R073)."""
    live = func.count(Sample.id).filter(Sample.voided_at.is_(None))
    query = (
        select(Draw.appraisal_id, Draw.waived_reason, live)
        .outerjoin(Sample, Sample.draw_id == Draw.id)
        .where(Draw.appraisal_id.in_([one.id for one in months]), Draw.drawn_at.is_not(None))
        .group_by(Draw.id)
    )
    weeks: dict[int, list[tuple[bool, int]]] = {}
    for appraisal_id, waived, count in act.session.execute(query):
        weeks.setdefault(appraisal_id, []).append((bool(waived), count))
    return {one.id: _thin(policy_of(one), weeks.get(one.id, [])) for one in months}


def _thin(policy: Policy, weeks: Sequence[tuple[bool, int]]) -> list[tuple[str, str]]:
    if policy.sampling is not None and policy.sampling.population == STAFF:
        drawn = sum(bool(count) for _waived, count in weeks)
        return [("info", _("抽人考察：%(all)s 周中抽到 %(n)s 周", n=drawn, all=len(weeks)))] if weeks else []
    least = policy.sampling.minimum if policy.sampling else 0
    few = sum(not waived and count < least for waived, count in weeks)
    none = sum(waived for waived, _count in weeks)
    found = [("warn", _("%(n)s 周样本不足 %(least)s 个", n=few, least=least))] if few else []
    return found + ([("warn", _("%(n)s 周没有抽查", n=none))] if none else [])


def _warned(act: Act, months: Sequence[Appraisal]) -> dict[int, list[tuple[str, str]]]:
    query = select(Advice.appraisal_id, Advice.kind).where(Advice.appraisal_id.in_([one.id for one in months]))
    found: dict[int, list[tuple[str, str]]] = {}
    for appraisal_id, kind in act.session.execute(query):
        if kind != "year_end_award_advice":
            found.setdefault(appraisal_id, []).append(("bad", _("连续低分建议")))
    return found


@dataclass(frozen=True)
class Leniency:
    """How a supervisor's scores lie against the department's mean; `shape` is his marker in the strip."""

    name: str
    count: int
    mean: Decimal
    difference: Decimal
    shape: str


def mean(scores: Sequence[Decimal]) -> Decimal | None:
    """The mean of scores with two places, exact before it is rounded once."""
    return rounded(sum((Fraction(one) for one in scores), Fraction(0)) / len(scores)) if scores else None


def leniency(rows: Sequence[Row]) -> list[Leniency]:
    """The mean of each supervisor's scores against the mean of all, most people first."""
    scored: dict[int, list[Row]] = {}
    for row in rows:
        if row.supervisor_score is not None:
            scored.setdefault(row.appraisal.supervisor_id, []).append(row)
    everybody = mean([row.supervisor_score for row in rows if row.supervisor_score is not None])
    groups = sorted(scored.values(), key=lambda group: (-len(group), group[0].appraisal.supervisor.number))
    found = []
    for place, group in enumerate(groups):
        own = mean([row.supervisor_score for row in group if row.supervisor_score is not None])
        if own is not None and everybody is not None:
            shape = SHAPES[min(place, len(SHAPES) - 1)]
            found.append(Leniency(group[0].appraisal.supervisor.name, len(group), own, own - everybody, shape))
    return found


def points(rows: Sequence[Row], groups: Sequence[Leniency]) -> list[dict[str, object]]:
    """The markers of the strip of scores: the shape tells the supervisor."""
    shapes = {one.name: one.shape for one in groups}
    return [
        {
            "score": row.score,
            "label": f"{row.appraisal.employee.name} {number_text(row.score)}",
            "shape": shapes.get(row.appraisal.supervisor.name, "triangle"),
        }
        for row in rows
        if row.score is not None
    ]


def distribution(rows: Sequence[Row]) -> list[TierCounts]:
    """How many people are in each band of each scale, last month and this; people without bands are left out."""
    policies = [(policy_of(row.appraisal), row) for row in rows]
    return tier_counts((policy, tier_of(policy, row.before), row.tier) for policy, row in policies)
