"""Whether a pay number still is what was calculated: everything behind it proved again, and each difference named."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, object_session

from approval.models.appraisal import Appraisal, PayResult
from approval.models.audit import AuditEntry
from approval.models.payout import LedgerEntry, Payslip
from approval.models.policy import FrozenPolicy
from approval.rules import score as scoring
from approval.rules.money import display
from approval.rules.pay import PayLine
from approval.rules.pay import PayResult as Computed
from approval.rules.refusal import Refused
from approval.services.act import SYSTEM, Act
from approval.services.facts import months_behind
from approval.services.kept_pay import recomputed, seal_of, stored
from approval.services.rulebook import is_from_months, policy_of
from approval.services.score import month_score
from workflows.engine import No

# What changed rows can make of reading and computing: a proof names it, it never falls over it.
UNREADABLE = (Refused, ValueError, KeyError, TypeError, ArithmeticError, AttributeError, LookupError)
BOOKED = ("signed_off", "exported", "paid")


@dataclass(frozen=True)
class Proof:
    """What explains the pay (None where it cannot be read any more), and everything that does not fit, in words.

    Where the chain has not sealed the words of a result they are told anew: the numbers are the same, or it is a fault.
    """

    kept: Computed | None
    faults: tuple[No, ...]

    @property
    def whole(self) -> bool:
        return not self.faults


def proof_of(result: PayResult, slip: Payslip | None = None) -> Proof:
    """Prove a kept result, and the payslip that pays it: policies, chain, every line, sums, the score, the ledger."""
    faults = [*_policy_faults(result), *_chain_faults(result)]
    try:
        kept = stored(result)
    except UNREADABLE:
        return Proof(None, (*faults, No("保存的工资明细读不出来")))
    try:
        again = recomputed(result)
    except UNREADABLE:
        return Proof(kept, (*faults, No("按锁定的方案和保存的数据已无法重新计算")))
    differ = tuple(_line_faults(result, kept, again))
    faults += (*differ, *_score_faults(result), *(_slip_faults(slip, result, kept) if slip is not None else ()))
    return Proof(kept if differ or "seal" in (_released(result) or {}) else again, tuple(faults))


def _session(result: PayResult) -> Session:
    session = object_session(result)
    assert session is not None
    return session


def _policy_faults(result: PayResult) -> Iterator[No]:
    """The policies are those that were frozen, byte for byte."""
    if result.policy_fingerprint != result.appraisal.frozen_policy.fingerprint:
        yield No("计算所用的方案不是考核单锁定的方案")
    wanted = {result.policy_fingerprint, *_named_policies(result.inputs)}
    query = select(FrozenPolicy).where(FrozenPolicy.fingerprint.in_(wanted))
    found = {one.fingerprint: one.body for one in _session(result).scalars(query)}
    for name in sorted(wanted):
        if name not in found or hashlib.sha256(_bytes(found[name])).hexdigest() != name:
            yield No("锁定的方案 %(fingerprint)s 的内容被改过", fingerprint=str(name)[:16])


def _bytes(body: bytes | str) -> bytes:
    """SQLite gives back text where text was written over the bytes."""
    return body.encode() if isinstance(body, str) else body


def _named_policies(inputs: str) -> list[str]:
    try:
        told = json.loads(inputs)
        return [str(one["policy"]) for key in ("segments", "supplements") for one in told.get(key, ())]
    except UNREADABLE:
        return []


def _chain_faults(result: PayResult) -> Iterator[No]:
    """The chain told the sum, and the hash of all that was kept, when the month was released."""
    told = _released(result)
    if told is None:
        return
    if told.get("total_fen") != result.total_fen:
        yield No("计算时记录的合计是 %(sum)s", sum=display(int(told.get("total_fen", 0))))
    if "seal" in told and told["seal"] != seal_of(result):
        yield No("保存的明细或数据在计算之后被改过")


def _released(result: PayResult) -> Mapping[str, Any] | None:
    """What the chain says of this result's release; None where it was kept without one."""
    for told in _bodies(_session(result), result.appraisal.stream, "appraisal:release"):
        if told.get("pay_result") == result.id:
            return told
    return None


def _bodies(session: Session, stream: str, action: str) -> Iterator[Mapping[str, Any]]:
    """What the entries of a stream say about an action, the newest first."""
    query = select(AuditEntry.record).where(AuditEntry.stream == stream, AuditEntry.action == action)
    for record in session.scalars(query.order_by(AuditEntry.seq.desc())):
        try:
            yield json.loads(record)["body"]
        except UNREADABLE:
            yield {}


