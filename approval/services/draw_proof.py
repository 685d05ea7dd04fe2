"""抽样凭证: a draw repeated from what was kept, and compared with the chain, by anybody whom the month is open to."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from approval.models.appraisal import Appraisal
from approval.models.audit import AuditEntry, entries_of
from approval.models.sampling import Draw, Sample, WorkItem
from approval.rules import sampling as rule
from approval.services.act import Act
from approval.services.audit import leaf_hash, plain
from approval.services.sight import Hidden, find_appraisal


@dataclass(frozen=True)
class Check:
    """One thing that a proof asks of a draw: its name, whether it holds, and what was found."""

    name: str
    holds: bool


@dataclass(frozen=True)
class DrawProof:
    """A draw as repeated now: the list drawn from, the order drawn, and every check."""

    draw: Draw
    appraisal: Appraisal
    population: Sequence[str]
    samples: Sequence[Sample]
    recomputed_hash: str
    repeated: Sequence[str]
    checks: Sequence[Check]

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
    query = select(Sample).where(Sample.draw_id == draw.id).order_by(Sample.position)
    samples = act.session.scalars(query).all()
    repeated = rule.draw(kept, len(samples), draw.seed)
    codes = tuple(one.work_item.code for one in samples)
    checks = (
        Check("记录清单的哈希与抽样时保存的一致", rule.population_hash(kept) == draw.population_hash),
        Check("用种子重新抽一次，结果和顺序完全相同", repeated == codes),
        *_chain_checks(act, draw, appraisal, codes),
        Check("清单里的每条记录都还在，没有被删除", not set(kept) - _codes(act, appraisal)),
    )
    return DrawProof(draw, appraisal, kept, samples, rule.population_hash(kept), repeated, checks)


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
    found = []
    for entry in entries_of(act.session, appraisal.stream):
        if entry.action == action and leaf_hash(entry.record) == entry.hash:
            record = json.loads(entry.record)
            if record["at"] == moment:
                found.append((entry, record["body"]))
    return found


def _codes(act: Act, appraisal: Appraisal) -> set[str]:
    return set(act.session.scalars(select(WorkItem.code).where(WorkItem.employee_id == appraisal.employee_id)))
