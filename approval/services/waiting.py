"""What may wait for one person: a task, and in one statement which kinds of things wait at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload

from approval.models.advice import Advice
from approval.models.appraisal import Appraisal
from approval.models.beside import BonusVoid
from approval.models.bonus_pool import BonusPool
from approval.models.countersign import PolicyCountersigner
from approval.models.cycle import Cycle, LeftOut
from approval.models.feedback import Feedback
from approval.models.figures import RewardPenalty
from approval.models.guard import WageFlag
from approval.models.objection import Objection
from approval.models.payout import PayoutBatch, Payslip
from approval.models.policy import PolicyAcknowledgement, PolicyVersion
from approval.models.target import AnnualTarget, PersonalTarget
from approval.services.act import Act
from workflows.appraisal import REVIEWED, SETTLED

Kinds = Mapping[str, Select[Any]]
HELD = ("sampling", "department_review", "publication", "split_approval", "payout")  # of whom others hold the month


@dataclass(frozen=True)
class Task:
    """One thing to do: a Chinese msgid with its params, the day it is due, the page, and the verb on the button."""

    text: str
    link: str
    button: str
    due: date | None = None
    params: dict[str, Any] = field(default_factory=dict)
    hot: bool = True


@dataclass(frozen=True)
class Waiting:
    """What one page of one person asks once; kept for that page only, so that it never grows old."""

    act: Act

    @cached_property
    def kinds(self) -> frozenset[str]:
        """The kinds of things of which one may wait for the actor, in one statement; a desk reads on only where one does.

        Each kind is as wide as what its desk asks, or wider: nothing that a desk would find is left out.
        """
        asked = {**_own_kinds(self.act), **_team_kinds(self.act), **_office_kinds(self.act)}
        row = self.act.session.execute(select(*(one.exists().label(kind) for kind, one in asked.items()))).one()
        return frozenset(kind for kind, there in row._mapping.items() if there)

    @cached_property
    def own_months(self) -> Sequence[Appraisal]:
        """The actor's own months of a year, the newest first."""
        query = select(Appraisal).where(Appraisal.employee_id == self.act.actor.employee_id)
        query = query.options(joinedload(Appraisal.cycle), joinedload(Appraisal.frozen_policy))
        return self.act.session.scalars(query.order_by(Appraisal.id.desc()).limit(12)).all()

    @cached_property
    def unfinished(self) -> Mapping[int, tuple[Cycle, bool]]:
        """The cycles in which a month is neither paid nor ended, by id, and whether one of them is not settled yet."""
        month = select(Appraisal.id).where(Appraisal.cycle_id == Cycle.id)
        runs = month.where(Appraisal.state.not_in(SETTLED)).exists()
        owes = month.where(Appraisal.state == "payout").exists()
        query = select(Cycle, runs).where(or_(runs, owes)).options(joinedload(Cycle.department))
        return {one.id: (one, bool(open_)) for one, open_ in self.act.session.execute(query.order_by(Cycle.id))}

    @property
    def open_cycles(self) -> list[Cycle]:
        """The cycles whose months are not all settled."""
        return [one for one, open_ in self.unfinished.values() if open_]

    def cycle(self, cycle_id: int) -> Cycle:
        """A cycle in which something still waits."""
        return self.unfinished[cycle_id][0]


def _own_kinds(act: Act) -> Kinds:
    me = act.actor.employee_id
    own = select(Appraisal.id).where(Appraisal.employee_id == me)
    talks = (
        select(Feedback.id).join(Appraisal, Appraisal.id == Feedback.appraisal_id).where(Appraisal.employee_id == me)
    )
    read = select(PolicyAcknowledgement.version_id).where(PolicyAcknowledgement.employee_id == me)
    named = select(PolicyCountersigner.id).where(PolicyCountersigner.version_id == PolicyVersion.id).exists()
    return {
        "own month": own.where(Appraisal.state == "self_assessment"),
        "own month held": own.where(Appraisal.state.in_(HELD)),
        "payslip": select(Payslip.id).where(
            Payslip.employee_id == me, Payslip.line_state == "paid", Payslip.receipt_at.is_(None)
        ),
        "own target": select(PersonalTarget.id).where(
            PersonalTarget.employee_id == me, PersonalTarget.confirmed_at.is_(None)
        ),
        "talk to answer": talks.where(Feedback.confirmed_at.is_(None), Feedback.commented_at.is_(None)),
        "policy to read": select(PolicyVersion.id).where(
            PolicyVersion.state == "published", PolicyVersion.id.not_in(read)
        ),
        "countersigning": select(PolicyVersion.id).where(PolicyVersion.state == "reviewed", named),
        "split handed in": select(BonusPool.id).where(BonusPool.submitted_by_id == me, BonusPool.state == "submitted"),
        "batch handed in": select(PayoutBatch.id).where(
            PayoutBatch.prepared_by_id == me, PayoutBatch.state == "prepared"
        ),
    }


def _team_kinds(act: Act) -> Kinds:
    mine = select(Appraisal.id).where(Appraisal.supervisor_id == act.actor.employee_id)
    talked = select(Feedback.id).where(Feedback.appraisal_id == Appraisal.id, Feedback.round == Appraisal.round)
    months, targets = select(Appraisal.id), select(AnnualTarget.id)
    kinds: dict[str, Select[Any]] = {
        "month to score": mine.where(Appraisal.state.in_(("self_assessment", "sampling"))),
        "scores handed in": mine.where(Appraisal.state == "department_review"),
        "talk to hold": mine.where(Appraisal.state.in_(REVIEWED), ~talked.exists()),
    }
    if act.actor.headed or act.actor.holds("general_manager", "hr"):
        kinds |= {
            "review": months.where(Appraisal.state == "department_review"),
            "objection": select(Objection.id).where(Objection.state == "raised"),
            "publication": months.where(Appraisal.state == "publication"),
            "split": months.where(Appraisal.state == "split_approval"),
            "pool": select(BonusPool.id).where(BonusPool.state == "splitting"),
            "annual target": targets.where(AnnualTarget.year >= act.today.year),
        }
    return kinds


def _office_kinds(act: Act) -> Kinds:
    holds, kinds = act.actor.holds, dict[str, Select[Any]]()
    if holds("general_manager"):
        kinds |= {
            "split to approve": select(BonusPool.id).where(BonusPool.state == "submitted"),
            "batch to sign": select(PayoutBatch.id).where(PayoutBatch.state == "prepared"),
            "policy to publish": select(PolicyVersion.id).where(PolicyVersion.state == "reviewed"),
        }
    if holds("general_manager", "hr"):
        kinds["bonus void"] = select(BonusVoid.id).where(BonusVoid.state == "entered")
    if holds("hr"):
        kinds |= {
            "left out": select(LeftOut.id),
            "wage flag": select(WageFlag.id).where(WageFlag.decided_by_id.is_(None)),
            "advice": select(Advice.id).where(Advice.state == "proposed"),
        }
    if holds("hr", "data", "performance_admin"):
        kinds["open cycle"] = select(Appraisal.id).where(Appraisal.state.not_in(SETTLED))
    if holds("finance"):
        kinds |= {
            "month to pay": select(Appraisal.id).where(Appraisal.state == "payout"),
            "batch to pay": select(PayoutBatch.id).where(PayoutBatch.state.in_(("signed_off", "exported"))),
            "reward": select(RewardPenalty.id).where(RewardPenalty.confirmed_by_id.is_(None)),
        }
    return kinds