def _line_faults(result: PayResult, kept: Computed, again: Computed) -> Iterator[No]:
    """Every line comes to the same fen by the same numbers and rules."""
    theirs = {line.code: line for line in again.lines}
    for line in kept.lines:
        yield from _differs(line, theirs.pop(line.code, None))
    for line in theirs.values():
        yield No("重新计算多出一项“%(line)s” %(sum)s", line=line.zh, sum=display(line.amount_fen))
    if not kept.total_fen == result.total_fen == again.total_fen == sum(line.amount_fen for line in kept.lines):
        yield No("保存的合计是 %(kept)s，重新计算是 %(again)s", kept=_sum(result), again=display(again.total_fen))


def _sum(result: PayResult) -> str:
    return display(result.total_fen)


def _differs(line: PayLine, again: PayLine | None) -> Iterator[No]:
    if again is None:
        yield No("“%(line)s” %(sum)s 不是按方案算出来的", line=line.zh, sum=display(line.amount_fen))
    elif line.amount_fen != again.amount_fen:
        sums = {"kept": display(line.amount_fen), "again": display(again.amount_fen)}
        yield No("“%(line)s”保存的是 %(kept)s，重新计算是 %(again)s", line=line.zh, **sums)
    elif _of_line(line) != _of_line(again):
        yield No("“%(line)s”的算式与重新计算的不一致", line=line.zh)


def _of_line(line: PayLine) -> object:
    terms = [(term.kind, term.code, term.value) for term in line.terms]
    return line.code, line.amount_fen, terms, line.rules, line.quote


def _score_faults(result: PayResult) -> Iterator[No]:
    """The score that pay was computed with is the month's, and follows from its samples, items or months."""
    month = result.appraisal
    if month.round != result.round or month.score is None:
        return
    for used in _scores_used(result.inputs):
        if used != month.score:
            yield No("计算用的得分是 %(used)s，考核单的得分是 %(score)s", used=_two(used), score=_two(month.score))
    try:
        again = _score_again(_session(result), month, result)
    except UNREADABLE:
        yield No("按评分记录已无法重新计算得分")
        return
    if again is not None and again != month.score:
        yield No("得分是 %(score)s，按评分记录重新计算是 %(again)s", score=_two(month.score), again=_two(again))


def _two(score: Decimal) -> str:
    return f"{score:.2f}"


def _scores_used(inputs: str) -> set[Decimal]:
    try:
        told = json.loads(inputs)
        parts = (told, *told.get("segments", ()), *told.get("supplements", ()))
        return {Decimal(str(part["inputs"]["score"])) for part in parts if "score" in part["inputs"]}
    except UNREADABLE:
        return set()


def _score_again(session: Session, month: Appraisal, result: PayResult) -> Decimal | None:
    """The score from what it was made of; None where nothing of it is kept."""
    act = Act(session, SYSTEM, result.computed_at)
    if not is_from_months(month):
        return month_score(act, month)
    told = next(_bodies(session, month.stream, "appraisal:take_means"), {}).get("months")
    if not isinstance(told, dict):
        return None
    now = {one.cycle.period: one.score for one in months_behind(act, month)}
    counted = [now.get(period) for period, score in told.items() if score is not None]
    return scoring.quarter_score(counted, policy_of(month).score_places)


def _slip_faults(slip: Payslip, result: PayResult, kept: Computed) -> Iterator[No]:
    """The payslip pays the result, as it was issued, and the ledger owes the same line by line."""
    if slip.total_fen != kept.total_fen:
        yield No("工资条的金额是 %(slip)s，计算结果是 %(kept)s", slip=display(slip.total_fen), kept=_sum(result))
    issued = next(_bodies(_session(result), slip.stream, "payslip:issue"), {}).get("total_fen", slip.total_fen)
    if issued != slip.total_fen:
        yield No("工资条签发时的金额是 %(issued)s", issued=display(int(issued)))
    if slip.live and slip.batch.state in BOOKED:
        booked = _booked(_session(result), slip)
        if booked != {line.code: line.amount_fen for line in kept.lines if line.amount_fen}:
            yield No("台账记的是 %(booked)s，与工资明细不一致", booked=display(sum(booked.values())))


def _booked(session: Session, slip: Payslip) -> dict[str, int]:
    """What the ledger owes for a payslip by line: an expense is owed, a deduction the other way round."""
    booked: dict[str, int] = {}
    query = select(LedgerEntry).where(LedgerEntry.payslip_id == slip.id, LedgerEntry.reverses_id.is_(None))
    for entry in session.scalars(query):
        if entry.component != "payment":
            sign = 1 if entry.debit_account.startswith("expense:") else -1
            booked[entry.component] = booked.get(entry.component, 0) + sign * entry.amount_fen
    return booked


def miscounted(slips: Sequence[Payslip]) -> list[tuple[Payslip, tuple[No, ...]]]:
    """The payslips of which something does not fit, with what it is."""
    proofs = [(slip, proof_of(slip.pay_result, slip)) for slip in slips]
    return [(slip, proof.faults) for slip, proof in proofs if not proof.whole]
