"""考核周期: HR opens a month, sees how far everybody is, and who was left out and why."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, abort, flash, render_template
from flask import Response as FlaskResponse
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from approval.db import db
from approval.i18n import in_language, said, sentences
from approval.models.appraisal import Appraisal
from approval.models.bonus_pool import BonusPool
from approval.models.cycle import Cycle, LeftOut
from approval.models.departments import head_of
from approval.models.people import Department, Employee
from approval.rules.calendar import MONTH, kind_of
from approval.rules.policy import Policy
from approval.rules.refusal import Refused
from approval.services import bonus_pool, means, pay
from approval.services import cycle as service
from approval.services.attendance import DAYS, IN_POST, OF_THE_YEAR
from approval.services.figures import missing_attendance
from approval.services.gathering import policies_of
from approval.services.rulebook import is_from_months, runs_components
from approval.views import period_facts
from approval.views.door import act, once, open_to, see_other
from approval.views.process_page import next_of, strip_of
from forms.cycle import OpenForm
from workflows.appraisal import CANCELLED, LABELS, SETTLED
from workflows.engine import NotAllowed

blueprint = Blueprint("cycle", __name__)
READERS = ("hr", "general_manager", "gm_office", "auditor", "performance_admin")
UNCOMPILED = ("self_assessment", "sampling")
COME_BY_THEMSELVES = ("score", "team_share", *DAYS, *OF_THE_YEAR, *IN_POST)
PILLS = {
    "self_assessment": "todo",
    "publication": "passed",
    "payout": "passed",
    "paid": "paid",
    "concluded": "paid",
    "cancelled": "rejected",
}
# What each state waits for, in the month's order, and the day of the cycle until which.
DUE = {
    "self_assessment": "self_assessment_due",
    "sampling": "scores_due",
    "department_review": "review_due",
    "split_approval": "approval_due",
    "payout": "payday",
}


@dataclass(frozen=True)
class Board:
    """One department's month: how many stand where, and how many were left out."""

    cycle: Cycle
    counts: Mapping[str, int]
    left_out: int

    @property
    def total(self) -> int:
        return sum(count for state, count in self.counts.items() if state != CANCELLED)

    @property
    def next_due(self) -> tuple[str, date] | None:
        """The earliest step that somebody still has to do, and its day."""
        waiting = [state for state in DUE if self.counts.get(state)]
        return (waiting[0], getattr(self.cycle, DUE[waiting[0]])) if waiting else None


@dataclass(frozen=True)
class Gap:
    """What a person's pay still lacks."""

    employee: Employee
    missing: Sequence[str]


@blueprint.route("/cycles")
@open_to(*READERS)
def cycles() -> str:
    """Show the months of every department, the newest first, and the form that opens one."""
    return _board(OpenForm(formdata=None, period=act().today.strftime("%Y-%m")))


def _board(form: OpenForm) -> str:
    query = select(Cycle).options(joinedload(Cycle.department)).order_by(Cycle.last_on.desc(), Cycle.department_id)
    found = db.session.scalars(query.limit(36)).all()
    left, counts = Counter(db.session.scalars(select(LeftOut.cycle_id))), _counts(found)
    boards = [Board(one, counts[one.id], left[one.id]) for one in found]
    return render_template("cycle/cycles.html", boards=boards, form=_with_departments(form), labels=LABELS, pills=PILLS)


def _with_departments(form: OpenForm) -> OpenForm:
    roots = db.session.scalars(select(Department).where(Department.parent_id.is_(None)).order_by(Department.id)).all()
    form.department.choices = [(one.id, in_language(one.name, one.name_en)) for one in roots]
    return form


def _counts(cycles: Sequence[Cycle]) -> Mapping[int, Counter[str]]:
    """How many stand where, by the cycle's id."""
    query = select(Appraisal.cycle_id, Appraisal.state, func.count()).group_by(Appraisal.cycle_id, Appraisal.state)
    found = {one.id: Counter[str]() for one in cycles}
    for cycle_id, state, count in db.session.execute(query.where(Appraisal.cycle_id.in_(found))):
        found[cycle_id][state] = count
    return found


@blueprint.route("/cycles/open", methods=["POST"])
@open_to("hr")
@once
def open_cycle() -> Response:
    """Open a period for a department; opening again adds only what is missing."""
    form = _with_departments(OpenForm())
    valid = (
        form.validate_on_submit()
    )  # before the look-up: a number that is no choice may be one that no database holds
    department = db.session.get(Department, form.department.data) if valid else None
    if department is None:
        return FlaskResponse(_board(form), 422)
    try:
        opening = service.open_cycle(act(), department, form.period.data)
    except Refused as refused:
        db.session.rollback()
        form.period.errors = [said(refused)]
        return FlaskResponse(_board(form), 422)
    text = _("已开启：新建 %(n)s 张考核单，%(m)s 人需要补全资料。", n=opening.created, m=len(opening.left_out))
    flash(text, "warn" if opening.left_out else "ok")
    return see_other("cycle.cycle", cycle_id=opening.cycle.id)


