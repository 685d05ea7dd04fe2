"""One department's bonus pool of a period: its split is proposed by the head, approved by the general manager (R009)."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.engine import No, Step, Workflow

SPLITTING = "splitting"
SUBMITTED = "submitted"
APPROVED = "approved"
PAID = "paid"

LABELS = {SPLITTING: "分配中", SUBMITTED: "待总经理批准", APPROVED: "已批准", PAID: "已发放"}


@dataclass(frozen=True)
class BonusPoolFacts:
    """What the guards ask; `seen_fingerprint` is the split that the approver had on the page, `fingerprint` the one kept."""

    actor: int | None = None
    head: int | None = None
    proposer: int | None = None
    is_general_manager: bool = False
    payable_fen: int | None = None
    shares_fen: int | None = None
    waiting_appraisals: int = 0
    unexplained_deviations: tuple[str, ...] = ()
    outdated_suggestions: tuple[str, ...] = ()
    undecided_leavers: tuple[str, ...] = ()
    fingerprint: str = ""
    seen_fingerprint: str = ""
    unticked_exceptions: int = 0
    batch_paid: bool = False


Facts = BonusPoolFacts


def by_head(f: Facts) -> No | None:
    return None if f.actor is not None and f.actor == f.head else No("只有部门负责人可以设计分配方案（R009）")


def by_general_manager(f: Facts) -> No | None:
    if not f.is_general_manager:
        return No("只有总经理可以批准或退回分配方案（R009）")
    return No("提交人不能批准自己的分配方案") if f.actor == f.proposer else None


def by_paid_batch(f: Facts) -> No | None:
    return None if f.batch_paid else No("发放批次还没有登记为已发放")


def amount_known(f: Facts) -> No | None:
    return None if f.payable_fen is not None else No("奖金池金额还没有确定；请先填写金额、完成率和依据")


def sums_to_the_fen(f: Facts) -> No | None:
    rest = (f.payable_fen or 0) - (f.shares_fen or 0)
    if rest == 0:
        return None
    sign, fen = ("还剩", rest) if rest > 0 else ("超出", -rest)
    if sign == "还剩":
        return No("还剩 %(yuan)s 元没有分配；分配之和必须等于奖金池，一分不差", yuan=_yuan(fen))
    return No("分配超出奖金池 %(yuan)s 元；分配之和必须等于奖金池，一分不差", yuan=_yuan(fen))


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def all_reviewed(f: Facts) -> No | None:
    return No("还有 %(n)s 人的考核没有走完公示", n=f.waiting_appraisals) if f.waiting_appraisals else None


def deviations_explained(f: Facts) -> No | None:
    names = f.unexplained_deviations
    return No("份额偏离建议 10%% 以上须写明理由：%(names)s", names="、".join(names)) if names else None


def suggestions_current(f: Facts) -> No | None:
    names = f.outdated_suggestions
    return No("得分或人员已有变化，建议份额须更新：%(names)s", names="、".join(names)) if names else None


def leavers_decided(f: Facts) -> No | None:
    names = f.undecided_leavers
    text = "公司提出离职的人是否参加分配，须由人事先写明决定：%(names)s"
    return No(text, names="、".join(names)) if names else None


def same_version(f: Facts) -> No | None:
    return (
        None
        if f.fingerprint and f.seen_fingerprint == f.fingerprint
        else No("方案已有改动，您看到的不是最新一稿；请刷新后再决定")
    )


def exceptions_ticked(f: Facts) -> No | None:
    return No("还有 %(n)s 项需要过目的红色事项没有勾选", n=f.unticked_exceptions) if f.unticked_exceptions else None


STEPS: tuple[Step[Facts], ...] = (
    Step(
        "submit",
        SPLITTING,
        SUBMITTED,
        by_head,
        (amount_known, sums_to_the_fen, all_reviewed, leavers_decided, suggestions_current, deviations_explained),
        label="提交总经理批准",
    ),
    Step("withdraw", SUBMITTED, SPLITTING, by_head, label="撤回"),
    Step("send_back", SUBMITTED, SPLITTING, by_general_manager, (same_version,), reason_required=True, label="退回"),
    Step(
        "approve",
        SUBMITTED,
        APPROVED,
        by_general_manager,
        (same_version, sums_to_the_fen, leavers_decided, suggestions_current, exceptions_ticked),
        label="批准",
    ),
    Step("pay", APPROVED, PAID, by_paid_batch, label="已发放"),
)

WORKFLOW: Workflow[Facts] = Workflow("bonus_pool", tuple(LABELS), STEPS, LABELS, final=(PAID,))
