"""What the pages of a quarter or year tell of its policies and of the day by which it is paid (R103, A-42)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import select

from approval.i18n import in_language
from approval.models.appraisal import Appraisal
from approval.models.beside import AppraisalSupplement
from approval.models.cycle import Cycle
from approval.models.policy import PolicyVersion
from approval.rules.calendar import MONTH, kind_of
from approval.services.act import Act
from approval.services.payday import Deadline, deadlines_of, due_of
from approval.views.page import day_text
from workflows.appraisal import CANCELLED, WORKFLOW

OVERSIGHT = ("general_manager", "hr", "auditor")
POOL_READERS = PAYERS = ("general_manager", "finance", "hr", "auditor")


@dataclass(frozen=True)
class Taken:
    """A policy version that a period runs under: for how many people, and when it began if that was after the first day."""

    version: PolicyVersion
    people: int
    began_later: date | None


def policies_taken(act: Act, cycle: Cycle, months: Sequence[Appraisal]) -> list[Taken]:
    """The versions that were frozen for the people of a period, those that add lines last."""
    live = [one for one in months if one.state != CANCELLED]
    added = select(AppraisalSupplement.policy_version_id).where(
        AppraisalSupplement.appraisal_id.in_([one.id for one in live])
    )
    counts = Counter(one.policy_version_id for one in live) + Counter(act.session.scalars(added))
    versions = [act.session.get_one(PolicyVersion, one) for one in counts]
    late = {one.id: one.effective_from for one in versions if one.effective_from > cycle.first_on}
    return [Taken(one, counts[one.id], late.get(one.id)) for one in versions]


@dataclass(frozen=True)
class Payday:
    """The last day for a payment, why it is that day, and by how many days it is over with people still unpaid."""

    day: date
    estimated: bool
    why: Sequence[str]
    overdue: int


def payday_of(act: Act, cycle: Cycle) -> Payday | None:
    """The payday of a quarter or year with what it follows from; None for a month."""
    if kind_of(cycle.period) == MONTH:
        return None
    closed_on, found = cycle.evaluation_closed_on, deadlines_of(act, cycle)
    why = [_told(act, one, closed_on) for one in found] or [_("方案没有写发放期限；按期末后一个月定（R103、A-42）")]
    waiting = select(Appraisal.id).where(Appraisal.cycle_id == cycle.id, Appraisal.state.not_in(WORKFLOW.final))
    late = (act.today - cycle.payday).days if act.session.scalars(waiting).first() is not None else 0
    return Payday(cycle.payday, closed_on is None, [str(one) for one in why], max(late, 0))


def next_steps(act: Act, cycle: Cycle, counts: Mapping[str, int]) -> list[tuple[str, str]]:
    """What a quarter or year waits for now, and the page where it is done, where this reader may open it."""
    review = f"/departments/{cycle.department_id}/{cycle.period}"
    told = (
        ("self_assessment", _("%(n)s 人等本人自评，或等绩效管理员汇总月度得分"), "", ()),
        ("sampling", _("%(n)s 人等主管评分"), "", ()),
        ("department_review", _("%(n)s 人等部门负责人复核（负责人本人由总经理复核）"), review, OVERSIGHT),
        ("publication", _("%(n)s 人公示中；公示期满由部门负责人或人事结束"), f"/publications/{cycle.id}", ()),
        ("split_approval", _("%(n)s 人等奖金分配批准；没有奖金池的直接进入发放"), "/bonus-pools", POOL_READERS),
        ("payout", _("%(n)s 人等财务制单、总经理签发、发放"), "/payouts", PAYERS),
    )
    return [
        (str(text) % {"n": counts[state]}, page if page and (not offices or act.actor.holds(*offices)) else "")
        for state, text, page, offices in told
        if counts.get(state)
    ]


def _told(act: Act, one: Deadline, closed_on: date | None) -> str:
    months, days = one.offset
    offset = _("%(months)s 个月零 %(days)s 天", months=months, days=days) if days else _("%(n)s 个月", n=months)
    name = in_language(one.policy.zh, one.policy.en)
    if closed_on is None:
        text = _(
            "方案“%(name)s”：评定结束（最后一个公示结束）后 %(offset)s内发放；现在是预计", name=name, offset=offset
        )
        return str(text)
    day, due = day_text(closed_on), day_text(due_of(act, one, closed_on))
    text = _(
        "评定于 %(day)s 结束；方案“%(name)s”：之后 %(offset)s内发放，最迟 %(due)s（遇休息日提前）",
        day=day,
        name=name,
        offset=offset,
        due=due,
    )
    return str(text)
