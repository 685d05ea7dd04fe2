"""What a month comes to: inputs gathered from the month's records, the frozen policy evaluated, the result kept."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import object_session

from approval.models.appraisal import Appraisal, AppraisalSegment, PayResult
from approval.models.bonus_pool import BonusPool, PoolShare
from approval.models.figures import Collection, Figure, RewardPenalty
from approval.models.people import PayStandard
from approval.models.policy import FrozenPolicy
from approval.rules.explanation import REWARDS
from approval.rules.pay import PayLine, evaluate
from approval.rules.pay import PayResult as Computed
from approval.rules.policy import Policy
from approval.rules.policy_asked import asks_for, pays_share
from approval.services.act import Act
from approval.services.attendance import RECORDED, attendance_known, attendance_of
from approval.services.audit import canonical
from approval.services.facts import appraisal_facts, pool_of
from approval.services.guard import minimum_of, over_the_cap
from approval.services.outbox import leave_letter
from approval.services.rulebook import policy_in, policy_of, runs_components
from approval.services.segments import (
    GatheredSegment,
    counted_later,
    days_attended,
    evaluate_segments,
    segment_name,
    segments_of,
)
from approval.services.step import take_step
from workflows.appraisal import WORKFLOW

Known = Mapping[str, tuple[Any, str]]


@dataclass(frozen=True)
class Gathered:
    """Everything the evaluator needs for a month: params and inputs, where each came from, and what is missing by name.

    A month in two posts has one of these for each segment beside its own.
    """

    params: Mapping[str, Decimal]
    inputs: Mapping[str, Any]
    sources: Mapping[str, str]
    missing: tuple[str, ...]
    share_fen: int
    segments: tuple[GatheredSegment, ...] = ()


def share_of(act: Act, appraisal: Appraisal) -> int:
    """The person's share of the approved pool in fen; 0 without a pool or before approval."""
    pool = pool_of(act, appraisal)
    if pool is None or pool.approved_by_id is None:
        return 0
    query = select(PoolShare.share_fen).where(
        PoolShare.split_id == pool.split_id, PoolShare.employee_id == appraisal.employee_id
    )
    return act.session.scalar(query) or 0


def gather(act: Act, appraisal: Appraisal, *, share_fen: int | None = None) -> Gathered:
    """Collect params and inputs of a month; what is not there is named, never taken as zero."""
    share = share_of(act, appraisal) if share_fen is None else share_fen
    if not runs_components(appraisal):
        return Gathered({}, {}, {}, (), share)
    known = _known(act, appraisal, share)
    segments = segments_of(act, appraisal)
    if segments:
        return _in_segments(act, appraisal, segments, known, share)
    policy = policy_of(appraisal)
    params, missing = _params(act, appraisal, policy, appraisal.cycle.first_on, appraisal.cycle.last_on)
    inputs, sources = _inputs(policy, known, missing)
    return Gathered(params, inputs, sources, tuple(missing), share)


def _inputs(policy: Policy, known: Known, missing: list[str]) -> tuple[dict[str, Any], dict[str, str]]:
    inputs: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for code, wanted in policy.inputs.items():
        if code in known:
            inputs[code], sources[code] = known[code]
        elif wanted.default is None:
            missing.append(wanted.zh or code)
    return inputs, sources


def _in_segments(
    act: Act, appraisal: Appraisal, segments: Sequence[AppraisalSegment], known: Known, share: int
) -> Gathered:
    """Each post under its own policy and standards; the days attended are the segment's, the scheduled ones the month's."""
    attendance, missing = attendance_of(act, appraisal), list[str]()
    days = days_attended(segments, attendance) if attendance else [None] * len(segments)
    if attendance and None in days:
        missing.append("调岗前后各段的出勤天数")
    of, sources, parts = sum((one.scheduled for one in segments), Decimal(0)), dict[str, str](), []
    for one, actual in zip(segments, days, strict=True):
        policy = policy_in(one.frozen_policy)
        params, lacking = _params(act, appraisal, policy, one.from_on, one.to_on)
        inputs, found = _inputs(policy, known, lacking)
        if "actual" in inputs and actual is not None:
            inputs["actual"] = actual
        inputs |= counted_later(
            policy, [policy_in(later.frozen_policy) for later in segments if later.from_on > one.from_on]
        )
        names = (segment_name(one, one.position.name), segment_name(one, one.position.name_en or one.position.name))
        parts.append(GatheredSegment(one.frozen_policy.fingerprint, params, inputs, one.scheduled, of, names))
        missing += [name for name in lacking if name not in missing]
        sources |= found
    return Gathered({}, {}, sources, tuple(missing), share, tuple(parts))


def _params(
    act: Act, appraisal: Appraisal, policy: Policy, first: date, last: date
) -> tuple[dict[str, Decimal], list[str]]:
    """The figures of a person on the first of these days; one set later counts from the next month, unless it is his first."""
    query = select(PayStandard).where(
        PayStandard.employee_id == appraisal.employee_id,
        PayStandard.from_on <= last,
        or_(PayStandard.to_on.is_(None), PayStandard.to_on >= first),
    )
    own = {row.code: row.value for row in act.session.scalars(query.order_by(PayStandard.from_on.desc()))}
    params: dict[str, Decimal] = {}
    missing: list[str] = []
    for code, param in policy.params.items():
        value = own.get(code, param.value)
        if value is None:
            missing.append(param.zh or code)
        else:
            params[code] = value
    return params, missing


