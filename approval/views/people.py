"""人员: who works where, since when, under whom, with which office; found by name, number or pinyin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from flask import Blueprint, flash, render_template, request
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from approval.db import db
from approval.i18n import in_language, said, sentences
from approval.models.people import (
    LEFT_BY,
    OFFICES,
    Account,
    Department,
    Employee,
    Employment,
    Office,
    PayStandard,
    Position,
    employments_on,
    in_force,
)
from approval.rules.refusal import Refused
from approval.services import account, segments
from approval.services import people as service
from approval.services.figures_asked import figure_names, figures_asked
from approval.services.outbox import leave_letter
from approval.services.sight import Hidden, sees_of
from approval.views.door import EVERYONE, act, commit, open_to, see_other
from approval.views.page import post_name
from approval.views.post_standard import figure_kinds, figure_text
from approval.views.usual import tell_person
from forms.base import Form
from forms.people import (
    DepartmentForm,
    EngageForm,
    LeaveForm,
    OfficeForm,
    PayStandardForm,
    PositionForm,
    PostForm,
)
from workflows.engine import NotAllowed

blueprint = Blueprint("people", __name__)
SHOWN = 100
RESET = "您的登录密码已由人事重置；如果不是您要求的，请立即告诉总经理或审计"
Page = Response | str | tuple[str, int]


@blueprint.route("/people")
@open_to(EVERYONE)
def people() -> str:
    """Find people; those without an office find themselves, their team and the department that they head."""
    return _list_page(EngageForm(formdata=None, joined_on=act().today))


def _list_page(form: EngageForm) -> str:
    asked, after = request.args.get("q", "")[:80], request.args.get("after", "")[:20]
    found = service.search(act(), asked, SHOWN + 1, after)
    posts = employments_on(act().session, [one.id for one in found[:SHOWN]], act().today)
    rows = [(one, posts.get(one.id)) for one in found[:SHOWN]]
    return render_template(
        "people/people.html",
        rows=rows,
        asked=asked,
        more=found[SHOWN - 1].number if len(found) > SHOWN else "",
        form=form if act().actor.holds("hr") else None,
        today=act().today,
    )


def _find(number: str) -> Employee:
    query = select(Employee).where(service.visible_people(act()), Employee.number == number[:20])
    return db.session.scalars(query).first() or _hide(number)


def _hide(number: str) -> NoReturn:
    raise Hidden(f"employee {number}")


@blueprint.route("/people/<number>")
@open_to(EVERYONE)
def person(number: str) -> str:
    """Show a person: posts, offices and, for those with the office for it, the pay standards."""
    return _person_page(_find(number))


def _person_page(employee: Employee, **forms: Form) -> str:
    posts = select(Employment).where(Employment.employee_id == employee.id).order_by(Employment.from_on.desc())
    offices = select(Office).where(Office.employee_id == employee.id).order_by(Office.from_on.desc())
    pay = select(PayStandard).where(PayStandard.employee_id == employee.id)
    own = employee.id == act().actor.employee_id
    sees_pay = service.sees_pay_standards(act(), employee)
    return render_template(
        "people/person.html",
        employee=employee,
        posts=db.session.scalars(posts).all(),
        offices=db.session.scalars(offices).all(),
        standards=db.session.scalars(pay.order_by(PayStandard.code, PayStandard.from_on.desc())).all()
        if sees_pay
        else None,
        account=db.session.scalars(select(Account).where(Account.employee_id == employee.id)).first(),
        kinds=figure_kinds(),
        figure_text=figure_text,
        names=OFFICES,
        departments={one.id: one for one in db.session.scalars(select(Department))},
        forms=_forms(forms) if act().actor.holds("hr") else {},
        own=own,
        coached=sees_of(act(), employee, "coaching"),
        protects=sees_of(act(), employee, "protection"),
        today=act().today,
        figure_names={code: in_language(*words) for code, words in figure_names(act()).items()},
        under=_under(employee),
    )


def _under(employee: Employee) -> list[Employee]:
    """Whom a person supervises today: they need somebody else before he leaves."""
    now = in_force(act().today, Employment.from_on, Employment.to_on)
    query = select(Employee).join(Employment, Employment.employee_id == Employee.id)
    query = query.where(Employment.supervisor_id == employee.id, now, Employee.left_on.is_(None))
    return list(db.session.scalars(query.order_by(Employee.number)))


def _forms(given: dict[str, Form]) -> dict[str, Form]:
    """The forms of a person's page: the one just sent with what was typed, the others fresh."""
    fresh: dict[str, Callable[[], Form]] = {
        "post": PostForm,
        "leave": LeaveForm,
        "office": OfficeForm,
        "pay": PayStandardForm,
    }
    return {name: (given.get(name) or _filled(make)).apart(name) for name, make in fresh.items()}


