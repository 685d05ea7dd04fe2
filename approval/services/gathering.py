"""The figures of a month, collected from its records: what is not there is named, never taken as zero."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import or_, select

from approval.models.appraisal import Appraisal, AppraisalSegment
from approval.models.bonus_pool import PoolShare
from approval.models.figures import Collection, Figure, RewardPenalty
from approval.models.people import PayStandard
from approval.models.post_standard import PostStandard, rows_fitting, rows_of_post
from approval.rules.beside import (
    Adjustment,
    Beside,
    basis_of,
    counted_before,
    pool_basis,
    takes_rewards,
    watched_inputs,
)
from approval.rules.calendar import kind_of
from approval.rules.explanation import REWARDS
from approval.rules.policy import Policy
from approval.services.act import Act
from approval.services.attendance import RECORDED, attendance_known, attendance_of
from approval.services.beside import GatheredSupplement, supplements_of, void_of
from approval.services.facts import pool_of
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

Known = Mapping[str, tuple[Any, str]]
EVIDENCE = ", evidence:"  # in a figure's source, before the document that proves it


@dataclass(frozen=True)
class GatheredReward:
    """A confirmed reward or penalty of the month: signed fen, why, the document behind it, where it came from."""

    amount_fen: int
    reason: str
    evidence: str
    source: str


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
    known, segments = _known(act, appraisal, share), segments_of(act, appraisal)
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
    params, of_params, missing = _params(act, appraisal, policy, _post_of(appraisal))
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
        params, of_params, lacking = _params(act, appraisal, policy, _held(posts) if posts else _post_of(appraisal))
        inputs, told = _inputs(policy, known, lacking)
        before = counted_before(policies, policy)
        inputs |= before | _attended_in(posts, segments, found, inputs)
        figures = (params, inputs, of_params, told | _elsewhere(before))
        parts.append(GatheredSupplement(one.frozen_policy.fingerprint, *figures, *part_of(posts, segments)))
        policies.append(policy)
        missing += [name for name in lacking if name not in missing]
        sources |= told
    return replace(found, missing=tuple(missing), sources=sources, supplements=tuple(parts))


def _held(posts: Sequence[AppraisalSegment]) -> PostHeld:
    """The first of some posts of a month."""
    first = posts[0]
    return PostHeld(first.position_id, first.grade, first.from_on, first.to_on)


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
        post = _held([one])
        params, of_params, lacking = _params(act, appraisal, policy, post)
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


@dataclass(frozen=True)
class PostHeld:
    """A position and grade held from a day to a day of the month."""

    position_id: int
    grade: str
    first: date
    last: date


def _post_of(appraisal: Appraisal) -> PostHeld:
    cycle = appraisal.cycle
    return PostHeld(appraisal.position_id, appraisal.grade, cycle.first_on, cycle.last_on)


def _params(
    act: Act, appraisal: Appraisal, policy: Policy, post: PostHeld
) -> tuple[dict[str, Decimal], dict[str, str], list[str]]:
    """The figures of a person on the first day of a post, where each came from, and what is missing.

    His own figure stands before the table of posts (R012), a grade's before the position's, that before what the policy
    prints. One that begins later, whosever it is, counts from the next month, unless nothing held on the first day.
    """
    query = select(PayStandard).where(
        PayStandard.employee_id == appraisal.employee_id,
        PayStandard.from_on <= post.last,
        or_(PayStandard.to_on.is_(None), PayStandard.to_on >= post.first),
    )
    own = act.session.scalars(query).all()
    table = rows_of_post(act.session, post.position_id, post.first, post.last)
    params: dict[str, Decimal] = {}
    sources: dict[str, str] = {}
    missing: list[str] = []
    for code, param in policy.params.items():
        held: list[PayStandard | PostStandard] = [
            *(one for one in own if one.code == code),
            *rows_fitting(table, param, post.grade),
        ]
        row = min(held, key=lambda one: (max(one.from_on, post.first), _distance(one)), default=None)
        value = row.value if row is not None else param.value
        if value is None:
            missing.append(param.zh or code)
            continue
        params[code], sources[code] = value, "policy" if row is None else _standard(row)
    return params, sources, missing


def _distance(row: PayStandard | PostStandard) -> int:
    """How far a figure stands from the person: his own, his grade's, his position's."""
    return 0 if isinstance(row, PayStandard) else 1 if row.grade else 2


def _standard(row: PayStandard | PostStandard) -> str:
    """Where a figure came from: a person's own or the table of posts, since when, and the file and row that brought it."""
    told = f"{row.from_on}, {_source(row.import_id, row.row_number)}"
    if isinstance(row, PayStandard):
        return f"standard:{told}"
    return f"post_standard:{row.position.name}/{row.grade}/{told}"


def _known(act: Act, appraisal: Appraisal, share_fen: int) -> dict[str, tuple[Any, str]]:
    """Every input that the records of the month hold, with where it came from; an imported figure never stands for a record."""
    figures = select(Figure).where(Figure.employee_id == appraisal.employee_id, Figure.period == appraisal.cycle.period)
    known: dict[str, tuple[Any, str]] = {
        figure.code: (figure.value, _source(figure.import_id, figure.row_number) + _proof(figure))
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


def _proof(figure: Figure) -> str:
    return f"{EVIDENCE}{figure.evidence}" if figure.evidence else ""


def _source(import_id: int | None, row: int | None) -> str:
    return f"import:{import_id}#{row}" if import_id else "by_hand"


def _attendance(act: Act, appraisal: Appraisal) -> dict[str, tuple[Any, str]]:
    row = attendance_of(act, appraisal)
    return {} if row is None else attendance_known(act, appraisal, _source(row.import_id, row.row_number), row)


def _rewards(act: Act, appraisal: Appraisal) -> tuple[Decimal, str]:
    """Confirmed rewards and penalties only: an entry that one person made alone does not count yet."""
    return Decimal(sum(one.amount_fen for one in adjustments_of(act, appraisal))).scaleb(-2), "reward_penalty"


def adjustments_of(act: Act, appraisal: Appraisal) -> tuple[Adjustment, ...]:
    """The confirmed rewards and penalties of a month, in the order of their entry."""
    return tuple(Adjustment(one.amount_fen, one.reason) for one in rewards_of(act, appraisal))


def rewards_of(act: Act, appraisal: Appraisal) -> tuple[GatheredReward, ...]:
    """The confirmed rewards and penalties of a month with what is behind each, in the order of their entry."""
    query = select(RewardPenalty).where(
        RewardPenalty.employee_id == appraisal.employee_id,
        RewardPenalty.period == appraisal.cycle.period,
        RewardPenalty.confirmed_by_id.is_not(None),
    )
    return tuple(
        GatheredReward(one.amount_fen, one.reason, one.evidence, _source(one.import_id, one.row_number))
        for one in act.session.scalars(query.order_by(RewardPenalty.id))
    )


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
