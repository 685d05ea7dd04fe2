"""A thing that may wait on somebody's desk, as one row of one statement: the shape that all kinds of things share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, Integer, Select, String, cast, func, literal, null, select

from approval.models.appraisal import Appraisal
from approval.models.base import Instant
from approval.models.cycle import Cycle
from approval.models.people import Department, Employee

Rows = Select[Any]

MORE = {  # what a row may tell besides its kind and its id
    "cycle_id": Integer,
    "policy_id": Integer,
    "department_id": Integer,
    "employee_id": Integer,
    "supervisor_id": Integer,
    "n": Integer,
    "state": String,
    "name": String,
    "code": String,
    "department": String,
    "period": String,
    "day": Date,
    "at": Instant,
}


@dataclass(frozen=True)
class Row:
    """One thing that may wait, as its kind tells it: `policy_id` of a frozen policy, `n` how many, `day` mostly until when."""

    kind: str
    id: int
    cycle_id: int = 0
    policy_id: int = 0
    department_id: int = 0
    employee_id: int = 0
    supervisor_id: int = 0
    n: int = 0
    state: str = ""
    name: str = ""
    code: str = ""
    department: str = ""
    period: str = ""
    day: date | None = None
    at: datetime | None = None


def row(kind: str, of: Any, **more: Any) -> Rows:
    """A row a thing of one table, with what its kind tells; what it does not tell is NULL of the right type."""
    told = (more.get(name, cast(null(), type_)).label(name) for name, type_ in MORE.items())
    return select(literal(kind, String).label("kind"), of.label("id"), *told)


def of_cycle(kind: str, of: Any, cycle_id: Any, due: Any = None, **more: Any) -> Rows:
    """A row a thing of a cycle, with the cycle's period and department, and a day of its calendar."""
    told = {"cycle_id": Cycle.id, "period": Cycle.period, "department_id": Cycle.department_id}
    told |= {"department": Department.name} | more | ({} if due is None else {"day": due})
    query = row(kind, of, **told).select_from(cycle_id.class_).join(Cycle, Cycle.id == cycle_id)
    return query.join(Department, Department.id == Cycle.department_id)


def of_month(kind: str, due: Any = None, **more: Any) -> Rows:
    """A row an appraisal, with its person, policy and state."""
    told = {"policy_id": Appraisal.frozen_policy_id, "state": Appraisal.state, "name": Employee.name} | more
    query = of_cycle(kind, Appraisal.id, Appraisal.cycle_id, due, employee_id=Appraisal.employee_id, **told)
    return query.join(Employee, Employee.id == Appraisal.employee_id)


def of_months(kind: str, due: Any = None, *by: Any, of: Any = Cycle.id, **more: Any) -> Rows:
    """A row a cycle with the number of its appraisals, or several, one for each of what it is counted `by`."""
    query = of_cycle(kind, of, Appraisal.cycle_id, due, **{"n": func.count()} | more)
    return query.group_by(Cycle.id, Department.id, *by)
