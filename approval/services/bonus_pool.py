"""The department's bonus pool: its amount with its basis, the head's split, the general manager's approval (R006–R010)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import func, select

from approval.models.appraisal import Appraisal
from approval.models.bonus_pool import METHODS, BonusPool, PoolShare, PoolSplit
from approval.models.cycle import Cycle
from approval.models.guard import LeaverDecision
from approval.models.people import head_of
from approval.rules import bonus_pool as rule
from approval.rules import fairness
from approval.rules.calendar import MONTH, QUARTER, YEAR, kind_of
from approval.rules.money import bounded, half_up
from approval.rules.refusal import Refused
from approval.services.act import Act
from approval.services.audit import canonical
from approval.services.facts import general_manager
from approval.services.outbox import leave_letter
from approval.services.rulebook import policy_of
from approval.services.step import keep_record, start, take_step
from approval.services.suggestion import leavers_to_decide, months_of, weights
from workflows.appraisal import PAID, PAYOUT, SPLIT_APPROVAL
from workflows.bonus_pool import APPROVED, SPLITTING, SUBMITTED, WORKFLOW, BonusPoolFacts, by_head
from workflows.engine import No, NotAllowed, Offer

NAMES = {MONTH: "月度团队奖金池", QUARTER: "季度团队奖金池", YEAR: "年度团队奖金池"}


@dataclass(frozen=True)
class Wish:
    """What the head wants for one person: a share in fen, and his reason where it strays from the suggestion."""

    share_fen: int
    reason: str = ""


def open_pool(act: Act, cycle: Cycle, name: str = "") -> BonusPool:
    """Give a cycle its pool; a cycle has at most one, and none once a month of it went on to payout without."""
    found = act.session.scalars(select(BonusPool).where(BonusPool.cycle_id == cycle.id)).first()
    if found is not None:
        return found
    head = head_of(act.session, cycle.department_id, act.today)
    if act.actor.employee_id not in (None, head) and not act.actor.holds("hr", "finance"):
        raise NotAllowed([No("只有部门负责人、人事或财务可以建立奖金池")])
    gone = select(Appraisal.id).where(Appraisal.cycle_id == cycle.id, Appraisal.state.in_((PAYOUT, PAID)))
    if act.session.scalars(gone).first() is not None:
        raise NotAllowed([No("本月已有人按“没有奖金池”进入发放，不能再建立奖金池")])
    pool = BonusPool(cycle_id=cycle.id, name=name or NAMES[kind_of(cycle.period)])
    start(act, pool, WORKFLOW, body={"cycle": cycle.stream, "name": pool.name})
    return pool


def shares_of(act: Act, split_id: int | None) -> Sequence[PoolShare]:
    """The shares of one version, by employee number."""
    rows = act.session.scalars(select(PoolShare).where(PoolShare.split_id == split_id)).all()
    return sorted(rows, key=lambda share: share.employee.number)


def split_fingerprint(pool: BonusPool, split: PoolSplit, shares: Sequence[PoolShare]) -> str:
    """SHA-256 over the pool's amount with its basis, the version's number and every share: what an approval is bound to."""
    told = {
        "pool": pool.id,
        "number": split.number,
        "amount": [pool.pool_fen, pool.rate, pool.payable_fen, pool.basis],
        "shares": {share.employee.number: [share.share_fen, share.reason] for share in shares},
    }
    return hashlib.sha256(canonical(told).encode()).hexdigest()


def strays(share: PoolShare) -> bool:
    """Say whether a share differs from its suggestion by 10 % or more."""
    return fairness.strays(share.share_fen, share.suggested_fen)


def pool_facts(act: Act, pool: BonusPool) -> BonusPoolFacts:
    """Gather what the pool's guards ask, as of now."""
    shares = shares_of(act, pool.split_id)
    waiting = [one for one in months_of(act, pool) if one.state not in (SPLIT_APPROVAL, PAYOUT, PAID)]
    open_now = pool.state in (SPLITTING, SUBMITTED)
    return BonusPoolFacts(
        actor=act.actor.employee_id,
        head=head_of(act.session, pool.cycle.department_id, act.today),
        proposer=pool.submitted_by_id,
        is_general_manager=act.actor.holds("general_manager"),
        payable_fen=pool.payable_fen,
        shares_fen=sum(share.share_fen for share in shares) if pool.split_id else None,
        waiting_appraisals=len(waiting),
        unexplained_deviations=tuple(s.employee.name for s in shares if strays(s) and not s.reason),
        outdated_suggestions=outdated(act, pool) if open_now else (),
        undecided_leavers=tuple(one.employee.name for one in leavers_to_decide(act, pool)) if open_now else (),
        fingerprint=pool.split.fingerprint if pool.split else "",
        seen_fingerprint=pool.split.fingerprint if pool.split else "",
    )


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
    _must_be_splitting(act, pool, allow_finance=True)
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
        _suggest(act, pool, pool.split.method, keep_own=True)


