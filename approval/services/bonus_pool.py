"""The department's bonus pool: its amount with its basis, its way from the head to the general manager and back (R006–R010)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from approval.models.appraisal import Appraisal
from approval.models.bonus_pool import BonusPool
from approval.models.cycle import Cycle
from approval.models.departments import head_of
from approval.models.guard import LeaverDecision
from approval.models.policy import FrozenPolicy
from approval.rules import bonus_pool as rule
from approval.rules.calendar import MONTH, QUARTER, YEAR, kind_of
from approval.rules.money import bounded, half_up
from approval.rules.policy import Policy
from approval.rules.refusal import Refused
from approval.services.act import Act
from approval.services.facts import comes_to_a_pool_alone, general_manager
from approval.services.outbox import leave_letter
from approval.services.pool_split import (
    editable,
    must_be_splitting,
    pool_facts,
    shares_of,
    shares_told,
    split_fingerprint,
    suggest,
)
from approval.services.rulebook import policy_in, policy_of
from approval.services.step import keep_record, start, take_step
from approval.services.suggestion import leavers_to_decide, months_of
from workflows.appraisal import COMPUTED, PAID
from workflows.bonus_pool import APPROVED, SPLITTING, WORKFLOW
from workflows.engine import No, NotAllowed, Offer

NAMES = {MONTH: "月度团队奖金池", QUARTER: "季度团队奖金池", YEAR: "年度团队奖金池"}


def open_pool(act: Act, cycle: Cycle, name: str = "") -> BonusPool:
    """Give a cycle its pool; a cycle has at most one, and none once a month of it went on to payout without."""
    found = act.session.scalars(select(BonusPool).where(BonusPool.cycle_id == cycle.id)).first()
    if found is not None:
        return found
    head = head_of(act.session, cycle.department_id, act.today)
    if act.actor.employee_id not in (None, head) and not act.actor.holds("hr", "finance"):
        raise NotAllowed([No("只有部门负责人、人事或财务可以建立奖金池")])
    gone = select(Appraisal.id).where(Appraisal.cycle_id == cycle.id, Appraisal.state.in_(COMPUTED))
    if act.session.scalars(gone).first() is not None:
        raise NotAllowed([No("本月已有人按“没有奖金池”进入发放，不能再建立奖金池")])
    pool = BonusPool(cycle_id=cycle.id, name=name or NAMES[kind_of(cycle.period)])
    start(act, pool, WORKFLOW, body={"cycle": cycle.stream, "name": pool.name})
    return pool


@dataclass(frozen=True)
class CyclePool:
    """A cycle with its pool if there is one, how many months wait behind it, and whether they come to a pool alone."""

    cycle: Cycle
    pool: BonusPool | None
    waiting: int
    needs_pool: bool


def pools_by_cycle(act: Act, departments: Collection[int] | None = None) -> list[CyclePool]:
    """The cycles of some departments, or of all, with their pools, the newest first; in two statements."""
    query = select(Cycle, BonusPool).outerjoin(BonusPool, BonusPool.cycle_id == Cycle.id)
    query = query.options(joinedload(Cycle.department)).order_by(Cycle.period.desc(), Cycle.department_id)
    query = query if departments is None else query.where(Cycle.department_id.in_(departments))
    months = select(Appraisal.cycle_id, FrozenPolicy, func.count()).join(Appraisal.frozen_policy)
    months = months.where(Appraisal.state == "split_approval").group_by(Appraisal.cycle_id, FrozenPolicy.id)
    waiting: dict[int, list[tuple[Policy, int]]] = {}
    for cycle_id, frozen, count in act.session.execute(months):
        waiting.setdefault(cycle_id, []).append((policy_in(frozen), count))
    found = []
    for cycle, pool in act.session.execute(query):
        of = waiting.get(cycle.id, [])
        alone = any(comes_to_a_pool_alone(policy, cycle.period) for policy, _count in of)
        found.append(CyclePool(cycle, pool, sum(count for _policy, count in of), alone))
    return found


def offers(act: Act, pool: BonusPool) -> dict[str, Offer]:
    """The buttons of this actor on a pool."""
    return {offer.trigger: offer for offer in WORKFLOW.offers(pool.state, pool_facts(act, pool))}


def enter_amount(act: Act, pool: BonusPool, amount_fen: int, rate: Decimal, basis: str) -> None:
    """Set the pool's amount and the completion rate with their basis; payable = amount × rate, rounded once (R008)."""
    if amount_fen < 0 or rate < 0:
        raise Refused("奖金池金额和完成率不能为负数", fault="negative amount")
    payable = bounded(half_up(Fraction(amount_fen) * Fraction(rate)))
    _keep_amount(act, pool, rule.Pool(amount_fen, rate, payable), basis, {})


def pool_rule(act: Act, pool: BonusPool) -> Mapping[str, Any] | None:
    """The policy's rule for a pool whose sources are all written in it (R007); None where the amount is entered."""
    kind = kind_of(pool.cycle.period)
    for policy in {one.frozen_policy.fingerprint: policy_of(one) for one in months_of(act, pool)}.values():
        for one in policy.pools:
            if one["period"] == kind and all("input" not in source for source in one["sources"]):
                return one
    return None


def enter_completion(act: Act, pool: BonusPool, parts: Mapping[str, Decimal], basis: str) -> None:
    """Set the completion rate as the sum of its named parts (R006: A+B+C); the amount is the policy's own (R007)."""
    told = pool_rule(act, pool)
    if told is None or set(parts) != set(told["completion"]["parts"]):
        raise Refused("方案没有写明这个奖金池的金额，请直接填写金额和完成率", fault="no sources in the policy")
    cap = told["completion"].get("cap")
    sources = [{key: Decimal(one[key]) for key in ("base", "rate", "amount") if key in one} for one in told["sources"]]
    found = rule.pool_amount(sources, list(parts.values()), Decimal(cap) if cap else None)
    _keep_amount(act, pool, found, basis, {"parts": parts})


