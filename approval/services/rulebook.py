"""The frozen policy of a month, read once a process; what it asks of self-assessment and of the supervisor."""

from __future__ import annotations

import json
from datetime import date
from functools import lru_cache

from sqlalchemy.orm import Session

from approval.models.appraisal import Appraisal
from approval.models.people import department_line
from approval.models.policy import FrozenPolicy, PolicyVersion, published_on
from approval.rules.calendar import MONTH, QUARTER, kind_of
from approval.rules.policy import Policy, chosen, load, thaw
from approval.services.act import Act


@lru_cache(maxsize=512)
def _thawed(fingerprint: str, body: bytes) -> Policy:
    return thaw(body)


def policy_in(frozen: FrozenPolicy) -> Policy:
    """The policy that a frozen body holds."""
    return _thawed(frozen.fingerprint, frozen.body)


def policy_of(appraisal: Appraisal) -> Policy:
    """The policy that a month runs under, as frozen at its opening."""
    return policy_in(appraisal.frozen_policy)


def is_from_months(appraisal: Appraisal) -> bool:
    """Say whether the score is the mean of months (A-23): of a quarter or year, unless the policy has one of its own."""
    own = policy_of(appraisal).raw.get("appraisal", {}).get("quarter_score") == "own"
    return kind_of(appraisal.cycle.period) != MONTH and not own


def policies_on(session: Session, day: date) -> list[tuple[PolicyVersion, Policy]]:
    """Every policy in force on a day with the readings chosen; of one policy the latest version counts."""
    latest = {one.code: one for one in published_on(session, day)}
    return [(one, chosen(load(one.source, one.code), json.loads(one.choices))) for one in latest.values()]


def quarterly_policies(act: Act, appraisal: Appraisal) -> list[Policy]:
    """The quarterly policies in force for the department and position of a quarter's appraisal."""
    names = [one.name for one in department_line(act.session, appraisal.department)]
    position = (appraisal.position.code, appraisal.position.name)
    found = [policy for _version, policy in policies_on(act.session, appraisal.cycle.first_on)]
    return [one for one in found if one.cycle == QUARTER and one.covers(names, position)]


def runs_components(appraisal: Appraisal) -> bool:
    """Say whether the policy's pay lines are of this period: a monthly policy whose pool a year runs under pays none then."""
    return policy_of(appraisal).cycle == kind_of(appraisal.cycle.period)


def scores_by_sampling(policy: Policy) -> bool:
    """Say whether the supervisor's part comes from weekly samples (R073); else he scores the KPI items (A-47)."""
    return any(part.by == "supervisor" and part.source == "sampling" for part in policy.parts)


def assesses_by_kpi(policy: Policy) -> bool:
    """Say whether the employee scores KPI items; else he gives one month-end self-appraisal (R074)."""
    return bool(policy.kpi)
