"""A version as a controlled document: 编号、版本、编制、审核、会签、批准、发布与执行日期 (R017), and its countersigning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select

from approval.i18n import in_language
from approval.models.audit import AuditEntry
from approval.models.countersign import OBJECTED, OFFICES_THAT_SIGN, PolicySignature
from approval.models.people import OFFICES, Department, Employee
from approval.models.policy import PolicyVersion
from approval.services.policy import policy_facts
from approval.services.signatures import Seat, document_print, seats_of, signatures_of
from approval.views.door import act
from approval.views.page import local
from forms.countersign import DropForm, NameForm, SignForm
from workflows.policy import DRAFT, REVIEWED, may_countersign


@dataclass(frozen=True)
class Cell:
    """One field of the document's header: its label, who, and when."""

    label: str
    who: str
    when: str = ""


@dataclass(frozen=True)
class SigningForms:
    """The forms of the section, as they were typed where one was refused."""

    name: NameForm | None = None
    sign: SignForm | None = None
    drop: DropForm | None = None
    seat: str = ""


@dataclass(frozen=True)
class Countersigning:
    """The section: its seats, what was said to earlier texts, and the forms that the reader may use."""

    seats: Sequence[Seat]
    earlier: Sequence[PolicySignature]
    seen: str
    name: NameForm | None
    sign: SignForm | None
    drop: DropForm
    seat: str


def control_of(version: PolicyVersion, entries: Sequence[AuditEntry]) -> list[Cell]:
    """The header's fields in the order of the paper form."""
    at = {entry.action: _day(entry.at) for entry in entries}
    author, reviewer, approver = (_name(one) for one in _people(version))
    seats = seats_of(act(), version)
    signed = "；".join(
        f"{one.said.employee.name} {_day(one.said.at)}" for one in seats if one.said and not one.objected
    )
    missing, objecting = (_names(seats, kind) for kind in ("", OBJECTED))
    told = (
        _("待会签：%(names)s", names=missing) if missing else "",
        _("%(names)s 有异议", names=objecting) if objecting else "",
    )
    waiting = "；".join(one for one in told if one)
    issued = _day(version.published_at) if version.published_at else ""
    ends = version.effective_to.isoformat() if version.effective_to else ""
    return [
        Cell(_("文件编号"), version.code),
        Cell(_("版本"), _("第 %(n)s 版", n=version.number)),
        Cell(_("编制"), author, at.get("policy:start", "")),
        Cell(_("审核"), reviewer, at.get("policy:review", "") if version.reviewed_by_id else ""),
        Cell(_("会签"), signed or ("" if seats else _("没有指定")), waiting),
        Cell(_("批准"), approver, _day(version.published_at) if version.published_at else ""),
        Cell(_("发布日期"), issued),
        Cell(_("执行日期"), f"{version.effective_from} – {ends}".rstrip(" –") if ends else str(version.effective_from)),
    ]


def _day(moment: datetime) -> str:
    """A day with its year: a document is read years later."""
    return local(moment).date().isoformat()


def _names(seats: Sequence[Seat], kind: str) -> str:
    return str(_("、")).join(_(one.name) for one in seats if one.kind == kind)


def _people(version: PolicyVersion) -> list[Employee | None]:
    ids = (version.author_id, version.reviewed_by_id, version.published_by_id)
    return [None if one is None else act().session.get_one(Employee, one) for one in ids]


def _name(person: Employee | None) -> str:
    return person.name if person else ""


def countersigning_of(version: PolicyVersion, writes: bool, given: SigningForms | None) -> Countersigning | None:
    """The section of a version: None where nobody was named and the reader names nobody."""
    given, seats, now = given or SigningForms(), seats_of(act(), version), document_print(version)
    names = version.state in (DRAFT, REVIEWED) and writes
    if not seats and not names:
        return None
    signs = may_countersign(policy_facts(act(), version)) is None
    return Countersigning(
        seats=seats,
        earlier=[one for one in signatures_of(act(), version) if one.fingerprint != now],
        seen=now,
        name=named_choices(given.name or NameForm(formdata=None)) if names else None,
        sign=(given.sign or SignForm(formdata=None)) if signs else None,
        drop=given.drop or DropForm(formdata=None),
        seat=given.seat,
    )


def seat_label(seat: Seat) -> str:
    """What a seat is called: the office with its department, or the person's number."""
    if seat.of.employee is not None:
        return str(seat.of.employee.number)
    office = _(OFFICES[seat.of.office])
    department = seat.of.department
    return f"{in_language(department.name, department.name_en)} {office}" if department else str(office)


def named_choices(form: NameForm) -> NameForm:
    """The form with the offices that may sign and the heads of departments."""
    plain = [(f"office:{one}", _(OFFICES[one])) for one in OFFICES_THAT_SIGN if one != "department_head"]
    heads = [
        (f"office:department_head:{one.id}", f"{in_language(one.name, one.name_en)} {_(OFFICES['department_head'])}")
        for one in act().session.scalars(select(Department).order_by(Department.id))
    ]
    form.seat.choices = [("", "—"), *plain, *heads]
    return form
