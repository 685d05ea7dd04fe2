"""How an actor stands to a month, and the months that he may see: the facts for the table in workflows.sight."""

from __future__ import annotations

import json

from sqlalchemy import ColumnElement, Select, false, or_, select, true

from approval.models.appraisal import CLOSED_STATES, Appraisal
from approval.models.audit import AuditEntry
from approval.models.departments import departments_within
from approval.models.people import Employee, Employment
from approval.services.act import Act
from workflows.sight import HEAD, OWN, SCORER, TABLE, may_see


class Hidden(LookupError):
    """The thing does not exist, or not for this actor: the two answers are one (404)."""


def headed_by(act: Act) -> frozenset[int]:
    """The departments that the actor heads, with all that hang under them."""
    return departments_within(act.session, *act.actor.headed)


def relations(act: Act, appraisal: Appraisal, headed: frozenset[int] | None = None) -> frozenset[str]:
    """Collect the relations of the actor to one month; `headed` is what a list has asked already."""
    found = relations_to(act, appraisal.employee_id, appraisal.department_id, headed)
    return found | {SCORER} if appraisal.supervisor_id == act.actor.employee_id else found


def relations_to(
    act: Act, employee_id: int | None, department_id: int | None, headed: frozenset[int] | None = None
) -> frozenset[str]:
    """Collect the relations of the actor to one person's thing in a department, or to the department's own."""
    found = set(act.actor.offices - {"department_head"})
    if employee_id is not None and employee_id == act.actor.employee_id:
        found.add(OWN)
    if department_id in (headed_by(act) if headed is None else headed):
        found.add(HEAD)
    return frozenset(found)


def relations_with(act: Act, employee: Employee) -> frozenset[str]:
    """Collect the relations of the actor to a person: by the post of today, or the last that he had."""
    post = latest_post(act, employee)
    return relations_to(act, employee.id, None if post is None else post.department_id)


def latest_post(act: Act, employee: Employee) -> Employment | None:
    """The post of today or, for somebody who left, the last one."""
    begun = (Employment.employee_id == employee.id, Employment.from_on <= act.today)
    return act.session.scalars(select(Employment).where(*begun).order_by(Employment.from_on.desc())).first()


def sees_of(act: Act, employee: Employee, aspect: str) -> bool:
    """Say whether the actor may see an aspect of a person."""
    return may_see(aspect, relations_with(act, employee))


def sees(act: Act, appraisal: Appraisal, aspect: str, round_: int | None = None) -> bool:
    """Say whether the actor may see an aspect of a round (the present one without a number).

    Scores follow the stricter rule until the supervisor has closed that round; what was closed once stays readable.
    """
    if f"{aspect}_while_open" in TABLE and not _is_closed(act, appraisal, round_ or appraisal.round):
        aspect = f"{aspect}_while_open"
    return may_see(aspect, relations(act, appraisal))


def _is_closed(act: Act, appraisal: Appraisal, round_: int) -> bool:
    if round_ == appraisal.round:
        return appraisal.state in CLOSED_STATES
    closing = (AuditEntry.stream == appraisal.stream, AuditEntry.action == "appraisal:close_scores")
    records = act.session.scalars(select(AuditEntry.record).where(*closing))
    return any(json.loads(record)["body"].get("round") == round_ for record in records)


def find_appraisal(act: Act, appraisal_id: int, aspect: str = "appraisal") -> Appraisal:
    """Load a month that the actor may see an aspect of; raises Hidden otherwise."""
    appraisal = act.session.get(Appraisal, appraisal_id)
    if appraisal is None or not sees(act, appraisal, aspect):
        raise Hidden(f"appraisal {appraisal_id}")
    return appraisal


def visible_to(act: Act, aspect: str = "appraisal") -> ColumnElement[bool]:
    """SQL condition on Appraisal: the months that the actor may see an aspect of."""
    allowed = TABLE[aspect]
    if act.actor.offices & (allowed - {HEAD}):
        return true()
    person = act.actor.employee_id
    conditions: list[ColumnElement[bool]] = [false()]
    if OWN in allowed:
        conditions.append(Appraisal.employee_id == person)
    if SCORER in allowed:
        conditions.append(Appraisal.supervisor_id == person)
    if HEAD in allowed and act.actor.headed:
        conditions.append(Appraisal.department_id.in_(headed_by(act)))
    return or_(*conditions)


def visible_appraisals(act: Act, aspect: str = "appraisal") -> Select[Appraisal]:
    """Query of the months that the actor may see an aspect of."""
    return select(Appraisal).where(visible_to(act, aspect))
