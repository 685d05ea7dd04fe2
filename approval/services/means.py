"""A quarter's or a year's score: the mean of the reviewed months, compiled by the performance administrator (R114, A-23)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from approval.models.appraisal import Appraisal
from approval.models.cycle import Cycle
from approval.rules import score as scoring
from approval.services.act import Act
from approval.services.facts import appraisal_facts, months_behind
from approval.services.rulebook import is_from_months, policy_of
from approval.services.step import take_step
from workflows.appraisal import SAMPLING, SELF_ASSESSMENT, WORKFLOW


def take_means(act: Act, appraisal: Appraisal) -> None:
    """Take the mean of the reviewed months as the score; refused while one of them is still open, or none is there.

    A month without a score is left out, never counted as zero; the months and their scores are told in the chain.
    """
    facts = appraisal_facts(act, appraisal)
    WORKFLOW.decide(appraisal.state, "take_means", facts)
    months = months_behind(act, appraisal)
    score = scoring.quarter_score([one.score for one in months], policy_of(appraisal).score_places)
    told = {one.cycle.period: one.score for one in months}
    take_step(
        act,
        appraisal,
        WORKFLOW,
        "take_means",
        facts,
        changes={"score": score, "closed_at": act.at},
        body={"round": appraisal.round, "months": told},
    )


def waiting_for_means(act: Act, cycle: Cycle) -> Sequence[Appraisal]:
    """The people of a quarter or year whose score is not compiled yet, by number."""
    query = select(Appraisal).where(Appraisal.cycle_id == cycle.id, Appraisal.state.in_((SELF_ASSESSMENT, SAMPLING)))
    waiting = [one for one in act.session.scalars(query) if is_from_months(one)]
    return sorted(waiting, key=lambda one: one.employee.number)