@blueprint.route("/cycles/<int:cycle_id>")
@open_to(*READERS)
def cycle(cycle_id: int) -> str:
    """Show one month: what is not set up yet, who was left out and the remedy, and everybody's state."""
    found = db.session.get(Cycle, cycle_id) or abort(404)
    query = (
        select(Appraisal)
        .where(Appraisal.cycle_id == cycle_id)
        .options(*(joinedload(one) for one in (Appraisal.employee, Appraisal.position, Appraisal.supervisor)))
    )
    months = sorted(db.session.scalars(query), key=lambda one: one.employee.number)
    left_out = select(LeftOut).where(LeftOut.cycle_id == cycle_id).options(joinedload(LeftOut.employee))
    left = db.session.scalars(left_out).all()
    payday = period_facts.payday_of(act(), found)
    process = strip_of(act(), found, months)
    return render_template(
        "cycle/cycle.html",
        process=process,
        next=next_of(process),
        cycle=found,
        payday=payday,
        compiled=_compiled(months),
        taken=period_facts.policies_taken(act(), found, months) if payday else [],
        next_steps=period_facts.next_steps(act(), found, _beyond_the_button(months)) if payday else [],
        months=months,
        left=[(one.employee, _(one.reason) % json.loads(one.params)) for one in left],
        without=missing_attendance(act(), [found]).get(found.id, [])
        if kind_of(found.period) == MONTH and found.last_on < act().today
        else [],
        gaps=_gaps(months) if act().actor.holds("hr") else [],
        pool=db.session.scalars(select(BonusPool).where(BonusPool.cycle_id == cycle_id)).first(),
        counts=Counter(one.state for one in months),
        labels={**LABELS, **dict.fromkeys(UNCOMPILED, "待汇总")} if _compiled(months) else LABELS,
        pills=PILLS,
        to_compile=len(means.waiting_for_means(act(), found)),
        headless=head_of(act().session, found.department_id, act().today) is None,
        remindable={one.id for one in months if service.holder_of(act(), one) is not None},
    )


def _beyond_the_button(months: Sequence[Appraisal]) -> Counter[str]:
    """How many stand where, but for those whom this reader compiles with the button of the page."""
    compiles = _compiled(months) and act().actor.holds("hr", "performance_admin")
    return Counter(one.state for one in months if not (compiles and one.state in UNCOMPILED))


def _compiled(months: Sequence[Appraisal]) -> bool:
    """Say whether the scores of a quarter or year are compiled from its months, so that nobody assesses or scores it."""
    return bool(months) and all(is_from_months(one) for one in months)


def _gaps(months: Sequence[Appraisal]) -> list[Gap]:
    """Whose pay still lacks a standard or a figure; the score and attendance come by themselves."""
    found = []
    for month in months:
        if runs_components(month) and month.state not in SETTLED:
            names = _names_of(policies_of(act(), month))
            missing = pay.gather(act(), month).missing
            lacking = [
                names.get(zh, (zh, zh, _(zh)))[1:]
                for zh in missing
                if names.get(zh, ("",))[0] not in COME_BY_THEMSELVES
            ]
            if lacking:
                found.append(Gap(month.employee, [in_language(*names) for names in lacking]))
    return found


def _names_of(policies: Sequence[Policy]) -> dict[str, tuple[str, str, str]]:
    """What figures are called: by the Chinese name their code and both names."""
    params = {told.zh: (code, told.zh, told.en) for one in policies for code, told in one.params.items()}
    return params | {told.zh: (code, told.zh, told.en) for one in policies for code, told in one.inputs.items()}


@blueprint.route("/cycles/<int:cycle_id>/remind/<int:appraisal_id>", methods=["POST"])
@open_to("hr")
@once
def remind(cycle_id: int, appraisal_id: int) -> Response:
    """Remind who holds a month, at most once in four hours."""
    month = db.session.get(Appraisal, appraisal_id)
    if month is None or month.cycle_id != cycle_id:
        abort(404)
    try:
        service.remind(act(), month)
        flash(_("已催办。"), "ok")
    except NotAllowed as error:
        flash(_("；").join(sentences(error)), "warn")
    return see_other("cycle.cycle", cycle_id=cycle_id)


@blueprint.route("/cycles/<int:cycle_id>/take-means", methods=["POST"])
@open_to("hr", "performance_admin")
@once
def take_means(cycle_id: int) -> Response:
    """Take the mean of the months for everybody of a quarter or year whose months are all reviewed."""
    found = db.session.get(Cycle, cycle_id) or abort(404)
    done, held = 0, []
    for one in means.waiting_for_means(act(), found):
        try:
            means.take_means(act(), one)
            done += 1
        except NotAllowed as error:
            held.append(f"{one.employee.name} {one.employee.number}{_('：')}{_('；').join(sentences(error))}")
    flash(_("已汇总 %(n)s 人。", n=done), "ok" if done else "warn")
    for line in held:
        flash(line, "warn")
    return see_other("cycle.cycle", cycle_id=cycle_id)


@blueprint.route("/cycles/<int:cycle_id>/pool", methods=["POST"])
@open_to("hr", "finance")
@once
def pool(cycle_id: int) -> Response:
    """Give a cycle its bonus pool; its amount is entered by the head or finance."""
    found = db.session.get(Cycle, cycle_id) or abort(404)
    bonus_pool.open_pool(act(), found)
    flash(_("奖金池已建立，等部门负责人或财务填写金额。"), "ok")
    return see_other("cycle.cycle", cycle_id=cycle_id)
