"""What is given for the items of one's month: the employee's draft and the supervisor's points."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from approval.models.appraisal import Appraisal, KpiScore, SelfAssessment
from approval.rules.refusal import Refused
from approval.services.act import Act
from approval.services.audit import canonical
from approval.services.facts import appraisal_facts, kpi_scores, self_assessment
from approval.services.kpi_count import governed
from approval.services.rulebook import policy_of, scores_by_sampling
from approval.services.step import Conflict, keep_record
from workflows.appraisal import (
    SELF_ASSESSMENT,
    by_scorer,
    by_subject,
    of_its_own,
)
from workflows.engine import No, NotAllowed


@dataclass(frozen=True)
class ItemScore:
    """Points for one KPI item, None where not given yet, and a note."""

    item: str
    points: Decimal | None
    note: str = ""


@dataclass(frozen=True)
class Draft:
    """What an employee writes for his month: points for each KPI item, or one self-appraisal, and a summary."""

    items: tuple[ItemScore, ...] = ()
    self_score: Decimal | None = None
    summary: str = ""

    @property
    def token(self) -> str:
        """Names this content: a form carries it, so that a save over a newer draft is noticed."""
        rows = {one.item: [_plain(one.points), one.note] for one in self.items if one.points is not None or one.note}
        told = {"items": rows, "self_score": _plain(self.self_score), "summary": self.summary}
        return hashlib.sha256(canonical(told).encode()).hexdigest()[:16]


def _plain(points: Decimal | None) -> Decimal | None:
    """34 and 34.00 are the same points."""
    return None if points is None else points.normalize()


def draft_of(act: Act, appraisal: Appraisal, round_: int | None = None) -> Draft:
    """The self-assessment of a round as it is kept (the present round by default)."""
    kept, given = self_assessment(act, appraisal, round_), kpi_scores(act, appraisal, "self", round_)
    items = tuple(ItemScore(item.code, *_said(given.get(item.code))) for item in policy_of(appraisal).kpi)
    return Draft(items, kept.self_score if kept else None, kept.summary if kept else "")


def _said(score: KpiScore | None) -> tuple[Decimal | None, str]:
    return (score.points, score.note) if score else (None, "")


def save_self_assessment(act: Act, appraisal: Appraisal, draft: Draft, seen: str | None = None) -> None:
    """Keep a draft of the self-assessment of the present round; its owner only, while it is open.

    `seen` is the token of the draft that the writer had before him: Conflict where another one is kept by now. Items
    out of range are refused.
    """
    act.session.refresh(appraisal, with_for_update=True)
    _must(by_subject(appraisal_facts(act, appraisal)))
    if appraisal.state != SELF_ASSESSMENT:
        raise NotAllowed([No("自评已经提交；要修改请先撤回")])
    _must(of_its_own(appraisal_facts(act, appraisal)))
    _check_points(appraisal, draft.items)
    if seen is not None and draft_of(act, appraisal).token not in (seen, draft.token):
        raise Conflict(appraisal.stream)
    kept = self_assessment(act, appraisal)
    if kept is None:
        kept = SelfAssessment(appraisal_id=appraisal.id, round=appraisal.round, saved_at=act.at)
        act.session.add(kept)
    kept.self_score, kept.summary, kept.saved_at = draft.self_score, draft.summary, act.at
    _keep_items(act, appraisal, "self", draft.items)
    act.session.flush()


def score_items(act: Act, appraisal: Appraisal, items: tuple[ItemScore, ...]) -> None:
    """Keep the supervisor's points for KPI items; changed points go into the chain with before and after.

    Refused where his part comes from samples: points for items would count for nothing (A-47).
    """
    _must(by_scorer(appraisal_facts(act, appraisal)))
    if scores_by_sampling(policy_of(appraisal)):
        raise NotAllowed([No("这个方案的主管评分来自每周抽查；考核指标由员工自评，主管不给指标打分")])
    if appraisal.state not in (SELF_ASSESSMENT, "sampling"):
        raise NotAllowed([No("评分已经提交；要修改须由部门负责人退回")])
    _must(of_its_own(appraisal_facts(act, appraisal)))
    _check_points(appraisal, items)
    changed = _keep_items(act, appraisal, "supervisor", items)
    act.session.flush()
    if changed:
        keep_record(act, appraisal, "appraisal:score_items", body={"items": changed, "round": appraisal.round})


def _must(no: No | None) -> None:
    if no is not None:
        raise NotAllowed([no])


def _check_points(appraisal: Appraisal, items: tuple[ItemScore, ...]) -> None:
    known = {item.code: item for item in policy_of(appraisal).kpi}
    for one in items:
        if one.item not in known:
            raise Refused("方案里没有这个考核指标：%(item)s", fault="unknown KPI item", item=one.item)
        if one.points is not None and not 0 <= one.points <= known[one.item].max:
            raise Refused(
                "“%(item)s”的得分须在 0 到 %(max)s 之间",
                fault="item score outside 0..max",
                item=known[one.item].zh,
                max=known[one.item].max,
            )


def _keep_items(act: Act, appraisal: Appraisal, rater: str, items: tuple[ItemScore, ...]) -> dict[str, list[Any]]:
    """Store points and notes; returns what changed, points before and after and the note, by item.

    Where a count governs an item its points are not asked: what was claimed before stays beside it.
    """
    kept, counted, changed = kpi_scores(act, appraisal, rater), governed(act, appraisal), {}
    for asked in items:
        row = kept.get(asked.item)
        before = _said(row)
        one = replace(asked, points=before[0]) if asked.item in counted and asked.points is None else asked
        if row is None:
            row = KpiScore(appraisal_id=appraisal.id, round=appraisal.round, rater=rater, item=one.item)
            act.session.add(row)
        row.points, row.note = one.points, one.note
        if before != (one.points, one.note):
            changed[one.item] = [before[0], one.points, one.note]
    return changed