def _must_be_splitting(act: Act, pool: BonusPool, *, allow_finance: bool = False) -> None:
    no = by_head(pool_facts(act, pool))
    if no is not None and not (allow_finance and act.actor.holds("finance")):
        raise NotAllowed([no])
    if pool.state != SPLITTING:
        raise NotAllowed([No("方案已经提交；要修改请先撤回，或由总经理退回")])


def propose_split(act: Act, pool: BonusPool, method: str) -> PoolSplit:
    """Draft the split by a method's weights: largest remainder, exact to the fen, ties to the smaller number.

    The head's own figures are replaced: he asked for a new draft.
    """
    _must_be_splitting(act, pool)
    if method not in METHODS:
        raise Refused("请选择一种起草方法", fault="unknown method")
    if pool.payable_fen is None:
        raise Refused("奖金池金额还没有确定；请先填写金额、完成率和依据", fault="pool amount unknown")
    return _suggest(act, pool, method, keep_own=False)


def refresh_suggestions(act: Act, pool: BonusPool) -> PoolSplit:
    """Suggest again from the scores and people of now; the head's own figures and reasons stay."""
    _must_be_splitting(act, pool)
    if pool.split is None or pool.payable_fen is None:
        raise Refused("请先选择一种起草方法", fault="no split drafted")
    return _suggest(act, pool, pool.split.method, keep_own=True)


def _suggest(act: Act, pool: BonusPool, method: str, *, keep_own: bool) -> PoolSplit:
    weight = weights(act, pool, method)
    shares = rule.split(pool.payable_fen or 0, weight)
    split = _editable(act, pool, method)
    kept = {share.employee.number: share for share in shares_of(act, split.id)}
    by_number = {one.employee.number: one for one in months_of(act, pool)}
    for number, share in kept.items():
        if number not in shares:
            act.session.delete(share)
    for number, fen in shares.items():
        row = kept.get(number)
        own = keep_own and row is not None and (row.share_fen != row.suggested_fen or bool(row.reason))
        row = row or PoolShare(split_id=split.id, employee_id=by_number[number].employee_id, reason="")
        row.appraisal_id, row.weight, row.suggested_fen = by_number[number].id, weight[number], fen
        if not own:
            row.share_fen, row.reason = fen, ""
        act.session.add(row)
    act.session.flush()
    told = {"method": method, "number": split.number, "suggested": shares, "shares": _told(shares_of(act, split.id))}
    keep_record(act, pool, "bonus_pool:propose_split", body=told)
    return split


def outdated(act: Act, pool: BonusPool) -> tuple[str, ...]:
    """Names of the people whose suggestion is not what the scores and people of now would give."""
    if pool.split is None or pool.payable_fen is None:
        return ()
    kept = {share.employee.number: share for share in shares_of(act, pool.split_id)}
    try:
        now = rule.split(pool.payable_fen, weights(act, pool, pool.split.method))
    except Refused:
        return tuple(share.employee.name for share in kept.values())
    names = {one.employee.number: one.employee.name for one in months_of(act, pool)}
    names |= {number: share.employee.name for number, share in kept.items()}
    suggested = {number: share.suggested_fen for number, share in kept.items()}
    return tuple(
        names[number] for number in sorted(now.keys() | suggested.keys()) if now.get(number) != suggested.get(number)
    )


def _draft(act: Act, pool: BonusPool, method: str) -> PoolSplit:
    """A new version, the next in number."""
    split = PoolSplit(pool_id=pool.id, number=_next_number(act, pool), method=method, drafted_by_id=act.person)
    split.drafted_at = act.at
    act.session.add(split)
    act.session.flush()
    keep_record(act, pool, "bonus_pool:draft", changes={"split_id": split.id}, body={"number": split.number})
    return split


