"""The department's bonus pool: its amount with its basis, the head's split, the general manager's approval (R006–R010)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import func, select

from approval.models.appraisal import Appraisal
from approval.models.bonus_pool import BonusPool, PoolShare, PoolSplit
from approval.models.cycle import Cycle
from approval.models.people import PayStandard, head_of, in_force
from approval.rules import bonus_pool as rule
from approval.rules.money import half_up
from approval.rules.pay import scale_value
from approval.rules.refusal import Refused
from approval.services.act import Act
from approval.services.audit import canonical
from approval.services.facts import general_manager
from approval.services.outbox import leave_letter
from approval.services.rulebook import policy_of
from approval.services.step import keep_record, start, take_step
from workflows.appraisal import CANCELLED, PAID, PAYOUT, SPLIT_APPROVAL
from workflows.bonus_pool import APPROVED, SPLITTING, WORKFLOW, BonusPoolFacts, by_head
from workflows.engine import No, NotAllowed, Offer

DEVIATION = Fraction(1, 10)


@dataclass(frozen=True)
class Wish:
    """What the head wants for one person: a share in fen, and his reason where it strays from the suggestion."""

    share_fen: int
    reason: str = ""


def open_pool(act: Act, cycle: Cycle, name: str = "月度团队奖金池") -> BonusPool:
    """Give a cycle its pool; a cycle has at most one."""
    found = act.session.scalars(select(BonusPool).where(BonusPool.cycle_id == cycle.id)).first()
    if found is not None:
        return found
    pool = BonusPool(cycle_id=cycle.id, name=name)
    start(act, pool, WORKFLOW, body={"cycle": cycle.stream, "name": name})
    return pool


def months_of(act: Act, pool: BonusPool) -> Sequence[Appraisal]:
    """The months that take part in a pool, by employee number; void ones do not."""
    query = select(Appraisal).where(Appraisal.cycle_id == pool.cycle_id, Appraisal.state != CANCELLED)
    return sorted(act.session.scalars(query), key=lambda one: one.employee.number)


def shares_of(act: Act, split_id: int | None) -> Sequence[PoolShare]:
    """The shares of one version, by employee number."""
    rows = act.session.scalars(select(PoolShare).where(PoolShare.split_id == split_id)).all()
    return sorted(rows, key=lambda share: share.employee.number)


def split_fingerprint(pool: BonusPool, split: PoolSplit, shares: Sequence[PoolShare]) -> str:
    """SHA-256 over the pool's sum, the version's number and every share: what an approval is bound to."""
    told = {
        "pool": pool.id,
        "number": split.number,
        "payable_fen": pool.payable_fen,
        "shares": {share.employee.number: [share.share_fen, share.reason] for share in shares},
    }
    return hashlib.sha256(canonical(told).encode()).hexdigest()


def strays(share: PoolShare) -> bool:
    """Say whether a share differs from its suggestion by 10 % or more."""
    difference = abs(share.share_fen - share.suggested_fen)
    if share.suggested_fen == 0:
        return difference > 0
    return Fraction(difference, share.suggested_fen) >= DEVIATION


def pool_facts(act: Act, pool: BonusPool) -> BonusPoolFacts:
    """Gather what the pool's guards ask, as of now."""
    shares = shares_of(act, pool.split_id)
    waiting = [one for one in months_of(act, pool) if one.state not in (SPLIT_APPROVAL, PAYOUT, PAID)]
    return BonusPoolFacts(
        actor=act.actor.employee_id,
        head=head_of(act.session, pool.cycle.department_id, act.today),
        proposer=pool.submitted_by_id,
        is_general_manager=act.actor.holds("general_manager"),
        payable_fen=pool.payable_fen,
        shares_fen=sum(share.share_fen for share in shares) if pool.split_id else None,
        waiting_appraisals=len(waiting),
        unexplained_deviations=tuple(s.employee.name for s in shares if strays(s) and not s.reason),
        fingerprint=pool.split.fingerprint if pool.split else "",
        seen_fingerprint=pool.split.fingerprint if pool.split else "",
    )


def offers(act: Act, pool: BonusPool) -> dict[str, Offer]:
    """The buttons of this actor on a pool."""
    return {offer.trigger: offer for offer in WORKFLOW.offers(pool.state, pool_facts(act, pool))}


def enter_amount(act: Act, pool: BonusPool, amount_fen: int, rate: Decimal, basis: str) -> None:
    """Set the pool's amount and the completion rate with their basis; payable = amount × rate, rounded once (R008)."""
    _must_be_splitting(act, pool, allow_finance=True)
    if not basis.strip():
        raise Refused("请写明奖金池金额和完成率的依据", fault="basis missing")
    if amount_fen < 0 or rate < 0:
        raise Refused("奖金池金额和完成率不能为负数", fault="negative amount")
    payable = half_up(Fraction(amount_fen) * Fraction(rate))
    changes = {
        "pool_fen": amount_fen,
        "rate": rate,
        "payable_fen": payable,
        "basis": basis.strip(),
        "amount_by_id": act.actor.employee_id,
    }
    keep_record(act, pool, "bonus_pool:enter_amount", changes=changes)
    if pool.split is not None and pool.split.method != "by_hand":
        propose_split(act, pool, pool.split.method)


def _must_be_splitting(act: Act, pool: BonusPool, *, allow_finance: bool = False) -> None:
    no = by_head(pool_facts(act, pool))
    if no is not None and not (allow_finance and act.actor.holds("finance")):
        raise NotAllowed([no])
    if pool.state != SPLITTING:
        raise NotAllowed([No("方案已经提交；要修改请先撤回，或由总经理退回")])


