"""The split of a pool: drafted by a method's weights, changed by the head, one version after another (R009)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from approval.models.bonus_pool import METHODS, BonusPool, PoolShare, PoolSplit
from approval.models.departments import head_of
from approval.rules import bonus_pool as rule
from approval.rules import fairness
from approval.rules.refusal import Refused
from approval.services.act import Act
from approval.services.audit import canonical
from approval.services.step import keep_record
from approval.services.suggestion import leavers_to_decide, months_of, weights
from workflows.appraisal import PAID, PAYOUT, SPLIT_APPROVAL
from workflows.bonus_pool import SPLITTING, SUBMITTED, BonusPoolFacts, by_head
from workflows.engine import No, NotAllowed


@dataclass(frozen=True)
class Wish:
    """What the head wants for one person: a share in fen, and his reason where it strays from the suggestion."""

    share_fen: int
    reason: str = ""


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


def must_be_splitting(act: Act, pool: BonusPool, *, allow_finance: bool = False) -> None:
    """Refuse who may not work on the split, and any work once it was submitted; finance may enter the amount."""
    no = by_head(pool_facts(act, pool))
    if no is not None and not (allow_finance and act.actor.holds("finance")):
        raise NotAllowed([no])
    if pool.state != SPLITTING:
        raise NotAllowed([No("方案已经提交；要修改请先撤回，或由总经理退回")])


def propose_split(act: Act, pool: BonusPool, method: str) -> PoolSplit:
    """Draft the split by a method's weights: largest remainder, exact to the fen, ties to the smaller number.

    The head's own figures are replaced: he asked for a new draft.
    """
    must_be_splitting(act, pool)
    if method not in METHODS:
        raise Refused("请选择一种起草方法", fault="unknown method")
    if pool.payable_fen is None:
        raise Refused("奖金池金额还没有确定；请先填写金额、完成率和依据", fault="pool amount unknown")
    return suggest(act, pool, method, keep_own=False)


def refresh_suggestions(act: Act, pool: BonusPool) -> PoolSplit:
    """Suggest again from the scores and people of now; the head's own figures and reasons stay."""
    must_be_splitting(act, pool)
    if pool.split is None or pool.payable_fen is None:
        raise Refused("请先选择一种起草方法", fault="no split drafted")
    return suggest(act, pool, pool.split.method, keep_own=True)


def suggest(act: Act, pool: BonusPool, method: str, *, keep_own: bool) -> PoolSplit:
    """Write each suggestion into the draft; where `keep_own`, the head's own figures and reasons stay beside it."""
    weight = weights(act, pool, method)
    shares = rule.split(pool.payable_fen or 0, weight)
    split = editable(act, pool, method)
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
    told = {
        "method": method,
        "number": split.number,
        "suggested": shares,
        "shares": shares_told(shares_of(act, split.id)),
    }
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
    must_be_splitting(act, pool)
    if pool.split is None:
        raise Refused("请先选择一种起草方法", fault="no split drafted")
    split = editable(act, pool)
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
    must_be_splitting(act, pool)
    if pool.split is None or pool.payable_fen is None:
        raise Refused("请先选择一种起草方法", fault="no split drafted")
    shares = shares_of(act, editable(act, pool).id)
    by_hand = {s.employee.number: s.share_fen for s in shares if s.employee_id in fixed}
    rest = {s.employee.number: s.weight for s in shares if s.employee_id not in fixed}
    filled = rule.fill_rest(pool.payable_fen, by_hand, rest)
    change_shares(act, pool, {s.employee_id: Wish(filled[s.employee.number], s.reason) for s in shares})


def editable(act: Act, pool: BonusPool, method: str = "") -> PoolSplit:
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


def shares_told(shares: Sequence[PoolShare]) -> dict[str, int]:
    """The shares in fen by employee number, as the chain tells them."""
    return {share.employee.number: share.share_fen for share in shares}
