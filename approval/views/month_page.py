"""What the pages of a month show: its stages, who holds it, the score card with the policy's bands, rounds and weeks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flask_babel import gettext as _

from approval.models.appraisal import Appraisal
from approval.models.people import Employee
from approval.models.sampling import Sample
from approval.rules import score as scoring
from approval.rules.calendar import Week
from approval.rules.sampling import METHOD_OF_PEOPLE
from approval.services.act import Act
from approval.services.appraisal import pays_nothing
from approval.services.facts import (
    WeekOfSamples,
    general_manager,
    reviewer_of,
    self_assessment,
    weeks_of,
)
from approval.services.rulebook import is_from_months, policy_of, scores_by_sampling
from approval.services.score import self_total, supervisor_total_of_round
from approval.services.sight import relations, sees
from approval.views.page import day_text
from approval.views.score_card import percent
from workflows.appraisal import CANCELLED, CONCLUDED, LABELS, PAID, SELF_ASSESSMENT
from workflows.sight import OWN, SCORER

ORDER = ("self_assessment", "sampling", "department_review", "publication", "split_approval", "payout")


@dataclass(frozen=True)
class Stage:
    """One stage of the month for the stepper: `status` is done, now, par (going on beside) or todo."""

    label: str
    sub: str
    status: str


def stages(act: Act, appraisal: Appraisal) -> list[Stage]:
    """The stages of a month, with who acts and until when; what comes to no money ends after its publication."""
    cycle = appraisal.cycle
    weights = {part.by: percent(part.weight) for part in policy_of(appraisal).parts}
    sampled = scores_by_sampling(policy_of(appraisal))
    if is_from_months(appraisal):
        return _stages_of_means(act, appraisal)
    rows = [
        (_("自评 %(weight)s", weight=weights.get("employee", "")), appraisal.employee.name, cycle.self_assessment_due),
        (
            _("主管抽查 %(weight)s", weight=weights.get("supervisor", ""))
            if sampled
            else _("主管评分 %(weight)s", weight=weights.get("supervisor", "")),
            " · ".join(filter(None, (appraisal.supervisor.name, _scored_text(act, appraisal)))),
            cycle.scores_due,
        ),
        *_later_stages(act, appraisal),
    ]
    here = _place(appraisal, len(rows))
    return [
        Stage(label.strip(), _by(note, due), _stage_state(place, here, sampled=sampled))
        for place, (label, note, due) in enumerate(rows)
    ]


def _later_stages(act: Act, appraisal: Appraisal) -> list[tuple[str, str, date | None]]:
    cycle, ends_on = appraisal.cycle, appraisal.publication_ends_on
    published = "" if ends_on is None else _("至 %(day)s", day=day_text(ends_on))
    common = [
        (_("部门复核"), name_of(act, reviewer_of(act, appraisal)), cycle.review_due),
        (_("公示与异议"), published, None),
    ]
    if pays_nothing(act, appraisal):
        return [*common, (_("结案"), _("没有要发放的金额"), None)]
    return [
        *common,
        (_("总经理批准"), name_of(act, general_manager(act)), cycle.approval_due),
        (_("发放"), _("财务"), cycle.payday),
    ]


def _stages_of_means(act: Act, appraisal: Appraisal) -> list[Stage]:
    """The stages of a quarter or year, whose score is compiled from its months."""
    rows = [(_("汇总月度得分"), _("绩效管理员"), appraisal.cycle.scores_due), *_later_stages(act, appraisal)]
    here = max(0, _place(appraisal, len(rows) + 1) - 1) if appraisal.state != CANCELLED else -1
    return [
        Stage(label, _by(note, due), _stage_state(place, here, sampled=False))
        for place, (label, note, due) in enumerate(rows)
    ]


def _by(note: str, due: date | None) -> str:
    text = "" if due is None else str(_("%(day)s前", day=day_text(due)))
    return " · ".join(filter(None, (note, text)))


def _place(appraisal: Appraisal, count: int) -> int:
    if appraisal.state in (PAID, CONCLUDED):
        return count
    return -1 if appraisal.state == CANCELLED else ORDER.index(appraisal.state)


def _stage_state(place: int, here: int, *, sampled: bool) -> str:
    if place < here:
        return "done"
    if place == here:
        return "now"
    return "par" if place == 1 and here == 0 and sampled else "todo"


def _scored_text(act: Act, appraisal: Appraisal) -> str:
    if not scores_by_sampling(policy_of(appraisal)):
        return ""
    weeks = weeks_of(act, appraisal)
    asked = sum(len(one.samples) for one in weeks)
    if not asked:
        return str(_("每周进行"))
    return str(_("已评 %(done)s/%(all)s", done=sum(one.scored for one in weeks), all=asked))


def name_of(act: Act, employee_id: int | None) -> str:
    return act.session.get_one(Employee, employee_id).name if employee_id else _("空缺")


def holder(act: Act, appraisal: Appraisal) -> str:
    """Who has the month in hand now, in words."""
    if is_from_months(appraisal) and appraisal.state in ("self_assessment", "sampling"):
        return str(_("绩效管理员"))
    people = {
        "self_assessment": appraisal.employee.name,
        "sampling": appraisal.supervisor.name,
        "department_review": name_of(act, reviewer_of(act, appraisal)),
        "split_approval": name_of(act, general_manager(act)),
    }
    return str(people.get(appraisal.state) or {"payout": _("财务")}.get(appraisal.state, ""))


PILLS = {
    "self_assessment": "todo",
    "sampling": "doing",
    "department_review": "doing",
    "publication": "doing",
    "split_approval": "doing",
    "payout": "passed",
    "paid": "paid",
    "concluded": "paid",
    "cancelled": "rejected",
}


def pill_of(act: Act, appraisal: Appraisal) -> tuple[str, str]:
    """The colour and the words of a month's state; amber where it waits for the reader, returned where it came back."""
    person = act.actor.employee_id
    if is_from_months(appraisal) and appraisal.state in ("self_assessment", "sampling"):
        return "todo", _("待汇总")
    if appraisal.state == SELF_ASSESSMENT and appraisal.round > 1:
        return "returned", _("已退回，待重新提交")
    waits = {"self_assessment": appraisal.employee_id, "sampling": appraisal.supervisor_id}
    if appraisal.state == "department_review":
        waits["department_review"] = reviewer_of(act, appraisal) or 0
    mine = waits.get(appraisal.state) == person
    return "mine" if mine else PILLS[appraisal.state], _(LABELS[appraisal.state])


