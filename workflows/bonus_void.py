"""A bonus of a quarter or a year that is voided for a violation: entered by one, confirmed by another (R107)."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.engine import No, Step, Workflow

ENTERED = "entered"
CONFIRMED = "confirmed"
DROPPED = "dropped"

LABELS = {ENTERED: "待第二人确认", CONFIRMED: "奖金已取消", DROPPED: "已撤销"}


@dataclass(frozen=True)
class BonusVoidFacts:
    """What the guards ask; `reviewer` is the department head, or the general manager for the head's own bonus."""

    actor: int | None = None
    subject: int = 0
    reviewer: int | None = None
    entered_by: int | None = None
    is_hr: bool = False
    is_general_manager: bool = False
    of_a_bonus: bool = True
    policy_voids: bool = True
    is_computed: bool = False
    is_cancelled: bool = False
    is_entered_already: bool = False


Facts = BonusVoidFacts


def by_an_office(f: Facts) -> No | None:
    if f.actor is None:
        return No("取消奖金必须由人提出和决定")
    if f.actor == f.subject:
        return No("不能办理取消自己奖金的事")
    if f.is_hr or f.is_general_manager or f.actor == f.reviewer:
        return None
    return No("只有人事、总经理或部门负责人可以办理取消奖金")


def by_a_second_person(f: Facts) -> No | None:
    if f.actor is None or f.actor == f.subject:
        return No("不能办理取消自己奖金的事")
    if f.actor == f.entered_by:
        return No("录入人不能确认自己录入的取消，请由另一位同事确认")
    return None if f.is_hr or f.is_general_manager else No("只有人事或总经理可以确认取消奖金")


def of_a_bonus(f: Facts) -> No | None:
    return None if f.of_a_bonus else No("只有季度或年度奖金可以因违规取消；月度工资不能取消")


def policy_voids(f: Facts) -> No | None:
    return None if f.policy_voids else No("这份方案没有规定违规取消奖金（adjustments.violation_voids_bonus）")


def not_computed(f: Facts) -> No | None:
    if f.is_cancelled:
        return No("这份考核单已作废，没有奖金可以取消")
    return No("奖金已经计算，不能再取消；请联系财务和总经理另行处理") if f.is_computed else None


def none_yet(f: Facts) -> No | None:
    return No("已经有一项取消记录；请先确认或撤销") if f.is_entered_already else None


ENTRY = (by_an_office, of_a_bonus, policy_voids, not_computed, none_yet)  # before there is anything to move


def refusals(f: Facts) -> tuple[No, ...]:
    """Why this actor may not enter a void now; empty where he may."""
    return tuple(no for guard in ENTRY if (no := guard(f)) is not None)


STEPS: tuple[Step[Facts], ...] = (
    Step("confirm", ENTERED, CONFIRMED, by_a_second_person, (policy_voids, not_computed), label="确认取消奖金"),
    Step("drop", ENTERED, DROPPED, by_an_office, reason_required=True, label="撤销"),
)

WORKFLOW: Workflow[Facts] = Workflow("bonus_void", tuple(LABELS), STEPS, LABELS, final=(CONFIRMED, DROPPED))
