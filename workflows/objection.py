"""An objection to a published result: decided by someone who neither scored it nor is its subject (A7 of the month)."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.engine import No, Step, Workflow

RAISED = "raised"
UPHELD = "upheld"
REJECTED = "rejected"

LABELS = {RAISED: "待处理", UPHELD: "异议成立", REJECTED: "已驳回"}


@dataclass(frozen=True)
class ObjectionFacts:
    actor: int | None = None
    subject: int = 0
    scorer: int | None = None
    decider: int | None = None
    is_hr: bool = False


Facts = ObjectionFacts


def by_decider(f: Facts) -> No | None:
    if f.actor is None or f.actor == f.subject:
        return No("不能处理自己的异议")
    if f.actor == f.scorer:
        return No("评分人不能处理对自己评分的异议")
    return None if f.is_hr or f.actor == f.decider else No("只有部门负责人或人事可以处理异议")


STEPS: tuple[Step[Facts], ...] = (
    Step("uphold", RAISED, UPHELD, by_decider, reason_required=True, label="更正"),
    Step("reject", RAISED, REJECTED, by_decider, reason_required=True, label="驳回"),
)

WORKFLOW: Workflow[Facts] = Workflow("objection", tuple(LABELS), STEPS, LABELS, final=(UPHELD, REJECTED))
