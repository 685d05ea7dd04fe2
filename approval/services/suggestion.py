"""The weights that a split is suggested by: who takes part, with his score, coefficient × base pay, or one each (R009, R010)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload

from approval.models.appraisal import Appraisal
from approval.models.bonus_pool import BonusPool
from approval.models.departments import head_of
from approval.models.guard import LeaverDecision
from approval.models.people import Employee, PayStandard, in_force
from approval.models.post_standard import row_for, rows_of_post
from approval.rules import bonus_pool
from approval.rules.calendar import YEAR, kind_of, period_bounds
from approval.rules.pay import scale_value
from approval.rules.policy import Policy
from approval.rules.refusal import Refused
from approval.services.act import Act
from approval.services.rulebook import policy_of
from workflows.appraisal import CANCELLED


def months_of(act: Act, pool: BonusPool) -> Sequence[Appraisal]:
    """The months that take part in a pool, by employee number; void ones do not."""
    query = select(Appraisal).where(Appraisal.cycle_id == pool.cycle_id, Appraisal.state != CANCELLED)
    query = query.join(Appraisal.employee).options(contains_eager(Appraisal.employee), joinedload(Appraisal.position))
    return act.session.scalars(query.options(joinedload(Appraisal.frozen_policy)).order_by(Employee.number)).all()


def weights(act: Act, pool: BonusPool, method: str) -> dict[str, Decimal]:
    """The weights of a method by employee number: the score, coefficient × base pay, or one each (also by hand).

    Refused while somebody has no score or no base pay standard: what is not known is never a zero.
    """
    apart, kept = _head_apart(act, pool), {one.employee_id for one in leaver_decisions(act, pool) if one.keeps}
    months = [
        one
        for one in months_of(act, pool)
        if one.employee_id != apart and (one.employee_id in kept or _takes_part(one))
    ]
    if method in ("score", "coefficient_base"):
        _must_know(
            months,
            [one for one in months if one.score is None],
            "还没有得分的人：%(names)s；请等评分提交后再起草，或选择平均、手工",
        )
    if method == "coefficient_base":
        unknown = [one for one in months if base_pay(act, one) is None]
        _must_know(months, unknown, "没有基本工资标准的人：%(names)s；请人事补上，或换一种起草方法")
    return {one.employee.number: _weight(act, one, method) for one in months}


def _must_know(months: Sequence[Appraisal], unknown: Sequence[Appraisal], text: str) -> None:
    if not months:
        raise Refused("本月没有参加分配的人", fault="nobody takes part")
    if unknown:
        names = "、".join(f"{one.employee.name} {one.employee.number}" for one in unknown)
        raise Refused(text, fault="weight unknown", names=names)


def _takes_part(appraisal: Appraisal) -> bool:
    return takes_part(policy_of(appraisal), appraisal.cycle.period, appraisal.employee.left_on)


def takes_part(policy: Policy, period: str, left_on: date | None) -> bool:
    """Who left before the period's end has no share; his part stays in the pool's sum (R010).

    A policy may name a cutoff of its own for a year's pool: its day in the year after (A-16).
    """
    _first, last = period_bounds(period)
    cutoff = _cutoff(policy, period)
    if cutoff is not None:
        return bonus_pool.eligible(left_on, cutoff[0], cutoff[1])
    return left_on is None or left_on >= last


def leaver_decisions(act: Act, pool: BonusPool) -> Sequence[LeaverDecision]:
    """What HR decided about those whom the company let go."""
    return act.session.scalars(select(LeaverDecision).where(LeaverDecision.pool_id == pool.id)).all()


def leavers_to_decide(act: Act, pool: BonusPool) -> list[Appraisal]:
    """The months of those whom the company let go before the cutoff and whose part HR has not decided (Guiding Case 183)."""
    done = {one.employee_id for one in leaver_decisions(act, pool)}
    gone = (
        select(Appraisal)
        .join(Employee, Employee.id == Appraisal.employee_id)
        .where(Appraisal.cycle_id == pool.cycle_id, Appraisal.state != CANCELLED, Employee.left_by == "company")
        .order_by(Employee.number)
    )
    return [one for one in act.session.scalars(gone) if one.employee_id not in done and not _takes_part(one)]


def _head_apart(act: Act, pool: BonusPool) -> int | None:
    """The head of the pool's department, where a policy of its months leaves him out of it (A-31); None where he shares."""
    kind = kind_of(pool.cycle.period)
    policies = {one.frozen_policy.fingerprint: policy_of(one) for one in months_of(act, pool)}.values()
    rules = [rule for policy in policies for rule in policy.pools if rule["period"] == kind]
    if all(rule.get("include_head", True) for rule in rules):
        return None
    return head_of(act.session, pool.cycle.department_id, pool.cycle.last_on)


def _cutoff(policy: Policy, period: str) -> tuple[date, str] | None:
    kind, (_first, last) = kind_of(period), period_bounds(period)
    rules = [one for one in policy.pools if one["period"] == kind and one.get("eligible")]
    if kind != YEAR or not rules:
        return None
    told = rules[0]["eligible"][0]
    day = date.fromisoformat(told["date"])
    return date(last.year + 1, day.month, day.day), str(told["rule"])


def _weight(act: Act, appraisal: Appraisal, method: str) -> Decimal:
    if method not in ("score", "coefficient_base") or appraisal.score is None:
        return Decimal(1)
    if method == "score":
        return appraisal.score
    coefficient = scale_value(policy_of(appraisal), appraisal.score)
    return ((base_pay(act, appraisal) or Decimal(0)) * coefficient).quantize(Decimal("0.000001"))


def base_pay(act: Act, appraisal: Appraisal) -> Decimal | None:
    """The base pay standard of a month in yuan: the employee's own figure, else that of his post, else the policy's."""
    query = select(PayStandard.value).where(
        PayStandard.employee_id == appraisal.employee_id,
        PayStandard.code == "base",
        in_force(appraisal.cycle.last_on, PayStandard.from_on, PayStandard.to_on),
    )
    own = act.session.scalars(query).first()
    param = policy_of(appraisal).params.get("base")
    if own is not None or param is None:
        return own
    rows = rows_of_post(act.session, appraisal.position_id, appraisal.cycle.last_on, appraisal.cycle.last_on)
    row = row_for(rows, param, appraisal.grade)
    return row.value if row is not None else param.value