def _filled(make: Callable[..., Form]) -> Form:
    form = make(formdata=None, **({"from_on": act().today} if make is not LeaveForm else {}))
    return _with_choices(form)


def figure_choices() -> list[tuple[str, str]]:
    """The figures that policies ask of the company, by name; two of one name carry their codes."""
    words = {code: in_language(*told) for code, told in figure_names(act()).items()}
    named = [(code, words.get(code, code)) for code in sorted(figures_asked(act()))]
    twice = [name for _code, name in named]
    return [(code, name if twice.count(name) == 1 else f"{name} {code}") for code, name in named]


def _with_choices(form: Form) -> Form:
    if isinstance(form, PayStandardForm):
        form.code.choices = figure_choices()
    departments = db.session.scalars(select(Department).order_by(Department.id)).all()
    named: list[tuple[int, str]] = [(one.id, in_language(one.name, one.name_en)) for one in departments]
    if isinstance(form, PostForm):
        positions = db.session.scalars(select(Position).order_by(Position.code)).all()
        form.department.choices = named
        form.position.choices = [(one.id, post_name(one)) for one in positions]
    if isinstance(form, OfficeForm):
        form.office.choices = [(code, _(name)) for code, name in OFFICES.items()]
        form.department.choices = [(0, "—"), *named]
    if isinstance(form, LeaveForm):
        form.left_by.choices = [(code, _(name)) for code, name in LEFT_BY.items()]
    if isinstance(form, DepartmentForm):
        form.parent.choices = [(0, "—"), *named]
    return form


def _leave(employee: Employee, form: LeaveForm) -> None:
    service.leave(act(), employee, form.left_on.day, form.reason.data, form.left_by.data)


def _do(form: Form, field: Any, command: Callable[[], object]) -> bool:
    """Run a command of a valid form; a refusal becomes the message of a field and nothing is stored."""
    if not form.validate_on_submit():
        return False
    try:
        command()
    except (Refused, NotAllowed) as error:
        db.session.rollback()
        field.errors = [said(error)] if isinstance(error, Refused) else sentences(error)
        return False
    commit()
    return True


@blueprint.route("/people/new", methods=["POST"])
@open_to("hr")
def engage() -> Page:
    """Take a person on."""
    form = EngageForm()
    data = form.data

    def command() -> None:
        service.engage(act(), data["number"], data["name"], data["joined_on"], data["pinyin"] or "")

    if _do(form, form.number, command):
        flash(_("已登记；请接着填写任职。"), "ok")
        return see_other("people.person", number=form.number.data)
    return _list_page(form), 422


@blueprint.route("/people/<number>/assign", methods=["POST"])
@open_to("hr")
def assign(number: str) -> Page:
    """Give a person a post from a day on."""
    employee, form = _find(number), PostForm()
    _with_choices(form)

    def command() -> None:
        boss = _boss(form.supervisor.data or "")
        post = service.Post(form.department.data, form.position.data, boss, form.from_on.day, form.grade.data or "")
        service.assign(act(), employee, post)
        segments.follow_assignment(act(), employee)

    if _do(form, form.supervisor, command):
        flash(_("任职已记录。"), "ok")
        return see_other("people.person", number=number)
    return _person_page(employee, post=form), 422


