"""目标: a department's annual targets and their breakdown for who plans or oversees; one's own, to be confirmed."""

from __future__ import annotations

from decimal import Decimal

from flask import Blueprint, flash, render_template, request
from flask import Response as FlaskResponse
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from approval.db import db
from approval.i18n import in_language, said
from approval.models.audit import entries_of
from approval.models.people import Department, Employee
from approval.models.target import UNITS, AnnualTarget, PersonalTarget
from approval.rules.calendar import QUARTER, months_within, period_bounds, period_of
from approval.rules.process import spread
from approval.rules.refusal import Refused
from approval.services import completion
from approval.services import target as service
from approval.services.sight import Hidden
from approval.services.week_plan import week_plans
from approval.views.door import EVERYONE, act, once, open_to, see_other
from approval.views.timeline import told_entries
from forms.target import AnnualForm, ChangeForm, PersonForm, number_seen, person_form

blueprint = Blueprint("target", __name__)
READERS = ("department_head", "general_manager", "hr", "auditor")


def quarters_of(year: int) -> list[str]:
    return [f"{year}-Q{n}" for n in range(1, 5)]


@blueprint.route("/targets")
@open_to(EVERYONE)
def targets() -> str:
    """Show one's own targets with the button that confirms them, and the departments' targets that one may see."""
    return _list()


def _list(form: AnnualForm | None = None) -> str:
    return render_template(
        "target/targets.html",
        own=[completion.own_line(act(), one) for one in service.own_targets(act())],
        plans={one.id: week_plans(act(), one) for one in service.own_targets(act())},
        seen=completion.breakdowns_of(act(), service.targets_seen(act())),
        form=_with_choices(form or AnnualForm(formdata=None, year=str(act().today.year))) if _plans() else None,
        units=UNITS,
        quarters=quarters_of,
        now=(period_of(act().today), period_of(act().today, QUARTER)),
    )


def _plans() -> bool:
    return bool(act().actor.headed) or act().actor.holds("general_manager")


def _with_choices(form: AnnualForm) -> AnnualForm:
    departments = act().session.scalars(select(Department).order_by(Department.id)).all()
    mine = [one for one in departments if service.by_planner(act(), one.id) is None]
    form.department.choices = [(one.id, in_language(one.name, one.name_en)) for one in mine]
    form.unit.choices = [(code, _(name)) for code, name in UNITS.items()]
    known = service.measures(act())
    form.measure.choices = [(code, in_language(zh, en)) for code, (zh, en, _unit) in known.items()]
    form.measure.choices.append(("", _("其他（在下面写名称）")))
    return form


@blueprint.route("/targets/new", methods=["POST"])
@open_to("department_head", "general_manager")
@once
def new() -> Response:
    """Set a department's target of a year."""
    form = AnnualForm()
    department = _department(form.department.data)
    if form.validate_on_submit() and department is not None and form.amount.number is not None:
        try:
            found = service.set_annual_target(act(), department, int(form.year.number or 0), _goal(form))
        except Refused as refused:
            db.session.rollback()
            form.amount.errors = [said(refused)]
        else:
            flash(_("年度目标已制定；请分解到个人和月份。"), "ok")
            return see_other("target.target", target_id=found.id)
    if department is None:
        form.department.errors = [_("请从列表里选择")]
    return FlaskResponse(_list(form), 422)


def _department(number: int | None) -> Department | None:
    """The department of a number, looked for among all: the number may be one that no database holds."""
    return next((one for one in act().session.scalars(select(Department)) if one.id == number), None)


def _goal(form: AnnualForm) -> service.Goal:
    amount, basis = form.amount.number or Decimal(0), str(form.basis.data)
    known = service.measures(act()).get(form.measure.data or "")
    if known is None:
        name = str(form.name.data)
        return service.Goal(name, name, form.unit.data or "", amount, basis)
    return service.Goal(form.measure.data, known[0], known[2], amount, basis, known[1])


@blueprint.route("/targets/<int:target_id>")
@open_to(*READERS)
def target(target_id: int) -> str:
    """Show an annual target broken down, with the check that the parts make the whole and how far it is reached."""
    return _page(service.find_target(act(), target_id))


def _page(found: AnnualTarget, form: ChangeForm | None = None) -> str:
    plans = service.by_planner(act(), found.department_id) is None
    return render_template(
        "target/target.html",
        target=found,
        told=completion.breakdown_of(act(), found),
        form=(form or ChangeForm(formdata=None, seen=str(found.version), amount=_shown(found.amount)))
        if plans
        else None,
        may_set=lambda person: plans and service.not_for_himself(act(), person) is None,
        units=UNITS,
        quarters=quarters_of(found.year),
        months=months_within(str(found.year)),
        entries=told_entries(entries_of(act().session, found.stream), {}),
    )


def _shown(value: Decimal | None) -> str:
    return "" if value is None else format(value.normalize(), "f")