def _keep_amount(act: Act, pool: BonusPool, found: rule.Pool, basis: str, body: Mapping[str, Any]) -> None:
    must_be_splitting(act, pool, allow_finance=True)
    if not basis.strip():
        raise Refused("请写明奖金池金额和完成率的依据", fault="basis missing")
    changes = {
        "pool_fen": found.pool_fen,
        "rate": found.rate,
        "payable_fen": found.payable_fen,
        "basis": basis.strip(),
        "amount_by_id": act.actor.employee_id,
    }
    keep_record(act, pool, "bonus_pool:enter_amount", changes=changes, body=body)
    if pool.split is not None:
        suggest(act, pool, pool.split.method, keep_own=True)


def decide_leaver(act: Act, pool: BonusPool, employee_id: int, keeps: bool, reason: str) -> None:
    """HR says in writing whether somebody whom the company let go keeps his part; the split waits for it."""
    if not act.actor.holds("hr"):
        raise NotAllowed([No("只有人事可以决定离职人员是否参加分配")])
    if act.actor.employee_id == employee_id:
        raise NotAllowed([No("不能决定自己是否参加分配")])
    waiting = {one.employee_id: one.employee for one in leavers_to_decide(act, pool)}
    if pool.state != SPLITTING or employee_id not in waiting:
        raise NotAllowed([No("这个人不需要决定，或已经决定过")])
    if not reason.strip():
        raise Refused("请写明理由", fault="reason missing")
    row = LeaverDecision(pool_id=pool.id, employee_id=employee_id, keeps=keeps, reason=reason.strip())
    row.decided_by_id, row.decided_at = act.person, act.at
    act.session.add(row)
    act.session.flush()
    told = {"employee": waiting[employee_id].number, "keeps": keeps}
    keep_record(act, pool, "bonus_pool:decide_leaver", reason=reason, body=told)


def submit_split(act: Act, pool: BonusPool) -> None:
    """Submit the split to the general manager; refused unless the shares sum to the pool to the fen."""
    facts = pool_facts(act, pool)
    WORKFLOW.decide(pool.state, "submit", facts)
    assert pool.split is not None
    assert pool.payable_fen is not None
    shares = shares_of(act, pool.split_id)
    rule.check_shares(pool.payable_fen, {share.employee.number: share.share_fen for share in shares})
    if pool.split.fingerprint not in ("", split_fingerprint(pool, pool.split, shares)):
        shares = shares_of(act, editable(act, pool).id)
    pool.split.fingerprint = split_fingerprint(pool, pool.split, shares)
    act.session.flush()
    facts = pool_facts(act, pool)
    changes = {"submitted_by_id": act.actor.employee_id, "submitted_at": act.at, "return_reason": ""}
    body = {"number": pool.split.number, "fingerprint": pool.split.fingerprint, "shares": shares_told(shares)}
    take_step(act, pool, WORKFLOW, "submit", facts, changes=changes, body=body)
    _write_to(act, pool, general_manager(act), "%(department)s %(period)s 奖金分配方案等待您批准", "/approvals")


def withdraw_split(act: Act, pool: BonusPool) -> None:
    """Take the proposal back while the general manager has not decided."""
    changes = {"submitted_by_id": None, "submitted_at": None}
    take_step(act, pool, WORKFLOW, "withdraw", pool_facts(act, pool), changes=changes)


def send_back_split(act: Act, pool: BonusPool, seen: str, reason: str) -> None:
    """Return the proposal to the head with a reason; the version stays readable."""
    facts = replace(pool_facts(act, pool), seen_fingerprint=seen)
    proposer = pool.submitted_by_id
    changes = {"submitted_by_id": None, "submitted_at": None, "return_reason": reason.strip()}
    take_step(act, pool, WORKFLOW, "send_back", facts, reason=reason, changes=changes)
    _write_to(act, pool, proposer, "%(department)s %(period)s 奖金分配方案被退回，请修改后重新提交")


def approve_split(
    act: Act, pool: BonusPool, seen: str, unticked: int = 0, opinion: str = "", ticked: Sequence[str] = ()
) -> None:
    """Approve exactly the version whose fingerprint the general manager saw, with every red exception ticked.

    `ticked` are the exceptions that he marked as seen; they are told in the chain.
    """
    facts = replace(pool_facts(act, pool), seen_fingerprint=seen, unticked_exceptions=unticked)
    changes = {"approved_by_id": act.actor.employee_id, "approved_at": act.at, "approved_fingerprint": seen}
    body = {"fingerprint": seen, "payable_fen": pool.payable_fen, "ticked": list(ticked)}
    take_step(act, pool, WORKFLOW, "approve", facts, reason=opinion, changes=changes, body=body)
    _write_to(act, pool, pool.submitted_by_id, "%(department)s %(period)s 奖金分配方案已批准")


def pay_pool(act: Act, pool: BonusPool) -> None:
    """Mark an approved pool as paid, once no month of its cycle waits for payment any more."""
    if pool.state != APPROVED or any(one.state != PAID for one in months_of(act, pool)):
        return
    take_step(act, pool, WORKFLOW, "pay", replace(pool_facts(act, pool), batch_paid=True))


def _write_to(act: Act, pool: BonusPool, to: int | None, subject: str, page: str = "/bonus-pools") -> None:
    params = {"department": pool.cycle.department.name, "period": pool.cycle.period}
    leave_letter(act, [to], subject, f"{page}/{pool.id}", **params)