@dataclass(frozen=True)
class RoundView:
    """What a round came to: the employee's and the supervisor's part, where this reader may see them, and the summary."""

    number: int
    self_score: Decimal | None
    supervisor_score: Decimal | None
    summary: str


def rounds_of(act: Act, appraisal: Appraisal) -> list[RoundView]:
    """Every round of a month, oldest first."""
    views = []
    for number in range(1, appraisal.round + 1):
        own, theirs = (sees(act, appraisal, aspect, number) for aspect in ("self_score", "supervisor_score"))
        kept = self_assessment(act, appraisal, number)
        total = supervisor_total_of_round(act, appraisal, number) if theirs else None
        handed_in = number < appraisal.round or appraisal.state != SELF_ASSESSMENT or OWN in relations(act, appraisal)
        views.append(
            RoundView(
                number,
                self_total(act, appraisal, number) if own else None,
                None if total is None else scoring.rounded(total),
                kept.summary if kept and handed_in else "",
            )
        )
    return views


@dataclass(frozen=True)
class WeekView:
    """A week of samples as one reader may see it: scores are None where they are not open to him."""

    week: Week
    drawn: bool
    draw_id: int | None
    waived: str
    mean: Decimal | None
    rows: Sequence[tuple[Sample, Decimal | None, str]]
    scored: int
    people: bool = False


def sample_weeks(act: Act, appraisal: Appraisal) -> list[WeekView]:
    """The month's weeks; the employee sees the scores of a week once all of its samples are scored."""
    own = OWN in relations(act, appraisal) and SCORER not in relations(act, appraisal)
    everything = sees(act, appraisal, "supervisor_score")
    return [_week(one, shown=everything or (own and one.complete)) for one in weeks_of(act, appraisal)]


def _week(one: WeekOfSamples, *, shown: bool) -> WeekView:
    scores = [sample.score for sample in one.samples if sample.score is not None]
    mean = scoring.rounded(scoring.week_mean(scores)) if shown and scores and one.complete else None
    return WeekView(
        one.week,
        one.drawn,
        one.draw.id if one.draw and one.drawn else None,
        _(one.draw.waived_reason) if one.draw and one.draw.waived_reason else "",
        mean,
        [(sample, sample.score if shown else None, sample.note if shown else "") for sample in one.samples],
        one.scored,
        one.draw is not None and one.draw.method == METHOD_OF_PEOPLE,
    )
