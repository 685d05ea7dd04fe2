"""What a month comes to: the frozen policies evaluated on what was gathered, the result kept with its inputs."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from approval.models.appraisal import Appraisal, PayResult
from approval.models.bonus_pool import BonusPool
from approval.rules.pay import PayResult as Computed
from approval.services.act import Act
from approval.services.beside import adjusts, void_of
from approval.services.facts import appraisal_facts
from approval.services.gathering import Gathered, gather
from approval.services.guard import minimum_of, over_the_cap
from approval.services.kept_pay import computed, kept_result, policies_kept, recomputed, seal_of, stored
from approval.services.month_records import adjustments_of
from approval.services.outbox import leave_letter
from approval.services.rulebook import policy_of
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
    body |= {"seal": seal_of(kept)}
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


def months_to_release(act: Act, pool: BonusPool) -> list[Appraisal]:
    """The months of a pool's cycle that wait for their pay to be computed."""
    query = select(Appraisal).where(Appraisal.cycle_id == pool.cycle_id, Appraisal.state == "split_approval")
    return sorted(act.session.scalars(query), key=lambda one: one.employee.number)


def tell_missing(act: Act, appraisal: Appraisal, missing: tuple[str, ...], to: int | None) -> None:
    """Write to who can bring the missing figures."""
    subject = "%(name)s %(period)s 缺少计算工资的数据：%(missing)s"
    params = {"name": appraisal.employee.name, "period": appraisal.cycle.period, "missing": "、".join(missing)}
    leave_letter(act, [to], subject, "/imports", **params)
