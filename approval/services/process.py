"""The steps that a policy's process names (R110–R116), as the months of a period run them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from sqlalchemy import select

from approval.models.appraisal import Appraisal
from approval.models.beside import AppraisalSupplement
from approval.models.departments import department_line
from approval.rules.calendar import QUARTER, kind_of
from approval.rules.policy import Policy
from approval.services.act import Act
from approval.services.rulebook import policies_on, policy_in, policy_of

FEEDBACK = "one_to_one_feedback"


def policies_around(act: Act, months: Sequence[Appraisal]) -> Mapping[int, list[Policy]]:
    """The policies of each month by its id: its own, what stands beside it, and in a quarter every quarterly policy in
    force for the post, also one that pays nothing."""
    quarterly: dict[date, list[Policy]] = {}
    beside = select(AppraisalSupplement).where(AppraisalSupplement.appraisal_id.in_([one.id for one in months]))
    found = {one.id: [policy_of(one)] for one in months}
    for added in act.session.scalars(beside) if months else ():
        found[added.appraisal_id].append(policy_in(added.frozen_policy))
    for one in months:
        if kind_of(one.cycle.period) == QUARTER:
            first = one.cycle.first_on
            if first not in quarterly:
                all_ = policies_on(act.session, first)
                quarterly[first] = [policy for _version, policy in all_ if policy.cycle == QUARTER]
            found[one.id] += _covering(act, one, quarterly[first])
    return found


def _covering(act: Act, month: Appraisal, policies: Sequence[Policy]) -> list[Policy]:
    names = [one.name for one in department_line(act.session, month.department)]
    return [one for one in policies if one.covers(names, (month.position.code, month.position.name))]


def steps_of(act: Act, months: Sequence[Appraisal]) -> Mapping[int, tuple[str, ...]]:
    """The process steps of each month by its id, in the order of its policies."""
    around = policies_around(act, months)
    return {key: tuple(dict.fromkeys(step for one in found for step in _named(one))) for key, found in around.items()}


def holds_talks(policies: Iterable[Policy]) -> bool:
    """Say whether a process has a one-to-one talk after the review (R115)."""
    return any(FEEDBACK in _named(one) for one in policies)


def _named(policy: Policy) -> tuple[str, ...]:
    return tuple(str(one) for one in policy.raw.get("process", {}).get("steps", ()))


def wanting_feedback(act: Act, months: Sequence[Appraisal]) -> list[Appraisal]:
    """Those of the months whose process has a one-to-one talk after the review (R115)."""
    around = policies_around(act, months)
    return [one for one in months if holds_talks(around[one.id])]
