"""What a month comes to: the frozen policies evaluated on what was gathered, the result kept with its inputs."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

from sqlalchemy import select

from approval.models.appraisal import Appraisal, PayResult
from approval.models.bonus_pool import BonusPool
from approval.rules.beside import Beside, completed, with_supplements
from approval.rules.pay import PayResult as Computed
from approval.rules.pay import evaluate
from approval.rules.policy import Policy
from approval.services.act import Act
from approval.services.audit import canonical
from approval.services.beside import (
    GatheredSupplement,
    adjusts,
    evaluate_supplements,
    policies_named,
    void_of,
)
from approval.services.facts import appraisal_facts
from approval.services.gathering import Gathered, adjustments_of, gather
from approval.services.guard import minimum_of, over_the_cap
from approval.services.outbox import leave_letter
from approval.services.rulebook import policy_of, runs_components
from approval.services.segments import GatheredSegment, evaluate_segments
from approval.services.step import take_step
from workflows.appraisal import WORKFLOW
from workflows.bonus_void import ENTERED

__all__ = [
    "Gathered",
    "computed",
    "gather",
    "kept_result",
    "last_result",
    "months_to_release",
    "policies_kept",
    "preview",
    "recomputed",
    "release",
    "stored",
    "tell_missing",
]


def computed(appraisal: Appraisal, gathered: Gathered) -> Computed:
    """Evaluate the frozen policies; a pool share or a reward that none has a line for becomes a line of its own (R009)."""
    policy = policy_of(appraisal)
    lines = runs_components(appraisal) and policy.pays
    if gathered.segments:
        result = evaluate_segments(appraisal, gathered.segments)
    else:
        result = evaluate(policy, gathered.params, gathered.inputs) if lines else Computed((), 0)
    result = with_supplements(result, evaluate_supplements(appraisal, gathered.supplements))
    return completed(result, _policies(appraisal, gathered) if lines else [], gathered.beside)


def _policies(appraisal: Appraisal, gathered: Gathered) -> list[Policy]:
    """The frozen policies that a month is paid under: its own or one for each post, then those that add lines."""
    own = policies_named(appraisal, [one.policy for one in gathered.segments]) or [policy_of(appraisal)]
    return [*own, *policies_named(appraisal, [one.policy for one in gathered.supplements])]


def preview(act: Act, appraisal: Appraisal, *, share_fen: int | None = None) -> Computed | None:
    """What a month would come to now; None while something is missing. Nothing is stored."""
    gathered = gather(act, appraisal, share_fen=share_fen)
    return None if gathered.missing or appraisal.score is None else computed(appraisal, gathered)


def last_result(act: Act, appraisal: Appraisal) -> PayResult | None:
    """The result that a month was released with, the newest if it was computed again."""
    query = select(PayResult).where(PayResult.appraisal_id == appraisal.id).order_by(PayResult.id.desc())
    return act.session.scalars(query).first()


def release(act: Act, appraisal: Appraisal) -> PayResult:
    """Compute and keep a month's pay with its inputs and let it go to payout; refused with the names of what is missing."""
    gathered = gather(act, appraisal)
    gathered = replace(gathered, missing=gathered.missing or _amiss(act, appraisal, gathered))
    facts = replace(appraisal_facts(act, appraisal), missing_figures=gathered.missing, has_pay_result=True)
    WORKFLOW.decide(appraisal.state, "release", facts)
    kept = kept_result(act, appraisal, gathered)
    body = {"total_fen": kept.total_fen, "policy": kept.policy_fingerprint, "pay_result": kept.id}
    take_step(act, appraisal, WORKFLOW, "release", facts, body=body)
    return kept


