"""What stands beside a month's own policy: bonus policies that add lines, and a bonus that was voided for a violation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import object_session

from approval.models.appraisal import Appraisal
from approval.models.beside import AppraisalSupplement, BonusVoid
from approval.models.cycle import Cycle
from approval.models.policy import FrozenPolicy, PolicyVersion
from approval.rules.pay import PayResult, evaluate
from approval.rules.policy import Policy
from approval.services.act import Act
from approval.services.rulebook import freeze, policy_in
from workflows.appraisal import CANCELLED
from workflows.bonus_void import DROPPED


@dataclass(frozen=True)
class GatheredSupplement:
    """A bonus policy beside the month's own: the frozen policy by fingerprint, its figures, and where each came from."""

    policy: str
    params: Mapping[str, Decimal]
    inputs: Mapping[str, Any]
    param_sources: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def kept(told: Mapping[str, Any]) -> GatheredSupplement:
        """The supplement as it was kept with a result."""
        params = {code: Decimal(value) for code, value in told["params"].items()}
        sources = (told.get("param_sources", {}), told.get("sources", {}))
        return GatheredSupplement(told["policy"], params, told["inputs"], *sources)


def supplements_of(act: Act, appraisal: Appraisal) -> Sequence[AppraisalSupplement]:
    """The bonus policies whose lines are added to a month, in the order of their opening."""
    query = select(AppraisalSupplement).where(AppraisalSupplement.appraisal_id == appraisal.id)
    return act.session.scalars(query.order_by(AppraisalSupplement.id)).all()


def add_supplements(
    act: Act, appraisal: Appraisal, fitting: Sequence[tuple[PolicyVersion, Policy]]
) -> list[AppraisalSupplement]:
    """Freeze the bonus policies that cover a month which is being opened beside its own."""
    found = [
        AppraisalSupplement(
            appraisal_id=appraisal.id, policy_version_id=version.id, frozen_policy_id=freeze(act, policy).id
        )
        for version, policy in fitting
        if policy.adds and version.id != appraisal.policy_version_id
    ]
    act.session.add_all(found)
    act.session.flush()
    return found


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
    """Evaluate each bonus policy of a month."""
    policies = policies_named(appraisal, [one.policy for one in parts])
    return [evaluate(policy, one.params, one.inputs) for policy, one in zip(policies, parts, strict=True)]


def void_of(act: Act, appraisal: Appraisal) -> BonusVoid | None:
    """The voiding of a period's bonus that is confirmed or waits for it; a dropped one counts no more."""
    query = select(BonusVoid).where(BonusVoid.appraisal_id == appraisal.id, BonusVoid.state != DROPPED)
    return act.session.scalars(query).first()
