"""What waits for one person: a task, and what one page asks once for all desks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

from sqlalchemy import select

from approval.models.departments import Structure, structure_on
from approval.models.policy import FrozenPolicy, PolicyVersion
from approval.rules.policy import Policy
from approval.services.act import Act
from approval.services.desk_kinds import things_for
from approval.services.desk_rows import Row
from approval.services.rulebook import policy_in

NAMED = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True)
class Task:
    """One thing to do: a Chinese msgid with its params, the day it is due, the page, and the verb on the button."""

    text: str
    link: str
    button: str
    due: date | None = None
    params: dict[str, Any] = field(default_factory=dict)
    hot: bool = True


def task(row: Row, text: str, link: str, button: str, *, hot: bool = True, **more: Any) -> Task:
    """The task that a row is: the text's params and the {fields} of the link are the row's, or what is said besides."""
    told = asdict(row) | more
    return Task(text, link.format(**told), button, told["day"], {name: told[name] for name in NAMED.findall(text)}, hot)


def by_cycle(rows: Iterable[Row]) -> list[Row]:
    """The first row of each cycle, with `n` summed up."""
    first, sums = dict[int, Row](), Counter[int]()
    for one in rows:
        first.setdefault(one.cycle_id, one)
        sums[one.cycle_id] += one.n
    return [replace(one, n=sums[cycle_id]) for cycle_id, one in first.items()]


@dataclass(frozen=True)
class Waiting:
    """What one page of one person asks once; kept for that page only, so that it never grows old."""

    act: Act

    @cached_property
    def rows(self) -> Mapping[str, Sequence[Row]]:
        """Everything that may wait for the actor, by its kind, in one statement."""
        found: dict[str, list[Row]] = {}
        for row in things_for(self.act):
            if row["id"] is not None:
                told = Row(**{name: value for name, value in row.items() if value is not None})
                found.setdefault(told.kind, []).append(told)
        return found

    def of(self, kind: str) -> Sequence[Row]:
        """What may wait of one kind."""
        return self.rows.get(kind, ())

    @cached_property
    def _policies(self) -> Mapping[int, Policy]:
        wanted = {row.policy_id for rows in self.rows.values() for row in rows}
        found = self.act.session.scalars(select(FrozenPolicy).where(FrozenPolicy.id.in_(wanted)))
        return {one.id: policy_in(one) for one in found}

    def policy(self, row: Row) -> Policy:
        """The frozen policy that a row names; all of them in one statement."""
        return self._policies[row.policy_id]

    @cached_property
    def _versions(self) -> Mapping[int, PolicyVersion]:
        wanted = {one.id for kind in ("policy to read", "seat") for one in self.of(kind)}
        found = self.act.session.scalars(select(PolicyVersion).where(PolicyVersion.id.in_(wanted)))
        return {one.id: one for one in found}

    def version(self, row: Row) -> PolicyVersion:
        """The policy version that a row is of, to read or to countersign; all of them in one statement."""
        return self._versions[row.id]

    @cached_property
    def structure(self) -> Structure:
        """The departments of today with their heads."""
        return structure_on(self.act.session, self.act.today)

    @cached_property
    def chief(self) -> int | None:
        """The general manager of today, for those who review or hear objections; None where the seat is vacant."""
        found = sorted(self.of("general manager"), key=lambda one: one.name)
        return found[0].id if found else None

    def reviewer(self, row: Row) -> int | None:
        """Who reviews a row's month: the head of its department, or for the head's own the general manager."""
        head = self.structure.head(row.department_id)
        return self.chief if head == row.employee_id else head

    @cached_property
    def headed(self) -> frozenset[int]:
        """The departments that the actor heads, with all that hang under them."""
        return self.structure.within(self.act.actor.headed) if self.act.actor.headed else frozenset()
