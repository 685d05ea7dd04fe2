"""The figures of a month, collected from its records: what is not there is named, never taken as zero."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from approval.models.appraisal import Appraisal, AppraisalSegment
from approval.models.bonus_pool import PoolShare
from approval.rules.beside import (
    Beside,
    basis_of,
    counted_before,
    pool_basis,
    takes_rewards,
    watched_inputs,
)
from approval.rules.calendar import kind_of
from approval.rules.policy import Policy
from approval.services.act import Act
from approval.services.attendance import RECORDED, attendance_of
from approval.services.beside import GatheredSupplement, supplements_of, void_of
from approval.services.facts import pool_of
from approval.services.month_records import EVIDENCE, GatheredReward, Known, adjustments_of, known_of, rewards_of
from approval.services.pay_standard import post_held, post_of_month, standards_of
from approval.services.rulebook import policy_in, policy_of, runs_components
from approval.services.segments import (
    GatheredSegment,
    counted_later,
    covered,
    days_attended,
    named,
    part_of,
    segments_of,
)
from workflows.bonus_void import CONFIRMED


@dataclass(frozen=True)
class Gathered:
    """Everything the evaluator needs for a month: params and inputs, where each came from, and what is missing by name.

    A month in two posts has figures for each segment instead, one under bonus policies more for each of these.
    `param_sources` say where each param came from, `rewards` the records behind the sum of rewards and penalties.
    """

    params: Mapping[str, Decimal]
    inputs: Mapping[str, Any]
    sources: Mapping[str, str]
    missing: tuple[str, ...]
    share_fen: int
    segments: tuple[GatheredSegment, ...] = ()
    supplements: tuple[GatheredSupplement, ...] = ()
    beside: Beside = field(default=Beside())
    param_sources: Mapping[str, str] = field(default_factory=dict)
    rewards: tuple[GatheredReward, ...] = ()


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
    known, segments = known_of(act, appraisal, share), segments_of(act, appraisal)
    if not runs_components(appraisal):
        found, policies = Gathered({}, {}, {}, (), share), list[Policy]()
    elif segments:
        found = _in_segments(act, appraisal, segments, known, share)
        policies = [policy_in(one.frozen_policy) for one in segments]
    else:
        found, policies = _in_one_post(act, appraisal, known, share), [policy_of(appraisal)]
    found = _with_supplements(act, appraisal, found, (known, segments), policies)
    return replace(found, beside=_beside(act, appraisal, found, known, policies), rewards=rewards_of(act, appraisal))


def _in_one_post(act: Act, appraisal: Appraisal, known: Known, share: int) -> Gathered:
    policy = policy_of(appraisal)
    params, of_params, missing = standards_of(act, appraisal, policy, post_of_month(appraisal))
    inputs, sources = _inputs(policy, known, missing)
    return Gathered(params, inputs, sources, tuple(missing), share, param_sources=of_params)


def _with_supplements(
    act: Act,
    appraisal: Appraisal,
    found: Gathered,
    month: tuple[Known, Sequence[AppraisalSegment]],
    policies: list[Policy],
) -> Gathered:
    """The bonus policies of the month with their figures; `policies` becomes all whose lines are paid."""
    missing, sources = list(found.missing), dict(found.sources)
    (known, segments), parts = month, []
    for one in supplements_of(act, appraisal):
        policy = policy_in(one.frozen_policy)
        posts = covered(act, policy, segments) or segments
        params, of_params, lacking = standards_of(
            act, appraisal, policy, post_held(posts) if posts else post_of_month(appraisal)
        )
        inputs, told = _inputs(policy, known, lacking)
        before = counted_before(policies, policy)
        inputs |= before | _attended_in(posts, segments, found, inputs)
        figures = (params, inputs, of_params, told | _elsewhere(before))
        parts.append(GatheredSupplement(one.frozen_policy.fingerprint, *figures, *part_of(posts, segments)))
        policies.append(policy)
        missing += [name for name in lacking if name not in missing]
        sources |= told
    return replace(found, missing=tuple(missing), sources=sources, supplements=tuple(parts))


def _attended_in(
    posts: Sequence[AppraisalSegment], segments: Sequence[AppraisalSegment], found: Gathered, inputs: Mapping[str, Any]
) -> dict[str, Decimal]:
    """The days attended in the posts that a bonus plan is for, where it asks for them and is not for all."""
    days = [part.inputs.get("actual") for one, part in zip(segments, found.segments, strict=False) if one in posts]
    if "actual" not in inputs or len(posts) == len(segments) or None in days:
        return {}
    return {"actual": sum((Decimal(day) for day in days if day is not None), Decimal(0))}


def _beside(act: Act, appraisal: Appraisal, found: Gathered, known: Known, policies: Sequence[Policy]) -> Beside:
    """The pool's share and its basis, the rewards that no line takes, a voided bonus, the figures that are watched."""
    own, void = policy_of(appraisal), void_of(act, appraisal)
    watched = {code: str(known[code][0]) for code in sorted(watched_inputs(policies)) if code in known}
    return Beside(
        found.share_fen,
        pool_basis(own, kind_of(appraisal.cycle.period)),
        () if takes_rewards(policies) else adjustments_of(act, appraisal),
        basis_of(own.raw.get("adjustments", {})),
        void.reason if void is not None and void.state == CONFIRMED else "",
        watched,
    )


def policies_of(act: Act, appraisal: Appraisal) -> list[Policy]:
    """Every policy whose lines a month is paid by: its own or those of its posts, then those that add lines."""
    if not runs_components(appraisal):
        return []
    posts = [policy_in(one.frozen_policy) for one in segments_of(act, appraisal)] or [policy_of(appraisal)]
    return posts + [policy_in(one.frozen_policy) for one in supplements_of(act, appraisal)]


def _inputs(policy: Policy, known: Known, missing: list[str]) -> tuple[dict[str, Any], dict[str, str]]:
    inputs: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for code, wanted in policy.inputs.items():
        if code in known:
            inputs[code], sources[code] = known[code]
            if wanted.evidence and code not in RECORDED and inputs[code] and EVIDENCE not in sources[code]:
                missing.append(f"{wanted.zh}的凭证")
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
        post = post_held([one])
        params, of_params, lacking = standards_of(act, appraisal, policy, post)
        inputs, found = _inputs(policy, known, lacking)
        if "actual" in inputs and actual is not None:
            inputs["actual"] = actual
        after = [policy_in(later.frozen_policy) for later in segments if later.from_on > one.from_on]
        later = counted_later(policy, after)
        inputs |= later
        names = named([one])
        figures = (params, inputs, one.scheduled, of, names, of_params, found | _elsewhere(later))
        parts.append(GatheredSegment(one.frozen_policy.fingerprint, *figures))
        missing += [name for name in lacking if name not in missing]
        sources |= found
    return Gathered({}, {}, sources, tuple(missing), share, tuple(parts))


def _elsewhere(codes: Mapping[str, Any]) -> dict[str, str]:
    """The source of sums that another post or policy of the same month counts already."""
    return dict.fromkeys(codes, "elsewhere")
