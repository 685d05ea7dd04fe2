"""What a version's countersigning stands at: its seats, who sits on each, and what was said to the text as it now is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from approval.models.audit import AuditEntry
from approval.models.countersign import OBJECTED, PolicyCountersigner, PolicySignature
from approval.models.people import OFFICES, Employee, Office, in_force
from approval.models.policy import PolicyVersion
from approval.services.act import Act

WRITES = ("policy:start", "policy:edit_source")


@dataclass(frozen=True)
class Seat:
    """A seat with its holders of today and what was said for it to this text; `kind` is "" where nothing was."""

    of: PolicyCountersigner
    people: Sequence[Employee]
    said: PolicySignature | None

    @property
    def kind(self) -> str:
        return self.said.kind if self.said else ""

    @property
    def objected(self) -> bool:
        return self.kind == OBJECTED

    @property
    def holders(self) -> list[int]:
        return [one.id for one in self.people]

    @property
    def name(self) -> str:
        """Who sits there, by name; the office where it is vacant."""
        return "／".join(one.name for one in self.people) or OFFICES.get(self.of.office, self.of.seat)


def document_print(version: PolicyVersion, changes: Mapping[str, Any] | None = None) -> str:
    """SHA-256 of what a countersigner sees: text, readings and dates; `changes` stand before the row's own columns."""
    columns = ("source", "choices", "effective_from", "effective_to")
    told: dict[str, Any] = {column: getattr(version, column) for column in columns}
    told |= {key: value for key, value in (changes or {}).items() if key in told}
    plain = {key: value.isoformat() if isinstance(value, date) else value for key, value in told.items()}
    return hashlib.sha256(json.dumps(plain, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def seats_of(act: Act, version: PolicyVersion) -> list[Seat]:
    """The seats in the order in which they were named, each with the newest word to the present text."""
    named = select(PolicyCountersigner).where(PolicyCountersigner.version_id == version.id)
    rows = act.session.scalars(named.order_by(PolicyCountersigner.id)).all()
    if not rows:
        return []
    now = document_print(version)
    said = {one.seat: one for one in signatures_of(act, version) if one.fingerprint == now}
    return [Seat(row, people_on(act, row), said.get(row.seat)) for row in rows]


def signatures_of(act: Act, version: PolicyVersion) -> Sequence[PolicySignature]:
    """Everything that was ever said to a version, the oldest first."""
    query = select(PolicySignature).where(PolicySignature.version_id == version.id)
    return act.session.scalars(query.order_by(PolicySignature.id)).all()


def people_on(act: Act, row: PolicyCountersigner) -> Sequence[Employee]:
    """The person of a seat, or who holds its office today, by number."""
    if row.employee is not None:
        return [row.employee]
    query = select(Employee).join(Office, Office.employee_id == Employee.id)
    query = query.where(Office.office == row.office, in_force(act.today, Office.from_on, Office.to_on))
    if row.department_id is not None:
        query = query.where(Office.department_id == row.department_id)
    return act.session.scalars(query.order_by(Employee.number)).all()


def has_seat(act: Act, version: PolicyVersion) -> bool:
    """Whether the actor is named to countersign, by himself or by his office."""
    return any(act.actor.employee_id in one.holders for one in seats_of(act, version))


def wrote(act: Act, version: PolicyVersion) -> bool:
    """Whether the actor drafted a version or changed its text: nobody countersigns his own."""
    return act.actor.employee_id is not None and act.actor.employee_id in writers_of(act, version)


def writers_of(act: Act, version: PolicyVersion) -> set[int | None]:
    """Who drafted a version and who changed its text, as its chain tells."""
    said = (AuditEntry.stream == version.stream, AuditEntry.action.in_(WRITES))
    return {version.author_id, *act.session.scalars(select(AuditEntry.actor_id).where(*said))}


def cleared_by(act: Act, version: PolicyVersion, changes: Mapping[str, Any]) -> dict[str, list[str]]:
    """Whose words a change of the text makes void, for the chain."""
    if document_print(version, changes) == document_print(version):
        return {}
    names = [one.said.employee.name for one in seats_of(act, version) if one.said]
    return {"cleared": names} if names else {}