def _amiss(act: Act, appraisal: Appraisal, gathered: Gathered) -> tuple[str, ...]:
    """What is undecided or wrong with the month's deductions, in words."""
    void = void_of(act, appraisal)
    if void is not None and void.state == ENTERED:
        return ("是否取消奖金的决定（已有人录入，请由另一位同事确认或撤销）",)
    if adjustments_of(act, appraisal) and not adjusts(policy_of(appraisal)):
        return ("奖惩的更正（方案不允许调整，请作废已确认的奖惩）",)
    amounts = [one.amount_fen for one in adjustments_of(act, appraisal)]
    return _over_the_cap(act, appraisal, gathered, -sum(fen for fen in amounts if fen < 0))


def _over_the_cap(act: Act, appraisal: Appraisal, gathered: Gathered, deduction: int) -> tuple[str, ...]:
    """Deductions beyond what the law lets be taken now, in words; the rest waits for a later month (section 6)."""
    if not deduction:
        return ()
    standard = minimum_of(act.session, appraisal.department, appraisal.cycle.last_on)
    pay = computed(appraisal, gathered)
    wage, outside = pay.total_fen + deduction, pay.outside_minimum_fen
    minimum = (standard.amount_fen if standard else 0) + outside
    rest = over_the_cap(wage, deduction, minimum)
    text = "扣款（超过本月工资的 20% 或低于最低工资；请由另一位同事作废，再按可扣的金额录入，其余留到以后的月份）"
    return (text,) if rest else ()


def kept_result(act: Act, appraisal: Appraisal, gathered: Gathered) -> PayResult:
    """Evaluate what was gathered and keep it with every input; a record that is never changed."""
    result = computed(appraisal, gathered)
    kept = PayResult(
        appraisal_id=appraisal.id,
        round=appraisal.round,
        computed_at=act.at,
        policy_fingerprint=appraisal.frozen_policy.fingerprint,
        inputs=canonical(
            {
                "params": gathered.params,
                "inputs": gathered.inputs,
                "sources": gathered.sources,
                "share_fen": gathered.share_fen,
                **({"segments": [vars(one) for one in gathered.segments]} if gathered.segments else {}),
                **({"supplements": [vars(one) for one in gathered.supplements]} if gathered.supplements else {}),
                **gathered.beside.told(),
            }
        ),
        lines=result.to_json(),
        total_fen=result.total_fen,
    )
    act.session.add(kept)
    act.session.flush()
    return kept


def stored(kept: PayResult) -> Computed:
    """The result as it was kept."""
    return Computed.from_json(kept.lines)


def recomputed(kept: PayResult) -> Computed:
    """The same month evaluated again from the frozen policy and the kept inputs: must equal what was stored."""
    return computed(kept.appraisal, _kept(kept))


def policies_kept(kept: PayResult) -> list[Policy]:
    """The frozen policies that a result was computed under."""
    return _policies(kept.appraisal, _kept(kept))


def _kept(kept: PayResult) -> Gathered:
    """What was gathered for a result, as it was kept."""
    told = json.loads(kept.inputs)
    params = {code: Decimal(value) for code, value in told["params"].items()}
    parts = tuple(GatheredSegment.kept(one) for one in told.get("segments", ()))
    more = tuple(GatheredSupplement.kept(one) for one in told.get("supplements", ()))
    figures = (params, told["inputs"], told["sources"], (), told["share_fen"], parts, more)
    return Gathered(*figures, Beside.kept(told))


def months_to_release(act: Act, pool: BonusPool) -> list[Appraisal]:
    """The months of a pool's cycle that wait for their pay to be computed."""
    query = select(Appraisal).where(Appraisal.cycle_id == pool.cycle_id, Appraisal.state == "split_approval")
    return sorted(act.session.scalars(query), key=lambda one: one.employee.number)


def tell_missing(act: Act, appraisal: Appraisal, missing: tuple[str, ...], to: int | None) -> None:
    """Write to who can bring the missing figures."""
    subject = "%(name)s %(period)s 缺少计算工资的数据：%(missing)s"
    params = {"name": appraisal.employee.name, "period": appraisal.cycle.period, "missing": "、".join(missing)}
    leave_letter(act, [to], subject, "/imports", **params)
