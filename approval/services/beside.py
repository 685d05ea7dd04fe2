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
from approval.models.policy import FrozenPolicy, PolicyVersion
from approval.rules.pay import PayResult, evaluate
from approval.rules.policy import Policy
from approval.services.act import Act
from approval.services.rulebook import freeze, policy_in


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
    """The voiding of a month's bonus, confirmed or not."""
    return act.session.scalars(select(BonusVoid).where(BonusVoid.appraisal_id == appraisal.id)).first()
