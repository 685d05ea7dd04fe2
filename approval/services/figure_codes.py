"""A figure or a standard in a file named as people call it: the code under which the policies know it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import select

from approval.models.appraisal import Appraisal
from approval.models.cycle import Cycle
from approval.models.people import Employee
from approval.models.policy import PolicyVersion
from approval.rules.policy import load
from approval.services.act import Act
from approval.services.gathering import policies_of
from approval.services.rulebook import policy_of
from workflows.appraisal import CANCELLED

Row = Mapping[str, Any]
BLOCKS = {"counts": "inputs", "factors": "inputs", "pay_standards": "params"}


def with_codes(act: Act, sheet: str, rows: Sequence[Row]) -> Sequence[Row]:
    """The rows of a sheet of figures with codes in place of names; a name of several figures is that of the month's policy."""
    block = BLOCKS.get(sheet)
    if block is None or not rows:
        return rows
    sources = act.session.scalars(select(PolicyVersion.source).distinct())
    named: dict[str, set[str]] = {}
    for code, name in {pair for source in sources for pair in _names_in(source, block)}:
        named.setdefault(name, set()).add(code)
    codes = {code for found in named.values() for code in found}
    taken = {_place(row) for row in rows if row["code"] in codes}
    made = []
    for row in rows:
        told = row if row["code"] in codes else {**row, "code": _code_of(act, row, named)}
        twice = told is not row and _place(told) in taken  # told once by its code: the name is left, and refused
        taken.add(_place(told))
        made.append(row if twice else told)
    return made


def _place(row: Row) -> tuple[Any, ...]:
    return row["employee_number"], row.get("period"), row.get("from_on"), row["code"]


def _code_of(act: Act, row: Row, named: Mapping[str, set[str]]) -> str:
    """The one code that a name stands for; the name itself where it stands for none, or for several."""
    found = named.get(str(row["code"]), set())
    if len(found) > 1 and "period" in row:
        found = found & _asked_of(act, row)
    return next(iter(found)) if len(found) == 1 else str(row["code"])


def _asked_of(act: Act, row: Row) -> set[str]:
    """The figures that the policies of the person's month ask for: its own, those of its posts, and bonus plans beside."""
    query = select(Appraisal).join(Cycle, Cycle.id == Appraisal.cycle_id)
    query = query.join(Employee, Employee.id == Appraisal.employee_id).where(Appraisal.state != CANCELLED)
    months = act.session.scalars(query.where(Employee.number == row["employee_number"], Cycle.period == row["period"]))
    policies = [policy for month in months for policy in (policy_of(month), *policies_of(act, month))]
    return {code for policy in policies for code in policy.inputs}


@lru_cache(maxsize=512)
def _names_in(source: str, block: str) -> frozenset[tuple[str, str]]:
    policy = load(source)
    parts = policy.inputs if block == "inputs" else policy.params
    return frozenset((code, name) for code, one in parts.items() for name in (one.zh, one.en))
