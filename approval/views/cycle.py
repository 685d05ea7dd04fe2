"""考核周期: HR opens a month, sees how far everybody is, and who was left out and why."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, abort, flash, render_template, request
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from approval.db import db
from approval.models.appraisal import Appraisal
from approval.models.bonus_pool import BonusPool
from approval.models.cycle import Cycle, LeftOut
from approval.models.outbox import OutboxMessage
from approval.models.people import Department, Employee
from approval.services import cycle as service
from approval.services import pay
from approval.services.figures import missing_attendance
from approval.services.outbox import leave_letter
from approval.views.door import act, commit, once, open_to, see_other
from approval.views.month_page import pill_of
from workflows.appraisal import LABELS

blueprint = Blueprint("cycle", __name__)
READERS = ("hr", "general_manager", "gm_office", "auditor")
REMIND_EVERY = timedelta(hours=4)
HELD_BY = {"self_assessment": "employee_id", "sampling": "supervisor_id"}


@dataclass(frozen=True)
class Board:
    """One department's month: how many stand where, and how many were left out."""

    cycle: Cycle
    counts: Mapping[str, int]
    left_out: int

    @property
    def total(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True)
class Gap:
    """What a person's pay still lacks."""

    employee: Employee
    missing: Sequence[str]


@blueprint.route("/cycles")
@open_to(*READERS)
def cycles() -> str:
    """Show the months of every department, the newest first, and the form that opens one."""
    found = db.session.scalars(select(Cycle).order_by(Cycle.period.desc(), Cycle.department_id).limit(36)).all()
    left = Counter(db.session.scalars(select(LeftOut.cycle_id)))
    roots = db.session.scalars(select(Department).where(Department.parent_id.is_(None)).order_by(Department.id)).all()
    boards = [Board(one, _counts(one), left[one.id]) for one in found]
    period = act().today.strftime("%Y-%m")
    return render_template("cycle/cycles.html", boards=boards, departments=roots, labels=LABELS, period=period)


def _counts(cycle: Cycle) -> Counter[str]:
    return Counter(db.session.scalars(select(Appraisal.state).where(Appraisal.cycle_id == cycle.id)))


@blueprint.route("/cycles/open", methods=["POST"])
@open_to("hr")
@once
def open_cycle() -> Response:
    """Open a period for a department; opening again adds only what is missing."""
    number = request.form.get("department", "")
    department = db.session.get(Department, int(number)) if number.isdecimal() and len(number) < 12 else None
    if department is None:
        abort(404)
    opening = service.open_cycle(act(), department, request.form.get("period", "").strip())
    text = _("已开启：新建 %(n)s 张考核单，%(m)s 人需要补全资料。", n=opening.created, m=len(opening.left_out))
    flash(text, "warn" if opening.left_out else "ok")
    return see_other("cycle.cycle", cycle_id=opening.cycle.id)


@blueprint.route("/cycles/<int:cycle_id>")
@open_to(*READERS)
def cycle(cycle_id: int) -> str:
    """Show one month: what is not set up yet, who was left out and the remedy, and everybody's state."""
    found = db.session.get(Cycle, cycle_id) or abort(404)
    months = db.session.scalars(select(Appraisal).where(Appraisal.cycle_id == cycle_id)).all()
    months = sorted(months, key=lambda one: one.employee.number)
    left = db.session.scalars(select(LeftOut).where(LeftOut.cycle_id == cycle_id)).all()
    return render_template(
        "cycle/cycle.html",
        cycle=found,
        months=months,
        left=[(one.employee, _(one.reason) % json.loads(one.params)) for one in left],
        without=missing_attendance(act(), found) if found.last_on < act().today else [],
        gaps=_gaps(months) if act().actor.holds("hr") else [],
        pool=db.session.scalars(select(BonusPool).where(BonusPool.cycle_id == cycle_id)).first(),
        counts=_counts(found),
        labels=LABELS,
        pill_of=pill_of,
        held_by=HELD_BY,
    )


def _gaps(months: Sequence[Appraisal]) -> list[Gap]:
    """Whose pay still lacks figures, by name (the score and what attendance brings left out)."""
    found = []
    for month in months:
        if month.state not in ("payout", "paid", "cancelled"):
            missing = [one for one in pay.gather(act(), month).missing if one not in service.COMES_BY_ITSELF]
            if missing:
                found.append(Gap(month.employee, missing))
    return found


@blueprint.route("/cycles/<int:cycle_id>/remind/<int:appraisal_id>", methods=["POST"])
@open_to("hr")
def remind(cycle_id: int, appraisal_id: int) -> Response:
    """Remind who holds a month, at most once in four hours a month."""
    month = db.session.get(Appraisal, appraisal_id)
    if month is None or month.cycle_id != cycle_id or month.state not in HELD_BY:
        abort(404)
    holder: int = getattr(month, HELD_BY[month.state])
    link = f"/my/{month.cycle.period}" if month.state == "self_assessment" else f"/appraisals/{month.id}"
    since = select(OutboxMessage.id).where(
        OutboxMessage.employee_id == holder,
        OutboxMessage.link == link,
        OutboxMessage.subject == service.REMINDER,
        OutboxMessage.created_at > act().at - REMIND_EVERY,
    )
    if db.session.scalars(since).first() is not None:
        flash(_("4 小时内已经催办过，没有重复发送。"), "warn")
    else:
        params = {"name": month.employee.name, "period": month.cycle.period}
        leave_letter(act(), [holder], service.REMINDER, link, **params)
        commit()
        flash(_("已催办。"), "ok")
    return see_other("cycle.cycle", cycle_id=cycle_id)
