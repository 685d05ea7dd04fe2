"""One version of a policy: draft, reviewed, published by the general manager (R005), superseded; published is immutable."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from workflows.engine import No, Reasons, Step, Workflow

DRAFT = "draft"
REVIEWED = "reviewed"
PUBLISHED = "published"
SUPERSEDED = "superseded"

LABELS = {DRAFT: "草稿", REVIEWED: "已复核", PUBLISHED: "已发布", SUPERSEDED: "已被取代"}


@dataclass(frozen=True)
class PolicyFacts:
    actor: int | None = None
    author: int | None = None
    is_hr: bool = False
    is_general_manager: bool = False
    blocking_lints: tuple[object, ...] = ()  # as text each says itself in Chinese
    starts_in_past: bool = False
    unread_terms: int = 0
    opened_until: date | None = None  # last day of the months that run under the version before, if it begins earlier
    replaced: bool = False
    unconfirmed_document: bool = False  # printed in a document that is for reference only (R109)
    unsigned: tuple[str, ...] = ()  # who has still to countersign
    objecting: tuple[str, ...] = ()
    has_seat: bool = False  # the actor is named to countersign, by himself or by his office
    wrote: bool = False  # the actor drafted or changed the text
    is_reviewed: bool = False


Facts = PolicyFacts


def by_reviewer(f: Facts) -> No | None:
    if not (f.is_hr or f.is_general_manager):
        return No("只有人事可以复核方案")
    if f.actor == f.author:
        return No("编制人不能复核自己的方案")
    return No("您改过这一版的正文，不能再由您复核；请另一位人事或总经理复核") if f.wrote else None


def by_general_manager(f: Facts) -> No | None:
    return None if f.is_general_manager else No("只有总经理可以发布方案（R005）")


def by_successor(f: Facts) -> No | None:
    return None if f.replaced else No("还没有新的版本取代它")


def no_blocking_lint(f: Facts) -> No | None:
    return No("方案还有必须先改好的问题：%(lints)s", lints=Reasons(f.blocking_lints)) if f.blocking_lints else None


def not_retroactive(f: Facts) -> No | None:
    return No("生效日期不能早于今天；方案不溯及既往") if f.starts_in_past else None


def every_reading_chosen(f: Facts) -> No | None:
    """Each term with several readings is read and chosen by somebody (rules.md section 2)."""
    return No("还有 %(n)s 项条款没有选定读法；请逐条选定", n=f.unread_terms) if f.unread_terms else None


def official_document_confirmed(f: Facts) -> No | None:
    """The source is for reference only; the company's own document prevails (R109)."""
    if not f.unconfirmed_document:
        return None
    return No("方案出自仅供参考的资料；请先确认公司正式文件也是这样规定的（R109）")


def no_month_opened(f: Facts) -> No | None:
    """A month that was opened runs under its own version to the end."""
    if f.opened_until is None:
        return None
    text = "已有考核周期按上一版开启，执行到 %(last)s；新版本最早从 %(day)s 起执行"
    return No(text, last=f.opened_until, day=f.opened_until + timedelta(days=1))


def countersigned(f: Facts) -> No | None:
    """会签: everybody who was named has signed this very text (R017); a version with nobody named needs none."""
    return No("还缺会签：%(names)s", names="、".join(f.unsigned)) if f.unsigned else None


def no_objection(f: Facts) -> No | None:
    text = "会签有异议：%(names)s；请退回修改，或由提出的人改签"
    return No(text, names="、".join(f.objecting)) if f.objecting else None


def may_countersign(f: Facts) -> No | None:
    """Whoever was named says it himself, about a reviewed text, and nobody about his own."""
    if f.wrote:
        return No("编制人不能会签自己的方案")
    if not f.has_seat:
        return No("您不是这一版的会签人")
    return None if f.is_reviewed else No("方案复核之后才能会签")


PUBLISHABLE = (
    no_blocking_lint,
    every_reading_chosen,
    official_document_confirmed,
    not_retroactive,
    no_month_opened,
    countersigned,
    no_objection,
)
STEPS: tuple[Step[Facts], ...] = (
    Step("review", DRAFT, REVIEWED, by_reviewer, (no_blocking_lint, every_reading_chosen), label="通过"),
    Step("return_to_draft", REVIEWED, DRAFT, by_reviewer, reason_required=True, label="退回"),
    Step("publish", REVIEWED, PUBLISHED, by_general_manager, PUBLISHABLE, label="发布"),
    Step("supersede", PUBLISHED, SUPERSEDED, by_successor, label="取代"),
)

WORKFLOW: Workflow[Facts] = Workflow("policy", tuple(LABELS), STEPS, LABELS, final=(SUPERSEDED,))
