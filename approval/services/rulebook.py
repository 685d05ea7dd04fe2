"""The frozen policy of a month, read once a process; what it asks of self-assessment and of the supervisor."""

from __future__ import annotations

from functools import lru_cache

from approval.models.appraisal import Appraisal
from approval.models.policy import FrozenPolicy
from approval.rules.policy import Policy, thaw


@lru_cache(maxsize=512)
def _thawed(fingerprint: str, body: bytes) -> Policy:
    return thaw(body)


def policy_in(frozen: FrozenPolicy) -> Policy:
    """The policy that a frozen body holds."""
    return _thawed(frozen.fingerprint, frozen.body)


def policy_of(appraisal: Appraisal) -> Policy:
    """The policy that a month runs under, as frozen at its opening."""
    return policy_in(appraisal.frozen_policy)


def scores_by_sampling(policy: Policy) -> bool:
    """Say whether the supervisor's part comes from weekly samples (R073); else he scores the KPI items (A-47)."""
    return any(part.by == "supervisor" and part.source == "sampling" for part in policy.parts)


def assesses_by_kpi(policy: Policy) -> bool:
    """Say whether the employee scores KPI items; else he gives one month-end self-appraisal (R074)."""
    return bool(policy.kpi)