def _next_number(act: Act, pool: BonusPool) -> int:
    last = act.session.scalar(select(func.max(PoolSplit.number)).where(PoolSplit.pool_id == pool.id))
    return (last or 0) + 1


def change_shares(act: Act, pool: BonusPool, wishes: Mapping[int, Wish]) -> None:
    """Keep the head's own figures by employee id; suggestions stay beside them. Needs not sum yet: submitting does."""
    _must_be_splitting(act, pool)
    if pool.split is None:
        raise Refused("请先选择一种起草方法", fault="no split drafted")
    split = _editable(act, pool)
    changed: dict[str, list[object]] = {}
    for share in shares_of(act, split.id):
        wish = wishes.get(share.employee_id)
        if wish is None:
            continue
        if wish.share_fen < 0:
            raise Refused("%(name)s 的份额不能为负数", fault="negative share", name=share.employee.name)
        if (share.share_fen, share.reason) != (wish.share_fen, wish.reason.strip()):
            changed[share.employee.number] = [share.share_fen, wish.share_fen, wish.reason.strip()]
            share.share_fen, share.reason = wish.share_fen, wish.reason.strip()
    act.session.flush()
    if changed:
        keep_record(act, pool, "bonus_pool:change_shares", body={"number": split.number, "shares": changed})


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


def fill_rest(act: Act, pool: BonusPool, fixed: frozenset[int]) -> None:
    """Give what is left to everybody but `fixed` by their weights, to the fen (按比例分完)."""
    _must_be_splitting(act, pool)
    if pool.split is None or pool.payable_fen is None:
        raise Refused("请先选择一种起草方法", fault="no split drafted")
    shares = shares_of(act, _editable(act, pool).id)
    by_hand = {s.employee.number: s.share_fen for s in shares if s.employee_id in fixed}
    rest = {s.employee.number: s.weight for s in shares if s.employee_id not in fixed}
    filled = rule.fill_rest(pool.payable_fen, by_hand, rest)
    change_shares(act, pool, {s.employee_id: Wish(filled[s.employee.number], s.reason) for s in shares})


def _editable(act: Act, pool: BonusPool, method: str = "") -> PoolSplit:
    """The draft to edit: the present version while it was never submitted, else a new one that starts from it."""
    old = pool.split
    if old is not None and not old.fingerprint:
        old.method = method or old.method
        return old
    fresh = _draft(act, pool, method or (old.method if old else "by_hand"))
    for share in shares_of(act, old.id) if old else ():
        copy = PoolShare(split_id=fresh.id, appraisal_id=share.appraisal_id, employee_id=share.employee_id)
        copy.weight, copy.suggested_fen = share.weight, share.suggested_fen
        copy.share_fen, copy.reason = share.share_fen, share.reason
        act.session.add(copy)
    act.session.flush()
    return fresh


def submit_split(act: Act, pool: BonusPool) -> None:
    """Submit the split to the general manager; refused unless the shares sum to the pool to the fen."""
    facts = pool_facts(act, pool)
    WORKFLOW.decide(pool.state, "submit", facts)
    assert pool.split is not None
    assert pool.payable_fen is not None
    shares = shares_of(act, pool.split_id)
    rule.check_shares(pool.payable_fen, {share.employee.number: share.share_fen for share in shares})
    if pool.split.fingerprint not in ("", split_fingerprint(pool, pool.split, shares)):
        shares = shares_of(act, _editable(act, pool).id)
    pool.split.fingerprint = split_fingerprint(pool, pool.split, shares)
    act.session.flush()
    facts = pool_facts(act, pool)
    changes = {"submitted_by_id": act.actor.employee_id, "submitted_at": act.at, "return_reason": ""}
    body = {"number": pool.split.number, "fingerprint": pool.split.fingerprint, "shares": _told(shares)}
    take_step(act, pool, WORKFLOW, "submit", facts, changes=changes, body=body)
    _write_to(act, pool, general_manager(act), "%(department)s %(period)s 奖金分配方案等待您批准", "/approvals")


def _told(shares: Sequence[PoolShare]) -> dict[str, int]:
    return {share.employee.number: share.share_fen for share in shares}


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
