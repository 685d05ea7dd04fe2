"""One payment batch: prepared by finance, signed off by the general manager, exported, paid once."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.engine import No, Step, Workflow

PREPARED = "prepared"
SIGNED_OFF = "signed_off"
EXPORTED = "exported"
PAID = "paid"
VOIDED = "voided"

LABELS = {PREPARED: "待签发", SIGNED_OFF: "已签发", EXPORTED: "已导出", PAID: "已发放", VOIDED: "已作废"}


@dataclass(frozen=True)
class PayoutFacts:
    """What the guards ask; `payees` are the people paid by the batch: nobody handles one that pays only himself.

    `fingerprint` is that of the lines as they are now, `seen_fingerprint` that of the batch which the actor decides on.
    `miscounted` names those whose pay is no longer what was calculated.
    """

    actor: int | None = None
    preparer: int | None = None
    payees: frozenset[int] = frozenset()
    is_finance: bool = False
    is_general_manager: bool = False
    total_fen: int = 0
    lines_fen: int = 0
    fingerprint: str = ""
    seen_fingerprint: str = ""
    blocking_flags: tuple[str, ...] = ()
    miscounted: tuple[str, ...] = ()
    pools_waiting: int = 0
    all_lines_settled: bool = False


Facts = PayoutFacts


def by_finance(f: Facts) -> No | None:
    if not f.is_finance:
        return No("只有财务可以做这一步")
    return No("不能办理只发给自己的批次") if f.payees == frozenset({f.actor}) else None


def by_general_manager(f: Facts) -> No | None:
    return None if f.is_general_manager else No("只有总经理可以签发")


def not_own_batch(f: Facts) -> No | None:
    return No("制单人不能签发自己的批次") if f.actor == f.preparer else None


def not_own_pay(f: Facts) -> No | None:
    return No("批次里有您本人的工资条，不能由您签发") if f.actor in f.payees else None


def same_version(f: Facts) -> No | None:
    return (
        None
        if f.fingerprint and f.seen_fingerprint == f.fingerprint
        else No("批次已有改动，您看到的不是最新内容；请刷新后再决定")
    )


def as_signed(f: Facts) -> No | None:
    return (
        None
        if f.fingerprint and f.seen_fingerprint == f.fingerprint
        else No("批次内容与签发时不一致，已停止；请立即联系审计")
    )


def sums_match(f: Facts) -> No | None:
    return None if f.total_fen == f.lines_fen else No("批次总额与明细之和不一致，已停止；请立即联系审计")


def as_calculated(f: Facts) -> No | None:
    text = "重新计算的结果与保存的不一致，已停止；请立即联系人事和审计：%(names)s"
    return No(text, names="、".join(f.miscounted)) if f.miscounted else None


def guards_hold(f: Facts) -> No | None:
    return No("还有待处理的法定提示：%(flags)s", flags="；".join(f.blocking_flags)) if f.blocking_flags else None


def lines_settled(f: Facts) -> No | None:
    return None if f.all_lines_settled else No("还有工资条没有发放结果")


STEPS: tuple[Step[Facts], ...] = (
    Step(
        "sign_off",
        PREPARED,
        SIGNED_OFF,
        by_general_manager,
        (not_own_batch, not_own_pay, same_version, sums_match, as_calculated, guards_hold),
        label="签发",
    ),
    Step("send_back", PREPARED, VOIDED, by_general_manager, (not_own_pay,), reason_required=True, label="退回"),
    Step("void", PREPARED, VOIDED, by_finance, reason_required=True, label="作废"),
    Step("export", SIGNED_OFF, EXPORTED, by_finance, (as_signed, sums_match, as_calculated), label="导出"),
    Step("pay", EXPORTED, PAID, by_finance, (as_signed, lines_settled), label="标记已发"),
)

WORKFLOW: Workflow[Facts] = Workflow("payout", tuple(LABELS), STEPS, LABELS, final=(PAID, VOIDED))
