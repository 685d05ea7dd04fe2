"""抽样凭证: a draw repeated from what was kept, and compared with the chain, by anybody whom the month is open to."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from approval.models.appraisal import Appraisal
from approval.models.audit import AuditEntry, entries_of
from approval.models.people import Employee
from approval.models.sampling import Draw, Sample, WorkItem
from approval.rules import sampling as rule
from approval.rules.calendar import week_of_day
from approval.services.act import Act
from approval.services.audit import leaf_hash, plain
from approval.services.sight import Hidden, find_appraisal
from approval.services.staff_draw import people_drawn


@dataclass(frozen=True)
class Check:
    """One thing that a proof asks of a draw: its name, whether it holds, and what was found."""

    name: str
    holds: bool


@dataclass(frozen=True)
class Drawn:
    """What was drawn, as the list names it: a record's code, or a person's number; and its sample."""

    code: str
    sample: Sample


@dataclass(frozen=True)
class DrawProof:
    """A draw as repeated now: the list drawn from, the order drawn, and every check.

    `people`: the list is of people's numbers, those in `goes_first` before the others (A-06).
    """

    draw: Draw
    appraisal: Appraisal
    population: Sequence[str]
    drawn: Sequence[Drawn]
    recomputed_hash: str
    repeated: Sequence[str]
    checks: Sequence[Check]
    people: bool = False
    goes_first: Sequence[str] = ()

    @property
    def holds(self) -> bool:
        return all(check.holds for check in self.checks)


def find_draw(act: Act, draw_id: int) -> tuple[Draw, Appraisal]:
    """A finished draw of a month whose samples the actor may see; raises Hidden otherwise."""
    draw = act.session.get(Draw, draw_id)
    if draw is None or draw.drawn_at is None or draw.waived_reason:
        raise Hidden(f"draw {draw_id}")
    return draw, find_appraisal(act, draw.appraisal_id, "samples")


def proof(act: Act, draw: Draw, appraisal: Appraisal) -> DrawProof:
    """Repeat a draw, replacements of void samples included, from the stored seed and population, and say what holds.

    The chain is asked too: a list and a hash that were changed together still differ from what was recorded.
    """
    kept: list[str] = json.loads(draw.population)
    people = draw.method == rule.METHOD_OF_PEOPLE
    samples = people_drawn(act, draw) if people else _samples(act, draw)
    first = tuple(json.loads(draw.goes_first))
    repeated = rule.order_of_people(kept, first, draw.seed)[: len(samples)]
    codes = tuple(one.work_item.employee.number if people else one.work_item.code for one in samples)
    there = _numbers(act) if people else _codes(act, appraisal)
    checks = (
        Check("记录清单的哈希与抽样时保存的一致", rule.population_hash(kept) == draw.population_hash),
        Check("用种子重新抽一次，结果和顺序完全相同", repeated == codes),
        *_chain_checks(act, draw, appraisal, codes),
        *([Check("先抽的人与审计记录中的一致", _first_told(act, draw, appraisal) == first)] if people else []),
        Check("清单里的每条记录都还在，没有被删除", not set(kept) - there),
    )
    told = [Drawn(code, one) for code, one in zip(codes, samples, strict=True)]
    return DrawProof(draw, appraisal, kept, told, rule.population_hash(kept), repeated, checks, people, first)


def _samples(act: Act, draw: Draw) -> Sequence[Sample]:
    query = select(Sample).where(Sample.draw_id == draw.id).order_by(Sample.position)
    return act.session.scalars(query).all()


def _numbers(act: Act) -> set[str]:
    return set(act.session.scalars(select(Employee.number)))


def _first_told(act: Act, draw: Draw, appraisal: Appraisal) -> tuple[str, ...] | None:
    """Who went first by the chain; None where it says nothing of this draw."""
    draws = _told(act, draw, appraisal, "sampling:draw_sample")
    return next((tuple(body.get("goes_first", ())) for _entry, body in draws), None)


def _chain_checks(act: Act, draw: Draw, appraisal: Appraisal, codes: Sequence[str]) -> tuple[Check, ...]:
    seeds, draws = (
        _told(act, draw, appraisal, "sampling:record_seed"),
        _told(act, draw, appraisal, "sampling:draw_sample"),
    )
    seeded = [(entry.seq, body) for entry, body in seeds if body.get("seed") == draw.seed]
    drawn = [(entry.seq, body) for entry, body in draws if body.get("population_hash") == draw.population_hash]
    first = drawn[0][1].get("drawn", ()) if drawn else ()
    return (
        Check("种子与审计记录中的一致，而且记录在抽样之前", bool(seeded and drawn) and seeded[0][0] < drawn[0][0]),
        Check("清单哈希与审计记录中的一致", len(drawn) == 1),
        Check("首次抽中的样本与审计记录中的一致", bool(drawn) and list(codes[: len(first)]) == list(first)),
    )


def _told(act: Act, draw: Draw, appraisal: Appraisal, action: str) -> list[tuple[AuditEntry, Mapping[str, Any]]]:
    """The whole entries of this draw in the chain; one whose record does not match its hash says nothing."""
    moment = plain(draw.seeded_at if action.endswith("seed") else draw.drawn_at)
    label, found = week_of_day(draw.monday).label, []
    for entry in entries_of(act.session, appraisal.stream):
        if entry.action == action and leaf_hash(entry.record) == entry.hash:
            record = json.loads(entry.record)
            if record["at"] == moment and record["body"].get("week") == label:
                found.append((entry, record["body"]))
    return found


def _codes(act: Act, appraisal: Appraisal) -> set[str]:
    return set(act.session.scalars(select(WorkItem.code).where(WorkItem.employee_id == appraisal.employee_id)))
