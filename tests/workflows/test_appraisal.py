"""The table of one month: every path, who may take it, and that money has no way round."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.appraisal import LABELS, PAID, STEPS, WORKFLOW, AppraisalFacts, of_its_months, of_its_own
from workflows.engine import NotAllowed

SUBJECT, SCORER, HEAD = 1, 2, 3
READY = AppraisalFacts(
    subject=SUBJECT,
    scorer=SCORER,
    reviewer=HEAD,
    has_score=True,
    publication_ended=True,
    objection_upheld_by=HEAD,
    pool_approved_by=9,
    has_pay_result=True,
    batch_signed_off_by=9,
    batch_paid=True,
)


def by(actor: int | None, **more: object) -> AppraisalFacts:
    return replace(READY, actor=actor, **more)  # type: ignore[arg-type]


def paths(state: str, seen: tuple[str, ...], closed_by: object) -> Iterator[tuple[str, ...]]:
    """Every way forward from a state to `paid`, as triggers, without circles and without the steps that a guard closes."""
    if state == PAID:
        yield seen
    for step in STEPS:
        if step.source == state and step.trigger not in seen and closed_by not in step.needs:
            yield from paths(step.dest, (*seen, step.trigger), closed_by)


def test_no_way_to_paid_leads_round_a_decision() -> None:
    found = list(paths(WORKFLOW.initial, (), of_its_months))
    assert found
    for path in found:
        assert {"submit", "close_scores", "pass_review", "end_publication", "release", "pay"} <= set(path), path


def test_a_quarter_is_paid_by_its_means_and_every_decision_after_them() -> None:
    found = list(paths(WORKFLOW.initial, (), of_its_own))
    assert found
    for path in found:
        assert {"take_means", "pass_review", "end_publication", "release", "pay"} <= set(path), path
        assert not {"submit", "close_scores"} & set(path)


def test_means_are_taken_of_reviewed_months_only() -> None:
    quarter = by(7, from_months=True, is_performance_admin=True, months_known=2)
    assert WORKFLOW.decide("self_assessment", "take_means", quarter) == "department_review"
    for refused in (
        replace(quarter, open_months=("2026-12",)),
        replace(quarter, months_known=0),
        replace(quarter, from_months=False),
        replace(quarter, is_performance_admin=False, is_hr=False),
        replace(quarter, actor=quarter.subject),
    ):
        with pytest.raises(NotAllowed):
            WORKFLOW.decide("self_assessment", "take_means", refused)


def test_every_state_but_the_last_has_a_way_out() -> None:
    assert set(LABELS) - {step.source for step in STEPS} == set(WORKFLOW.final)


def test_every_step_back_needs_its_reason() -> None:
    order = list(LABELS)
    back = [step for step in STEPS if order.index(step.dest) < order.index(step.source) and step.trigger != "withdraw"]
    assert back
    assert all(step.reason_required for step in back)


@given(
    trigger=st.sampled_from(sorted({step.trigger for step in STEPS} - {"submit", "withdraw", "release", "pay"})),
    state=st.sampled_from(sorted(LABELS)),
    is_hr=st.booleans(),
    is_general_manager=st.booleans(),
)
def test_nobody_decides_about_his_own_month(trigger: str, state: str, is_hr: bool, is_general_manager: bool) -> None:
    own = by(
        SUBJECT, scorer=SUBJECT, reviewer=SUBJECT, objection_upheld_by=SUBJECT, is_hr=is_hr,
        is_general_manager=is_general_manager,
    )  # fmt: skip
    with pytest.raises(NotAllowed):
        WORKFLOW.decide(state, trigger, own, "理由")


@pytest.mark.parametrize(
    "missing", [{"unscored_samples": 1}, {"unscored_items": ("计划",)}, {"undrawn_weeks": ("第43周",)}]
)
def test_scores_close_only_when_everything_is_scored(missing: dict[str, object]) -> None:
    assert WORKFLOW.decide("sampling", "close_scores", by(SCORER)) == "department_review"
    with pytest.raises(NotAllowed):
        WORKFLOW.decide("sampling", "close_scores", by(SCORER, **missing))


def test_a_submission_is_withdrawn_only_before_the_supervisor_has_closed() -> None:
    assert WORKFLOW.decide("sampling", "withdraw", by(SUBJECT)) == "self_assessment"
    for state in set(LABELS) - {"sampling"}:
        with pytest.raises(NotAllowed):
            WORKFLOW.decide(state, "withdraw", by(SUBJECT))


def test_a_missing_item_is_named() -> None:
    with pytest.raises(NotAllowed, match="月末自我鉴定"):
        WORKFLOW.decide("self_assessment", "submit", by(SUBJECT, missing_self_items=("月末自我鉴定",)))


def test_a_refused_step_of_ones_own_is_offered_with_its_reasons() -> None:
    offers = {one.trigger: one for one in WORKFLOW.offers("sampling", by(SCORER, unscored_samples=4))}
    assert set(offers) == {"return_to_employee", "close_scores"}
    assert [str(no) for no in offers["close_scores"].reasons] == ["还有 4 个抽查样本没有评分"]
