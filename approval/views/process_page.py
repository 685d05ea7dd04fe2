"""The steps of a policy's process as a strip: what is done, when and by whom, from the records; and what comes next."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select

from approval.i18n import own_name
from approval.models.appraisal import Appraisal
from approval.models.cycle import Cycle
from approval.models.feedback import Feedback
from approval.models.people import Employee
from approval.models.target import AnnualTarget, PersonalTarget
from approval.services.act import Act
from approval.services.process import FEEDBACK, steps_of
from approval.views.page import day_text, local
from approval.views.policy_blocks import STEPS
from workflows.appraisal import CANCELLED, REVIEWED

ENDED = ("paid", "concluded")
BEFOREHAND = ("target_setting", "personal_targets")  # once the period is over they are not what comes next


@dataclass(frozen=True)
class ProcessStep:
    """One step for the stepper macro: `status` is done, now, par (begun) or todo; `hint` says how to go on."""

    label: str
    sub: str
    status: str
    hint: str


@dataclass(frozen=True)
class Done:
    """How many of how many have a step behind them; who did it last and when."""

    count: int
    total: int
    text: str = ""
    who: str = ""
    at: datetime | None = None

    @property
    def sub(self) -> str:
        day = "" if self.at is None else day_text(local(self.at).date())
        return " · ".join(filter(None, (self.text, self.who, day)))


def strip_of(act: Act, cycle: Cycle, months: Sequence[Appraisal]) -> list[ProcessStep]:
    """The steps of the months' policies, each as far as these months have come; empty where no policy names any."""
    live = [one for one in months if one.state != CANCELLED]
    named = steps_of(act, live)
    steps = list(dict.fromkeys(step for one in live for step in named[one.id]))
    found, now = list[ProcessStep](), False
    for step in steps:
        ran = [one for one in live if step in named[one.id]]
        told = MAKERS[step](act, cycle, ran) if step in MAKERS else Done(0, 0, str(_("公司自行办理，系统没有记录")))
        done = bool(told.total) and told.count == told.total
        status = "done" if done else "par" if told.count else "todo"
        if not done and not now and step in MAKERS and not (step in BEFOREHAND and act.today > cycle.last_on):
            status, now = "now", True
        label = str(_(STEPS[step])) if step in STEPS else own_name(step)
        found.append(ProcessStep(label, told.sub, status, str(_(HINTS[step])) if step in HINTS else ""))
    return found


def next_of(strip: Sequence[ProcessStep]) -> str:
    """What comes next, in a sentence; empty when everything is done."""
    here = next((one for one in strip if one.status == "now"), None)
    return "" if here is None else here.hint


HINTS = {
    "target_setting": "下一步：部门负责人在“目标”页制定年度目标",
    "personal_targets": "下一步：部门负责人把目标分解到个人，本人确认",
    "quarter": "下一步：等考核周期结束",
    "evaluation": "下一步：汇总得分，由部门负责人复核",
    FEEDBACK: "下一步：主管与本人一对一反馈并登记，本人确认",
    "reward": "下一步：公示、批准和发放",
}


def _people(act: Act, ids: Sequence[int | None]) -> str:
    found = act.session.get(Employee, ids[-1]) if ids and ids[-1] is not None else None
    return f"{found.name} {found.number}" if found else ""


def _targets(act: Act, cycle: Cycle) -> Sequence[AnnualTarget]:
    query = select(AnnualTarget).where(AnnualTarget.department_id == cycle.department_id)
    return act.session.scalars(
        query.where(AnnualTarget.year == cycle.first_on.year).order_by(AnnualTarget.set_at)
    ).all()


def _target_setting(act: Act, cycle: Cycle, months: Sequence[Appraisal]) -> Done:
    kept = _targets(act, cycle)
    if not kept:
        return Done(0, 1, str(_("还没有年度目标")))
    return Done(1, 1, str(_("%(n)s 项", n=len(kept))), _people(act, [one.set_by_id for one in kept]), kept[-1].set_at)


def _personal_targets(act: Act, cycle: Cycle, months: Sequence[Appraisal]) -> Done:
    query = select(PersonalTarget).where(
        PersonalTarget.target_id.in_([one.id for one in _targets(act, cycle)]),
        PersonalTarget.employee_id.in_([one.employee_id for one in months]),
    )
    kept = act.session.scalars(query).all()
    open_ = {one.employee_id for one in kept if one.confirmed_at is None}
    done = {one.employee_id for one in kept} - open_
    when = [one.confirmed_at for one in kept if one.confirmed_at is not None]
    text = str(_("%(n)s/%(all)s 人已确认", n=len(done), all=len(months)))
    return Done(len(done), len(months), text, "", max(when, default=None))


def _period(act: Act, cycle: Cycle, months: Sequence[Appraisal]) -> Done:
    over = act.today > cycle.last_on
    return Done(int(over), 1, f"{day_text(cycle.first_on)} — {day_text(cycle.last_on)}")


def _evaluation(act: Act, cycle: Cycle, months: Sequence[Appraisal]) -> Done:
    done = sorted(
        (one for one in months if one.state in REVIEWED and one.reviewed_at), key=lambda one: str(one.reviewed_at)
    )
    text = str(_("%(n)s/%(all)s 人已复核", n=len(done), all=len(months)))
    who = _people(act, [one.reviewed_by_id for one in done])
    return Done(len(done), len(months), text, who, done[-1].reviewed_at if done else None)


def _feedback(act: Act, cycle: Cycle, months: Sequence[Appraisal]) -> Done:
    rounds = {one.id: one.round for one in months}
    query = select(Feedback).where(Feedback.appraisal_id.in_(rounds)).order_by(Feedback.kept_at)
    kept = [one for one in act.session.scalars(query) if rounds[one.appraisal_id] == one.round]
    agreed = sum(one.confirmed_at is not None for one in kept)
    text = str(_("%(n)s/%(all)s 人已反馈，%(m)s 人已确认", n=len(kept), all=len(months), m=agreed))
    who = _people(act, [one.kept_by_id for one in kept])
    return Done(len(kept), len(months), text, who, kept[-1].kept_at if kept else None)


def _reward(act: Act, cycle: Cycle, months: Sequence[Appraisal]) -> Done:
    paid = [one for one in months if one.state in ENDED]
    when = [one.paid_at for one in paid if one.paid_at is not None]
    return Done(
        len(paid),
        len(months),
        str(_("%(n)s/%(all)s 人已办结", n=len(paid), all=len(months))),
        "",
        max(when, default=None),
    )


MAKERS: Mapping[str, Callable[[Act, Cycle, Sequence[Appraisal]], Done]] = {
    "target_setting": _target_setting,
    "personal_targets": _personal_targets,
    "quarter": _period,
    "evaluation": _evaluation,
    FEEDBACK: _feedback,
    "reward": _reward,
}
