"""What several services ask of a policy version: its rules with the readings chosen, who chose them, whom it is for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from approval.models.audit import AuditEntry
from approval.models.departments import Structure, structure_on
from approval.models.people import Employee, Employment, Position, in_force
from approval.models.policy import PolicyVersion
from approval.rules import policy as rule

Post = tuple[list[str], tuple[str, str]]  # names of departments, innermost first; code and name of the position
_SPAN = (Employment.from_on, Employment.to_on)
_POST = (Employment.department_id, Position.code, Position.name)
_POSTS = select(*_POST).join(Position, Position.id == Employment.position_id)
SAYS_READINGS = ("policy:start", "policy:choose_readings", "policy:edit_source")


@dataclass(frozen=True)
class Tick:
    """A reading that somebody read and chose: who (None: the system) and when."""

    reading: str
    who: Employee | None
    at: datetime


def policy_with_readings(version: PolicyVersion) -> rule.Policy:
    """The policy of a version with its chosen readings applied."""
    return rule.chosen_text(version.source, version.code, json.loads(version.choices))


def free_code(session: Session) -> str:
    """A code for a new policy that no other has."""
    number = (session.scalar(select(func.max(PolicyVersion.id))) or 0) + 1
    taken = set(session.scalars(select(PolicyVersion.code).where(PolicyVersion.code.like("policy-%"))))
    while f"policy-{number}" in taken:
        number += 1
    return f"policy-{number}"


def default_readings(source: str) -> dict[str, str]:
    """The default of every option of a policy file: whoever drafts it with these says that each was read."""
    return {option.code: option.default for option in rule.load(source).options}


def unread(version: PolicyVersion) -> tuple[str, ...]:
    """The options with several readings of which nobody has chosen one yet."""
    chosen = json.loads(version.choices)
    return tuple(
        one.code for one in policy_with_readings(version).options if len(one.choices) > 1 and one.code not in chosen
    )


def ticks_of(session: Session, version: PolicyVersion) -> Mapping[str, Tick]:
    """Who chose each reading that holds, and when, as the version's chain tells it."""
    said = (AuditEntry.stream == version.stream, AuditEntry.action.in_(SAYS_READINGS))
    found: dict[str, Tick] = {}
    for entry in session.scalars(select(AuditEntry).where(*said).order_by(AuditEntry.seq)):
        for option, reading in json.loads(entry.record)["body"].get("read", {}).items():
            found[option] = Tick(reading, entry.actor, entry.at)
    chosen = json.loads(version.choices)
    return {option: tick for option, tick in found.items() if chosen.get(option) == tick.reading}


def post_of(session: Session, person: int, day: date) -> Post | None:
    """What the scopes of policies ask of one person's post on a day; None where he has none."""
    query = _POSTS.where(Employment.employee_id == person, in_force(day, *_SPAN))
    row = session.execute(query).first()
    return None if row is None else _post(structure_on(session, day), row)


def people_in_scope(session: Session, version: PolicyVersion, day: date) -> Sequence[Employee]:
    """Everybody whose post on a day the version names, by number; from its first day on where that is later."""
    day, policy = max(day, version.effective_from), policy_with_readings(version)
    structure = structure_on(session, day)
    held = select(Employee, *_POST).join(Employment, Employment.employee_id == Employee.id).join(Employment.position)
    stays = or_(Employee.left_on.is_(None), Employee.left_on >= day)
    rows = session.execute(held.where(in_force(day, *_SPAN), stays).order_by(Employee.number))
    return list(dict.fromkeys(row[0] for row in rows if policy.covers(*_post(structure, row[1:]))))


def _post(structure: Structure, row: Any) -> Post:
    department, code, name = row
    return structure.names_of(department), (code, name)