@blueprint.route("/targets/<int:target_id>/change", methods=["POST"])
@open_to("department_head", "general_manager")
@once
def change(target_id: int) -> Response:
    """Change the sum of a year, with the reason."""
    found, form = service.find_target(act(), target_id), ChangeForm()
    if form.validate_on_submit() and form.amount.number is not None:
        try:
            seen = number_seen(form.seen)
            service.change_annual_target(act(), found, form.amount.number, str(form.reason.data), seen)
        except Refused as refused:
            db.session.rollback()
            form.amount.errors = [said(refused)]
        else:
            flash(_("年度目标已修改。"), "ok")
            return see_other("target.target", target_id=target_id)
    return FlaskResponse(_page(service.find_target(act(), target_id), form), 422)


def _find_person(found: AnnualTarget, number: str) -> completion.PersonLine:
    told = completion.breakdown_of(act(), found)
    line = next((one for one in told.lines if one.employee.number == number), None)
    if line is None:
        raise Hidden(f"{number} of target {found.id}")
    return line


@blueprint.route("/targets/<int:target_id>/people/<number>")
@open_to(*READERS)
def person(target_id: int, number: str) -> str:
    """Show one person's part by month, and the form for who sets it."""
    found = service.find_target(act(), target_id)
    line = _find_person(found, number)
    return _person_page(found, line, _person_form(found, line))


def _person_form(found: AnnualTarget, line: completion.PersonLine) -> PersonForm:
    months = months_within(str(found.year))
    told = {f"m_{month}": _shown(line.months.get(month)) for month in months}
    told |= {"duties": line.personal.duties, "seen": str(line.personal.version)} if line.personal else {"seen": "0"}
    return person_form(months, service.PLACES[found.unit])(formdata=None, data=told)


def _person_page(found: AnnualTarget, line: completion.PersonLine, form: PersonForm) -> str:
    whole = completion.breakdown_of(act(), found)
    return render_template(
        "target/person.html",
        target=found,
        line=line,
        whole=whole,
        others=whole.given - sum(line.months.values(), Decimal(0)),
        form=form,
        plans=week_plans(act(), line.personal) if line.personal else [],
        may_set=service.by_planner_of(act(), found, line.employee.id) is None,
        places=service.PLACES[found.unit],
        units=UNITS,
        quarters=quarters_of(found.year),
        entries=told_entries(entries_of(act().session, line.personal.stream), {}) if line.personal else [],
    )


@blueprint.route("/targets/<int:target_id>/people/<number>", methods=["POST"])
@open_to("department_head", "general_manager")
@once
def set_person(target_id: int, number: str) -> Response:
    """Set one person's months and duties; “spread” only fills the boxes, nothing is kept by it."""
    found = service.find_target(act(), target_id)
    line = _find_person(found, number)
    form = person_form(months_within(str(found.year)), service.PLACES[found.unit])()
    valid = form.validate_on_submit()
    if valid and request.form.get("then") == "spread":
        return FlaskResponse(_person_page(found, line, _spread(found, line, form)))
    if valid:
        part = service.Part(form.months, str(form.duties.data or ""), str(form.reason.data or ""))
        try:
            service.set_personal_target(act(), found, line.employee, part, number_seen(form.seen))
        except Refused as refused:
            db.session.rollback()
            form.reason.errors = [said(refused)]
        else:
            flash(_("%(name)s 的目标已保存，等本人确认。", name=line.employee.name), "ok")
            return see_other("target.target", target_id=target_id)
    found = service.find_target(act(), target_id)
    return FlaskResponse(_person_page(found, _find_person(found, number), form), 422)


def _spread(found: AnnualTarget, line: completion.PersonLine, form: PersonForm) -> PersonForm:
    """The boxes filled with a year divided evenly over the months in which the person is employed."""
    months = [one for one in form.periods if _employed(line.employee, one)] or list(form.periods)
    parts = spread(form.year.number or Decimal(0), len(months), service.PLACES[found.unit])
    for period in form.periods:
        form.month(period).data = ""
    for period, value in zip(months, parts, strict=True):
        form.month(period).data = _shown(value)
    return form


def _employed(employee: Employee, month: str) -> bool:
    first, last = period_bounds(month)
    return employee.joined_on <= last and (employee.left_on is None or employee.left_on >= first)


@blueprint.route("/targets/own/<int:personal_id>/confirm", methods=["POST"])
@open_to(EVERYONE)
@once
def confirm(personal_id: int) -> Response:
    """The employee confirms his target as it stood on his page."""
    personal = act().session.get(PersonalTarget, personal_id)
    if personal is None or personal.employee_id != act().actor.employee_id:
        raise Hidden(f"personal target {personal_id}")
    seen = request.form.get("seen", "")
    service.confirm_personal_target(act(), personal, int(seen) if seen.isascii() and seen.isdigit() else -1)
    flash(_("已确认。"), "ok")
    return see_other("target.targets")
