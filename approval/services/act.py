"""Who acts, when, in which session: what every service takes from outside."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from approval.models.people import offices_on


@dataclass(frozen=True)
class Actor:
    """A person with the offices held today; `employee_id` None is the system itself, which decides nothing.

    `headed` are the departments whose head he is. `on_behalf_of` is set for a delegate: the office passes, never the
    right over his own case.
    """

    employee_id: int | None
    offices: frozenset[str] = frozenset()
    headed: frozenset[int] = frozenset()
    on_behalf_of: int | None = None

    def holds(self, *offices: str) -> bool:
        return bool(self.offices.intersection(offices))


SYSTEM = Actor(None)


@dataclass(frozen=True)
class Act:
    """One command: the session it writes in, the actor, the moment, and the zone in which days are counted."""

    session: Session
    actor: Actor
    at: datetime
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))

    @property
    def today(self) -> date:
        return self.at.astimezone(self.zone).date()

    @property
    def person(self) -> int:
        """The acting employee; a command of the system itself has none and must not ask."""
        if self.actor.employee_id is None:
            raise LookupError("the system itself has no employee")
        return self.actor.employee_id


def actor_of(session: Session, employee_id: int, day: date) -> Actor:
    """The actor that an employee is on a day, with his offices of that day."""
    offices = offices_on(session, employee_id, day)
    headed = frozenset(office.department_id for office in offices if office.department_id is not None)
    return Actor(employee_id, frozenset(office.office for office in offices), headed)
