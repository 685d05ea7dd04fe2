"""What stands beside a month's own policy: bonus policies that add lines, and a bonus that was voided for a violation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import object_session

from approval.models.appraisal import Appraisal
from approval.models.beside import AppraisalSupplement, BonusVoid
from approval.models.cycle import Cycle
from approval.models.policy import FrozenPolicy, PolicyVersion
from approval.rules.explanation import Words
from approval.rules.pay import PayResult, evaluate
from approval.rules.policy import Policy
from approval.rules.segments import Segment, of_part
from approval.services.act import Act
from approval.services.rulebook import freeze, policy_in
from approval.services.step import keep_record
from workflows.appraisal import CANCELLED
from workflows.bonus_void import DROPPED


@dataclass(frozen=True)
class GatheredSupplement:
    """A bonus policy beside the month's own: the frozen policy by fingerprint, its figures, and where each came from.

    Where it covers some posts of the month alone: their scheduled days of all, and their name in both languages.
    """

    policy: str
    params: Mapping[str, Decimal]
    inputs: Mapping[str, Any]
    param_sources: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    scheduled: Decimal = Decimal(1)
    of: Decimal = Decimal(1)
    name: tuple[str, str] = ("", "")

    def told(self) -> dict[str, Any]:
        """As it is kept with a result; of a plan for the whole month no days."""
        whole = {"scheduled", "of", "name"} if self.scheduled == self.of else set()
        return {key: value for key, value in vars(self).items() if key not in whole}

    @staticmethod
    def kept(told: Mapping[str, Any]) -> GatheredSupplement:
        """The supplement as it was kept with a result."""
        params = {code: Decimal(value) for code, value in told["params"].items()}
        sources = (told.get("param_sources", {}), told.get("sources", {}))
        days = (Decimal(told.get("scheduled", 1)), Decimal(told.get("of", 1)))
        names = told.get("name", ("", ""))
        return GatheredSupplement(told["policy"], params, told["inputs"], *sources, *days, (names[0], names[1]))


def supplements_of(act: Act, appraisal: Appraisal) -> Sequence[AppraisalSupplement]:
    """The bonus policies whose lines are added to a month, in the order of their opening."""
    query = select(AppraisalSupplement).where(AppraisalSupplement.appraisal_id == appraisal.id)
    return act.session.scalars(query.order_by(AppraisalSupplement.id)).all()


def follow_plans(act: Act, appraisal: Appraisal, fitting: Sequence[tuple[PolicyVersion, Policy]]) -> None:
    """Freeze the bonus policies among those that fit a month's posts beside its own, and let go of others; told in the chain."""
    kept = {one.policy_version_id: one for one in supplements_of(act, appraisal)}
    wanted = {
        version.id: policy for version, policy in fitting if policy.adds and version.id != appraisal.policy_version_id
    }
    if kept.keys() == wanted.keys():
        return
    for gone in kept.keys() - wanted.keys():
        act.session.delete(kept[gone])
    act.session.add_all(
        AppraisalSupplement(
            appraisal_id=appraisal.id, policy_version_id=version, frozen_policy_id=freeze(act, policy).id
        )
        for version, policy in wanted.items()
        if version not in kept
    )
    act.session.flush()
    told = {_version(one): one.frozen_policy.fingerprint for one in supplements_of(act, appraisal)}
    keep_record(act, appraisal, "appraisal:supplements", body={"supplements": told})


def _version(one: AppraisalSupplement) -> str:
    return f"{one.policy_version.code}/{one.policy_version.number}"


def adjusts(policy: Policy) -> bool:
    """Say whether a policy lets the company adjust what a month comes to; it does where it says nothing (R106)."""
    return policy.raw.get("adjustments", {}).get("allowed") is not False


def barred_from_adjusting(act: Act, employee_id: int, period: str) -> Policy | None:
    """The policy of a person's period that allows no rewards or penalties beside its lines; None where they may count."""
    query = select(Appraisal).join(Cycle, Cycle.id == Appraisal.cycle_id)
    query = query.where(Appraisal.employee_id == employee_id, Cycle.period == period, Appraisal.state != CANCELLED)
    policies = [policy_in(one.frozen_policy) for one in act.session.scalars(query)]
    return next((one for one in policies if not adjusts(one)), None)


def policies_named(appraisal: Appraisal, fingerprints: Sequence[str]) -> list[Policy]:
    """Frozen policies by their fingerprints, in that order."""
    session = object_session(appraisal)
    if session is None or not fingerprints:
        return []
    rows = session.scalars(select(FrozenPolicy).where(FrozenPolicy.fingerprint.in_(fingerprints)))
    found = {one.fingerprint: policy_in(one) for one in rows}
    return [found[one] for one in fingerprints]


def evaluate_supplements(appraisal: Appraisal, parts: Sequence[GatheredSupplement]) -> list[PayResult]:
    """Evaluate each bonus policy of a month; one for some of its posts by their days."""
    policies = policies_named(appraisal, [one.policy for one in parts])
    return [_evaluated(policy, one) for policy, one in zip(policies, parts, strict=True)]


def _evaluated(policy: Policy, one: GatheredSupplement) -> PayResult:
    result = evaluate(policy, one.params, one.inputs)
    return of_part(Segment(policy, result, Words(*one.name), Fraction(one.scheduled), Fraction(one.of)))


def void_of(act: Act, appraisal: Appraisal) -> BonusVoid | None:
    """The voiding of a period's bonus that is confirmed or waits for it; a dropped one counts no more."""
    query = select(BonusVoid).where(BonusVoid.appraisal_id == appraisal.id, BonusVoid.state != DROPPED)
    return act.session.scalars(query).first()
