"""复核: the departments of a head, the table of a month, and passing or returning what was scored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from approval.db import db
from approval.i18n import said, sentences
from approval.models.appraisal import Appraisal
from approval.models.bonus_pool import BonusPool
from approval.models.cycle import Cycle
from approval.models.people import Department
from approval.rules.refusal import Refused
from approval.services import advice
from approval.services import appraisal as service
from approval.services.sight import Hidden, find_appraisal
from approval.services.step import Conflict
from approval.views import review_page
from approval.views.account import own_path
from approval.views.door import EVERYONE, act, once, open_to, see_other
from approval.views.process_page import next_of, strip_of
from approval.views.review_page import OVERSIGHT, Row
from forms.review import SendBackForm
from workflows.appraisal import REVIEWED
from workflows.bonus_pool import LABELS as POOL_LABELS
from workflows.engine import NotAllowed

blueprint = Blueprint("review", __name__)

Page = Response | str | tuple[str, int]
RETURNS: dict[str, Callable[..., None]] = {
    "return_to_supervisor": service.return_to_supervisor,
    "return_to_employee": service.return_to_employee,
}


@dataclass(frozen=True)
class CycleLine:
    """One department's month in the list: how far it is, and how many months wait for this reader."""

    cycle: Cycle
    total: int
    reviewed: int
    waiting: int
    mine: int
    pool: str


@blueprint.route("/departments")
@open_to("department_head", *OVERSIGHT)
def departments() -> str:
    """List the months of the departments that the reader reviews or oversees; the general manager's own reviews first."""
    cycles = act().session.scalars(select(Cycle).order_by(Cycle.last_on.desc(), Cycle.department_id)).all()
    overseen = review_page.cycles_overseen(act(), cycles)
    mine = [one for one in cycles if one.id in overseen]
    periods = list(dict.fromkeys(one.period for one in mine))
    chosen = request.args.get("period", "")
    shown = [one for one in mine if one.period == (chosen if chosen in periods else next(iter(periods), ""))]
    months = {one.id: review_page.months_in(act(), one) for one in shown}
    lines = [_line(one, months[one.id]) for one in shown]
    others = [one for one in shown if one.department_id not in act().actor.headed]
    heads = [row for one in others for row in review_page.rows_of(act(), months[one.id]) if row.waits]
    return render_template(
        "review/departments.html", lines=lines, heads=heads, periods=periods, period=shown[0].period if shown else ""
    )


def _line(cycle: Cycle, months: Sequence[Appraisal]) -> CycleLine:
    waiting = [one for one in months if one.state == "department_review"]
    who = review_page.reviewers(act(), waiting)
    pool = act().session.scalars(select(BonusPool).where(BonusPool.cycle_id == cycle.id)).first()
    return CycleLine(
        cycle,
        len(months),
        sum(one.state in REVIEWED for one in months),
        len(waiting),
        sum(who[one.id] == act().actor.employee_id for one in waiting),
        _(POOL_LABELS[pool.state]) if pool else "",
    )


def _rows(cycle: Cycle) -> list[Row]:
    return review_page.rows_of(act(), review_page.months_in(act(), cycle))


def _find_cycle(department_id: int, period: str) -> Cycle:
    query = select(Cycle).where(Cycle.department_id == department_id, Cycle.period == period)
    cycle = act().session.scalars(query).first()
    if cycle is None or not review_page.may_oversee(act(), cycle):
        raise Hidden(f"cycle of department {department_id}, {period}")
    return cycle


@blueprint.route("/departments/<int:department_id>/<period>")
@open_to("department_head", *OVERSIGHT)
def workbench(department_id: int, period: str) -> str:
    """Show the head's table of a month: scores, what stands out, who scores how."""
    return _page(_find_cycle(department_id, period))


def _page(cycle: Cycle, form: SendBackForm | None = None, returning: int = 0) -> str:
    rows = _rows(cycle)
    groups = review_page.leniency(rows)
    pool = act().session.scalars(select(BonusPool).where(BonusPool.cycle_id == cycle.id)).first()
    others = select(Cycle).where(Cycle.department_id == cycle.department_id).order_by(Cycle.period)
    periods = [one.period for one in act().session.scalars(others)]
    here = periods.index(cycle.period)
    process = strip_of(act(), cycle, [row.appraisal for row in rows])
    return render_template(
        "review/workbench.html",
        cycle=cycle,
        process=process,
        next=next_of(process),
        department=act().session.get_one(Department, cycle.department_id),
        rows=rows,
        groups=groups,
        points=review_page.points(rows, groups),
        distribution=review_page.distribution(rows),
        mean=review_page.mean([row.score for row in rows if row.score is not None]),
        pool=pool,
        before=periods[here - 1] if here else "",
        after=periods[here + 1] if here + 1 < len(periods) else "",
        form=form or SendBackForm(formdata=None),
        returning=returning,
    )


