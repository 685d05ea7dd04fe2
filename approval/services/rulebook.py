"""The frozen policy of a month, read once a process; what it asks of self-assessment and of the supervisor."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from approval.models.appraisal import Appraisal
from approval.models.departments import department_line
from approval.models.people import Employment
from approval.models.policy import FrozenPolicy, PolicyVersion, begun_within, published_on
from approval.rules.calendar import MONTH, QUARTER, kind_of, period_bounds
from approval.rules.policy import Policy, canonical, chosen_text, fingerprint, thaw
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
    return is_compiled(policy_of(appraisal), appraisal.cycle.period)


def is_compiled(policy: Policy, period: str) -> bool:
    """Say whether the scores of a period are compiled from months under a policy (A-23)."""
    own = policy.raw.get("appraisal", {}).get("quarter_score") == "own"
    return kind_of(period) != MONTH and not own


def policies_on(session: Session, day: date) -> list[tuple[PolicyVersion, Policy]]:
    """Every policy in force on a day with the readings chosen; of one policy the latest version counts."""
    return _read({one.code: one for one in published_on(session, day)}.values())


def _read(versions: Iterable[PolicyVersion]) -> list[tuple[PolicyVersion, Policy]]:
    return [(one, chosen_text(one.source, one.code, json.loads(one.choices))) for one in versions]


def policies_in(session: Session, period: str) -> list[tuple[PolicyVersion, Policy]]:
    """Every policy that counts in a period: the version in force on its first day; a policy that began within a quarter or
    a year counts there with its first version."""
    first, last = period_bounds(period)
    found = policies_on(session, first)
    if kind_of(period) == MONTH:
        return found
    there = {version.code for version, _ in found}
    begun = {one.code: one for one in begun_within(session, first, last)}
    return found + _read(one for code, one in begun.items() if code not in there)


def policies_for(
    act: Act, employment: Employment, versions: Sequence[tuple[PolicyVersion, Policy]], period: str
) -> list[tuple[PolicyVersion, Policy]]:
    """The policies of a period whose scope names the position: those that only add lines last, those that pay first,
    those in force from the beginning before later ones, narrower scopes first."""
    kind, (first, _) = kind_of(period), period_bounds(period)
    names = [one.name for one in department_line(act.session, employment.department)]
    position = (employment.position.code, employment.position.name)
    found = [
        (version, policy)
        for version, policy in versions
        if runs_in(policy, kind) and policy.covers(names, position, for_pool=policy.cycle != kind)
    ]

    def rank(one: tuple[PolicyVersion, Policy]) -> tuple[bool, bool, bool, tuple[bool, int]]:
        version, policy = one
        late = kind != MONTH and version.effective_from > first
        return policy.adds, not policy.pays, late, policy.breadth(names)

    return sorted(found, key=rank)


def runs_in(policy: Policy, kind: str) -> bool:
    """Say whether a period of this kind is appraised under a policy: its own kind, and it pays; a class is enough in a
    quarter (R118), a pool in a year (R006)."""
    if kind == MONTH:
        return policy.cycle == kind and policy.pays
    if kind == QUARTER:
        return policy.cycle == kind and (policy.pays or bool(policy.ratings))
    return policy.cycle == kind or any(pool["period"] == kind for pool in policy.pools)


def freeze(act: Act, policy: Policy) -> FrozenPolicy:
    """Keep a policy's canonical form under its SHA-256; the same policy is kept once."""
    name = fingerprint(policy)
    found = act.session.scalars(select(FrozenPolicy).where(FrozenPolicy.fingerprint == name)).first()
    if found is None:
        found = FrozenPolicy(fingerprint=name, body=canonical(policy))
        act.session.add(found)
        act.session.flush()
    return found


def quarterly_policies(act: Act, appraisal: Appraisal) -> list[Policy]:
    """The quarterly policies in force for the department and position of a quarter's appraisal."""
    names = [one.name for one in department_line(act.session, appraisal.department)]
    position = (appraisal.position.code, appraisal.position.name)
    found = [policy for _version, policy in policies_in(act.session, appraisal.cycle.period)]
    return [one for one in found if one.cycle == QUARTER and one.covers(names, position)]


def runs_components(appraisal: Appraisal) -> bool:
    """Say whether the policy's pay lines are of this period: a monthly policy whose pool a year runs under pays none then."""
    return policy_of(appraisal).cycle == kind_of(appraisal.cycle.period)


def channels_of(appraisal: Appraisal) -> tuple[str, ...]:
    """The channels on which a month's policy publishes results (R104)."""
    return channels_in_policy(policy_of(appraisal))


def channels_in_policy(policy: Policy) -> tuple[str, ...]:
    """The channels on which a policy publishes results (R104)."""
    return tuple(str(one) for one in policy.publication.get("channels", ()))


def scores_by_sampling(policy: Policy) -> bool:
    """Say whether the supervisor's part comes from weekly samples (R073); else he scores the KPI items (A-47)."""
    return any(part.by == "supervisor" and part.source == "sampling" for part in policy.parts)


def assesses_by_kpi(policy: Policy) -> bool:
    """Say whether the employee scores KPI items; else he gives one month-end self-appraisal (R074)."""
    return bool(policy.kpi)