def weights(act: Act, pool: BonusPool, method: str) -> dict[str, Decimal]:
    """The weights of a method by employee number: the score, coefficient × base pay, or one each."""
    return {one.employee.number: _weight(act, one, method) for one in months_of(act, pool) if _takes_part(act, one)}


def _takes_part(act: Act, appraisal: Appraisal) -> bool:
    """Who left before the period's end has no share; his part stays in the pool's sum (R010)."""
    left_on = appraisal.employee.left_on
    return left_on is None or left_on >= appraisal.cycle.last_on


def _weight(act: Act, appraisal: Appraisal, method: str) -> Decimal:
    if method == "equal":
        return Decimal(1)
    if appraisal.score is None:
        return Decimal(0)
    if method == "score":
        return appraisal.score
    coefficient = scale_value(policy_of(appraisal), appraisal.score)
    return (base_pay(act, appraisal) * coefficient).quantize(Decimal("0.000001"))


def base_pay(act: Act, appraisal: Appraisal) -> Decimal:
    """The base pay standard of a month in yuan: the employee's own figure, else the policy's."""
    query = select(PayStandard.value).where(
        PayStandard.employee_id == appraisal.employee_id,
        PayStandard.code == "base",
        in_force(appraisal.cycle.last_on, PayStandard.from_on, PayStandard.to_on),
    )
    own = act.session.scalars(query).first()
    param = policy_of(appraisal).params.get("base")
    return own if own is not None else (param.value if param and param.value is not None else Decimal(0))


def propose_split(act: Act, pool: BonusPool, method: str) -> PoolSplit:
    """Draft the split by a method's weights: largest remainder, exact to the fen, ties to the smaller number."""
    _must_be_splitting(act, pool)
    if pool.payable_fen is None:
        raise Refused("奖金池金额还没有确定；请先填写金额、完成率和依据", fault="pool amount unknown")
    weight = weights(act, pool, "equal" if method == "by_hand" else method)
    shares = rule.split(pool.payable_fen, weight)
    split = _draft(act, pool, method)
    kept = {share.employee.number: share for share in shares_of(act, split.id)}
    by_number = {one.employee.number: one for one in months_of(act, pool)}
    for number, share in kept.items():
        if number not in shares:
            act.session.delete(share)
    for number, fen in shares.items():
        row = kept.get(number) or PoolShare(split_id=split.id, employee_id=by_number[number].employee_id)
        row.appraisal_id, row.weight = by_number[number].id, weight[number]
        row.suggested_fen, row.share_fen, row.reason = fen, fen, ""
        act.session.add(row)
    act.session.flush()
    keep_record(
        act, pool, "bonus_pool:propose_split", body={"method": method, "number": split.number, "shares": shares}
    )
    return split


def _draft(act: Act, pool: BonusPool, method: str) -> PoolSplit:
    """The version being drafted: the present one while it was never submitted, else a new one."""
    split = pool.split
    if split is None or split.fingerprint:
        split = PoolSplit(pool_id=pool.id, number=_next_number(act, pool), method=method, drafted_by_id=act.person)
        split.drafted_at = act.at
        act.session.add(split)
        act.session.flush()
        keep_record(act, pool, "bonus_pool:draft", changes={"split_id": split.id}, body={"number": split.number})
    split.method, split.drafted_at = method, act.at
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


def _editable(act: Act, pool: BonusPool) -> PoolSplit:
    """The draft to edit; after a return it is a new version that starts from the returned one."""
    split = pool.split
    assert split is not None
    if not split.fingerprint:
        return split
    old = shares_of(act, split.id)
    fresh = _draft(act, pool, split.method)
    for share in old:
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
    assert pool.split is not None and pool.payable_fen is not None
    shares = shares_of(act, pool.split_id)
    rule.check_shares(pool.payable_fen, {share.employee.number: share.share_fen for share in shares})
    if not pool.split.fingerprint:
        pool.split.fingerprint = split_fingerprint(pool, pool.split, shares)
    act.session.flush()
    changes = {"submitted_by_id": act.actor.employee_id, "submitted_at": act.at, "return_reason": ""}
    body = {"number": pool.split.number, "fingerprint": pool.split.fingerprint, "shares": _told(shares)}
    take_step(act, pool, WORKFLOW, "submit", facts, changes=changes, body=body)
    subject = "%(department)s %(period)s 奖金分配方案等待您批准"
    _write_to(act, pool, general_manager(act), subject)


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


def approve_split(act: Act, pool: BonusPool, seen: str, unticked: int = 0, opinion: str = "") -> None:
    """Approve exactly the version whose fingerprint the general manager saw, with every red exception ticked."""
    facts = replace(pool_facts(act, pool), seen_fingerprint=seen, unticked_exceptions=unticked)
    changes = {"approved_by_id": act.actor.employee_id, "approved_at": act.at, "approved_fingerprint": seen}
    take_step(act, pool, WORKFLOW, "approve", facts, reason=opinion, changes=changes, body={"fingerprint": seen})
    _write_to(act, pool, pool.submitted_by_id, "%(department)s %(period)s 奖金分配方案已批准")


def pay_pool(act: Act, pool: BonusPool) -> None:
    """Mark an approved pool as paid, once no month of its cycle waits for payment any more."""
    if pool.state != APPROVED or any(one.state != PAID for one in months_of(act, pool)):
        return
    take_step(act, pool, WORKFLOW, "pay", replace(pool_facts(act, pool), batch_paid=True))


def _write_to(act: Act, pool: BonusPool, to: int | None, subject: str) -> None:
    params = {"department": pool.cycle.department.name, "period": pool.cycle.period}
    leave_letter(act, [to], subject, f"/bonus-pools/{pool.id}", **params)
