"""One recommendation out of a streak (warning, leave advice, award): a human decides, never the software."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.engine import No, Step, Workflow

PROPOSED = "proposed"
TAKEN = "taken"
DROPPED = "dropped"

LABELS = {PROPOSED: "待决定", TAKEN: "已采纳", DROPPED: "不采纳"}


@dataclass(frozen=True)
class AdviceFacts:
    actor: int | None = None
    subject: int = 0
    is_hr: bool = False
    is_general_manager: bool = False
    evidence_missing: tuple[str, ...] = ()


Facts = AdviceFacts


def by_hr_or_general_manager(f: Facts) -> No | None:
    if f.actor is not None and f.actor == f.subject:
        return No("不能决定关于自己的建议")
    return None if f.actor is not None and (f.is_hr or f.is_general_manager) else No("只有人事或总经理可以决定建议")


def evidence_there(f: Facts) -> No | None:
    missing = f.evidence_missing
    return No("还缺证据：%(items)s", items="、".join(missing)) if missing else None


STEPS: tuple[Step[Facts], ...] = (
    Step("take", PROPOSED, TAKEN, by_hr_or_general_manager, (evidence_there,), reason_required=True, label="采纳"),
    Step("drop", PROPOSED, DROPPED, by_hr_or_general_manager, reason_required=True, label="不采纳"),
)

WORKFLOW: Workflow[Facts] = Workflow("advice", tuple(LABELS), STEPS, LABELS, final=(TAKEN, DROPPED))