def _known(act: Act, appraisal: Appraisal, share_fen: int) -> dict[str, tuple[Any, str]]:
    """Every input that the records of the month hold, with where it came from; an imported figure never stands for a record."""
    figures = select(Figure).where(Figure.employee_id == appraisal.employee_id, Figure.period == appraisal.cycle.period)
    known: dict[str, tuple[Any, str]] = {
        figure.code: (figure.value, _source(figure.import_id, figure.row_number))
        for figure in act.session.scalars(figures)
        if figure.code not in RECORDED
    }
    if appraisal.score is not None:
        known["score"] = (appraisal.score, f"{appraisal.stream}#{appraisal.round}")
    known["team_share"] = (Decimal(share_fen).scaleb(-2), f"bonus_pool:{appraisal.cycle_id}")
    known |= _attendance(act, appraisal)
    rewards = _rewards(act, appraisal)
    known |= dict.fromkeys(REWARDS, rewards)
    known["collections"] = _collections(act, appraisal)
    return known


def _source(import_id: int | None, row: int | None) -> str:
    return f"import:{import_id}#{row}" if import_id else "by_hand"


def _attendance(act: Act, appraisal: Appraisal) -> dict[str, tuple[Any, str]]:
    row = attendance_of(act, appraisal)
    return {} if row is None else attendance_known(act, appraisal, _source(row.import_id, row.row_number), row)


def _rewards(act: Act, appraisal: Appraisal) -> tuple[Decimal, str]:
    """Confirmed rewards and penalties only: an entry that one person made alone does not count yet."""
    return Decimal(sum(_confirmed(act, appraisal))).scaleb(-2), "reward_penalty"


def _confirmed(act: Act, appraisal: Appraisal) -> Sequence[int]:
    query = select(RewardPenalty.amount_fen).where(
        RewardPenalty.employee_id == appraisal.employee_id,
        RewardPenalty.period == appraisal.cycle.period,
        RewardPenalty.confirmed_by_id.is_not(None),
    )
    return act.session.scalars(query).all()


def _collections(act: Act, appraisal: Appraisal) -> tuple[list[dict[str, Any]], str]:
    rows = act.session.scalars(
        select(Collection)
        .where(Collection.employee_id == appraisal.employee_id, Collection.period == appraisal.cycle.period)
        .order_by(Collection.id)
    ).all()
    told = [
        {"amount": Decimal(r.amount_fen).scaleb(-2), "kind": r.kind, "margin": r.margin, "partner": r.customer}
        for r in rows
    ]
    return told, ", ".join(_source(r.import_id, r.row_number) for r in rows)


def computed(appraisal: Appraisal, gathered: Gathered) -> Computed:
    """Evaluate the frozen policy; a pool share that the policy has no line for becomes a line of its own (R009)."""
    policy = policy_of(appraisal)
    lines = runs_components(appraisal) and policy.pays
    if gathered.segments:
        result = evaluate_segments(appraisal, gathered.segments)
    else:
        result = evaluate(policy, gathered.params, gathered.inputs) if lines else Computed((), 0)
    if not gathered.share_fen or (lines and any(pays_share(one) for one in _policies(appraisal, gathered))):
        return result
    line = PayLine.of_share(gathered.share_fen)
    return replace(result, lines=(*result.lines, line), total_fen=result.total_fen + line.amount_fen)


def _policies(appraisal: Appraisal, gathered: Gathered) -> list[Policy]:
    """The frozen policies that a month is paid under: its own, or one for each post."""
    if not gathered.segments:
        return [policy_of(appraisal)]
    session = object_session(appraisal)
    assert session is not None
    wanted = select(FrozenPolicy).where(FrozenPolicy.fingerprint.in_({one.policy for one in gathered.segments}))
    return [policy_in(one) for one in session.scalars(wanted)]


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
    """What is wrong with the month's rewards and deductions, in words."""
    amounts = _confirmed(act, appraisal)
    if not amounts or not runs_components(appraisal):
        return ()
    if not any(asks_for(one, code) for one in _policies(appraisal, gathered) for code in REWARDS):
        return ("已确认的奖惩（方案没有奖惩这一项，不会发放；请由另一位同事作废，或先在方案里加上）",)
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
    told = json.loads(kept.inputs)
    params = {code: Decimal(value) for code, value in told["params"].items()}
    parts = tuple(GatheredSegment.kept(one) for one in told.get("segments", ()))
    gathered = Gathered(params, told["inputs"], told["sources"], (), told["share_fen"], parts)
    return computed(kept.appraisal, gathered)


def months_to_release(act: Act, pool: BonusPool) -> list[Appraisal]:
    """The months of a pool's cycle that wait for their pay to be computed."""
    query = select(Appraisal).where(Appraisal.cycle_id == pool.cycle_id, Appraisal.state == "split_approval")
    return sorted(act.session.scalars(query), key=lambda one: one.employee.number)


def tell_missing(act: Act, appraisal: Appraisal, missing: tuple[str, ...], to: int | None) -> None:
    """Write to who can bring the missing figures."""
    subject = "%(name)s %(period)s 缺少计算工资的数据：%(missing)s"
    params = {"name": appraisal.employee.name, "period": appraisal.cycle.period, "missing": "、".join(missing)}
    leave_letter(act, [to], subject, "/imports", **params)