def _boss(number: str) -> int | None:
    if not number:
        return None
    found = db.session.scalars(select(Employee.id).where(Employee.number == number)).first()
    if found is None:
        raise Refused("没有工号 %(number)s", fault="unknown number", number=number)
    return found


@blueprint.route("/people/<number>/leave", methods=["POST"])
@open_to("hr")
def leave(number: str) -> Page:
    """Record that a person leaves."""
    employee, form = _find(number), LeaveForm()
    _with_choices(form)
    if _do(form, form.left_on, lambda: _leave(employee, form)):
        flash(_("离职已记录。"), "ok")
        return see_other("people.person", number=number)
    return _person_page(employee, leave=form), 422


@blueprint.route("/people/<number>/appoint", methods=["POST"])
@open_to("hr")
def appoint(number: str) -> Page:
    """Give a person an office from a day on."""
    employee, form = _find(number), OfficeForm()
    _with_choices(form)

    def command() -> None:
        department = db.session.get(Department, form.department.data) if form.department.data else None
        service.appoint(act(), employee, form.office.data, form.from_on.day, department)

    if _do(form, form.department, command):
        flash(_("职务已任命。"), "ok")
        return see_other("people.person", number=number)
    return _person_page(employee, office=form), 422


@blueprint.route("/people/<number>/pay-standard", methods=["POST"])
@open_to("hr")
def pay_standard(number: str) -> Page:
    """Set a figure of the policy for a person from a day on."""
    employee, form = _find(number), PayStandardForm()
    form.code.choices = figure_choices()

    def command() -> None:
        assert form.value.number is not None
        service.set_pay_standard(act(), employee, form.code.data, form.value.number, form.from_on.day)

    if _do(form, form.value, command):
        flash(_("薪酬标准已设定。"), "ok")
        tell_person(employee, form.code.data, form.value.number, form.from_on.day)
        return see_other("people.person", number=number)
    return _person_page(employee, pay=form), 422


@blueprint.route("/people/<number>/account", methods=["POST"])
@open_to("hr")
def open_account(number: str) -> Page:
    """Open an account or reset its password; the one-time password is shown once."""
    employee = _find(number)
    found = db.session.scalars(select(Account).where(Account.employee_id == employee.id)).first()
    if found is None:
        fresh = account.first_password()
        account.open_account(act(), employee, fresh)
    else:
        fresh = account.reset_password(act(), found)
        leave_letter(act(), [employee.id], RESET, "/password")
    commit()
    return render_template("people/password.html", employee=employee, password=fresh)


@blueprint.route("/people/departments", methods=["GET", "POST"])
@open_to("hr", "admin")
def departments() -> Page:
    """List departments and positions, and add one."""
    adding = request.form.get("what", "")
    department = _with_choices(DepartmentForm(formdata=None if adding != "department" else request.form))
    position = PositionForm(formdata=None if adding != "position" else request.form)
    assert isinstance(department, DepartmentForm)
    done = False
    if adding == "department":
        known = {one for one, _label in department.parent.choices or ()}  # another number no database may hold
        parent = db.session.get(Department, department.parent.data) if department.parent.data in known else None
        named = (department.name.data, parent, department.name_en.data or "")
        done = _do(department, department.name, lambda: service.add_department(act(), *named))
    elif adding == "position":
        given = (position.code.data, position.name.data, position.name_en.data or "")
        done = _do(position, position.code, lambda: service.add_position(act(), *given))
    if done:
        flash(_("已添加。"), "ok")
        return see_other("people.departments")
    every = db.session.scalars(select(Department).order_by(Department.id)).all()
    positions = db.session.scalars(select(Position).order_by(Position.code)).all()
    page = render_template(
        "people/departments.html",
        every=every,
        positions=positions,
        department=department.apart("department"),
        position=position.apart("position"),
    )
    return page, 422 if adding else 200