@blueprint.route("/departments/<int:department_id>/<period>/pass", methods=["POST"])
@open_to("department_head", "general_manager")
@once
def pass_many(department_id: int, period: str) -> Response:
    """Pass the ticked months, or all in which nothing stands out; each by itself, with its own answer."""
    cycle = _find_cycle(department_id, period)
    rows = {row.appraisal.id: row for row in _rows(cycle)}
    if request.form.get("which") == "plain":
        chosen = [row.appraisal for row in rows.values() if row.plain]
    else:
        ticked = [int(one) for one in request.form.getlist("appraisal") if one.isascii() and one.isdigit()]
        chosen = [rows[one].appraisal for one in dict.fromkeys(ticked) if one in rows]
        if len(chosen) < len(set(ticked)):
            abort(404)
    _pass_each(chosen)
    return see_other("review.workbench", department_id=department_id, period=period)


def _pass_each(chosen: Sequence[Appraisal]) -> None:
    done = []
    for appraisal in chosen:
        name = f"{appraisal.employee.name} {appraisal.employee.number}"
        try:
            with act().session.begin_nested():
                _pass(appraisal)
        except (NotAllowed, Refused, Conflict) as error:
            flash(_("%(name)s 没有通过：%(why)s", name=name, why="；".join(_why(error))), "warn")
        else:
            done.append(name)
    if done:
        flash(_("已通过 %(n)s 人：%(names)s", n=len(done), names="、".join(done)), "ok")
    elif not chosen:
        flash(_("没有选中任何人。请勾选要通过的人。"), "warn")


def _why(error: Exception) -> list[str]:
    if isinstance(error, NotAllowed):
        return sentences(error)
    return [said(error)] if isinstance(error, Refused) else [_("别人刚刚改过，请刷新后再看")]


def _pass(appraisal: Appraisal) -> None:
    """Pass one month; a policy without days of publication ends it at once, and its streaks are looked at."""
    service.pass_review(act(), appraisal)
    advice.flag_month(act(), appraisal)
    if appraisal.state == "split_approval":
        advice.propose_advice(act(), appraisal)


@blueprint.route("/appraisals/<int:appraisal_id>/pass_review", methods=["POST"])
@open_to(EVERYONE)
@once
def pass_review(appraisal_id: int) -> Response:
    """Pass one month, as it was read."""
    appraisal = find_appraisal(act(), appraisal_id)
    _must_be_as_seen(appraisal, request.form.get("version"))
    _pass(appraisal)
    flash(_("%(name)s 的考核已通过。", name=appraisal.employee.name), "ok")
    return _back(appraisal)


def _must_be_as_seen(appraisal: Appraisal, seen: str | None) -> None:
    if seen and seen != str(appraisal.version):
        raise Conflict(appraisal.stream)


def _back(appraisal: Appraisal) -> Response:
    """The page that the decision was made on: named by the form, else the month's table."""
    if request.form.get("back"):
        return redirect(own_path(request.form["back"]), code=303)
    cycle = appraisal.cycle
    return see_other("review.workbench", department_id=cycle.department_id, period=cycle.period)


@blueprint.route("/appraisals/<int:appraisal_id>/return_to_supervisor", methods=["POST"])
@open_to(EVERYONE)
@once
def return_to_supervisor(appraisal_id: int) -> Response:
    """Send a month back to its supervisor with a reason; the old round stays readable."""
    return _return(appraisal_id, "return_to_supervisor")


@blueprint.route("/appraisals/<int:appraisal_id>/review/<trigger>", methods=["POST"])
@open_to(EVERYONE)
@once
def decide(appraisal_id: int, trigger: str) -> Response:
    """Return a month from the review, to the supervisor or to the employee."""
    if trigger not in RETURNS:
        abort(404)
    return _return(appraisal_id, trigger)


def _return(appraisal_id: int, trigger: str) -> Response:
    appraisal = find_appraisal(act(), appraisal_id)
    form = SendBackForm()
    if not form.validate():
        if not review_page.may_oversee(act(), appraisal.cycle):
            raise Hidden(f"cycle {appraisal.cycle_id}")
        db.session.rollback()
        return Response(_page(appraisal.cycle, form, appraisal.id), 422, mimetype="text/html")
    _must_be_as_seen(appraisal, form.version.data)
    RETURNS[trigger](act(), appraisal, form.reason.data)
    to = appraisal.supervisor.name if trigger == "return_to_supervisor" else appraisal.employee.name
    flash(_("已退回给 %(name)s；原来一轮仍可查看。", name=to), "ok")
    return _back(appraisal)


def workbench_url(cycle: Cycle) -> str:
    """The address of a cycle's table."""
    return url_for("review.workbench", department_id=cycle.department_id, period=cycle.period)
