"""What the pages of a bonus pool show: each share beside its suggestion, and whether the split follows the scores."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from approval.models.advice import Advice
from approval.models.appraisal import Appraisal
from approval.models.audit import AuditEntry, entries_of
from approval.models.bonus_pool import METHODS, BonusPool, PoolShare, PoolSplit
from approval.models.cycle import Cycle
from approval.models.departments import head_of
from approval.models.people import Employee
from approval.rules import fairness
from approval.rules.calendar import YEAR, kind_of
from approval.rules.money import display, half_up
from approval.services import pool_split
from approval.services.act import Act
from approval.services.advice import awards_taken
from approval.services.rulebook import policy_of
from approval.services.sight import Hidden, headed_by
from approval.services.suggestion import months_of
from approval.views.page import number_text
from approval.views.review_page import tier_of
from workflows.bonus_pool import LABELS

READERS = ("general_manager", "finance", "hr", "auditor")
LEAST_CORRELATION = Decimal("0.80")
MOST_RATIO = Decimal("2.00")
ACTIONS = {
    "bonus_pool:start": "建立奖金池",
    "bonus_pool:enter_amount": "填写奖金池金额",
    "bonus_pool:draft": "开始新的一稿",
    "bonus_pool:propose_split": "按方法起草",
    "bonus_pool:change_shares": "修改份额",
    "bonus_pool:submit": "提交方案",
    "bonus_pool:withdraw": "撤回方案",
    "bonus_pool:send_back": "退回方案",
    "bonus_pool:approve": "批准方案",
    "bonus_pool:decide_leaver": "决定离职人员是否参加分配",
    "bonus_pool:pay": "全部发放",
}
KINDS = {"submit": "ok", "approve": "ok", "pay": "ok", "send_back": "ret", "withdraw": "ret", "change_shares": "me"}


@dataclass(frozen=True)
class ShareLine:
    """One person of a split: his score and band, the suggestion, his share, and how far it strays."""

    share: PoolShare
    appraisal: Appraisal
    tier: str
    percent: str
    deviation: str
    strays: bool
    own: bool

    @property
    def key(self) -> int:
        return self.share.employee_id

    @property
    def score(self) -> Decimal | None:
        return self.appraisal.score


@dataclass(frozen=True)
class Check:
    """One line of the fairness list: whether it is as it should be, in words, its value, and what stands behind it."""

    ok: bool
    text: str
    value: str
    details: tuple[str, ...] = ()


def may_open(act: Act, cycle: Cycle) -> bool:
    """Say whether the actor may read a cycle's pool: the head of its department, or an office that pays or oversees."""
    return act.actor.holds(*READERS) or cycle.department_id in headed_by(act)


def find_pool(act: Act, pool_id: int) -> BonusPool:
    """Load a pool that the actor may read; raises Hidden otherwise."""
    pool = act.session.get(BonusPool, pool_id)
    if pool is None or not may_open(act, pool.cycle):
        raise Hidden(f"bonus pool {pool_id}")
    return pool


def lines_of(act: Act, pool: BonusPool) -> list[ShareLine]:
    """The shares of the present version, by employee number."""
    months = {one.id: one for one in months_of(act, pool)}
    head = head_of(act.session, pool.cycle.department_id, act.today)
    lines = []
    for share in pool_split.shares_of(act, pool.split_id):
        month = months.get(share.appraisal_id) or act.session.get_one(Appraisal, share.appraisal_id)
        lines.append(
            ShareLine(
                share,
                month,
                tier_of(policy_of(month), month.score),
                percent_text(share.share_fen, pool.payable_fen or 0),
                deviation_text(share),
                pool_split.strays(share),
                share.employee_id == head,
            )
        )
    return lines


def percent_text(part: int, whole: int) -> str:
    """9.5% of a whole, one place; empty where the whole is zero."""
    return f"{number_text(Decimal(half_up(Fraction(part * 1000, whole))) / 10, 1)}%" if whole else ""


def deviation_text(share: PoolShare) -> str:
    """How far a share lies from its suggestion: +24%, −18%; empty where it is the suggestion."""
    difference = share.share_fen - share.suggested_fen
    if not difference:
        return ""
    sign = "+" if difference > 0 else "−"
    if not share.suggested_fen:
        return f"{sign}{display(abs(difference))}"
    return f"{sign}{number_text(Decimal(half_up(Fraction(abs(difference) * 1000, share.suggested_fen))) / 10, 1)}%"


def checks_of(lines: Sequence[ShareLine]) -> list[Check]:
    """The fairness list of a split (R040, R041)."""
    people = [
        fairness.Person(
            line.share.employee.number,
            line.score,
            line.tier,
            line.share.suggested_fen,
            line.share.share_fen,
        )
        for line in lines
    ]
    names = {line.share.employee.number: line.share.employee.name for line in lines}
    found = [_correlation(people), _inversions(people, names), _ratio(people), _gini(people), _strays(lines)]
    return found + [_own(line) for line in lines if line.own]


def _correlation(people: Sequence[fairness.Person]) -> Check:
    value = fairness.rank_correlation(people)
    text = _("得分与份额一致（等级相关 ρ ≥ %(least)s）", least=LEAST_CORRELATION)
    return Check(value is None or value >= LEAST_CORRELATION, text, number_text(value))


def _inversions(people: Sequence[fairness.Person], names: dict[str, str]) -> Check:
    pairs = fairness.inversions(people)
    details = [_("%(high)s 分高于 %(low)s，份额却更低", high=names[high], low=names[low]) for high, low in pairs]
    return Check(not pairs, _("同档倒挂"), _("%(n)s 对", n=len(pairs)), tuple(details))


def _ratio(people: Sequence[fairness.Person]) -> Check:
    value = fairness.median_ratio(people)
    text = _("最高 ÷ 中位数（≤ %(most)s）", most=MOST_RATIO)
    return Check(value is None or value <= MOST_RATIO, text, number_text(value))


def _gini(people: Sequence[fairness.Person]) -> Check:
    return Check(True, _("基尼系数（0 为人人相同）"), number_text(fairness.gini(people)))


def _strays(lines: Sequence[ShareLine]) -> Check:
    far = [line for line in lines if line.strays]
    details = [f"{line.share.employee.name} {line.deviation}：{line.share.reason or _('还没有写理由')}" for line in far]
    return Check(not far, _("偏离建议 10% 以上"), _("%(n)s 人", n=len(far)), tuple(details))


def _own(line: ShareLine) -> Check:
    text = _("负责人本人的份额（建议 %(suggested)s）", suggested=display(line.share.suggested_fen))
    return Check(line.share.share_fen <= line.share.suggested_fen, text, display(line.share.share_fen))


@dataclass(frozen=True)
class Award:
    """A year-end award that was advised and taken (R130): whom for, the months with their scores, and what was decided."""

    advice: Advice
    months: Sequence[tuple[str, Decimal]]


def awards_of(act: Act, pool: BonusPool) -> list[Award]:
    """What a year's pool is told beside the scores; none for a month or a quarter."""
    if kind_of(pool.cycle.period) != YEAR:
        return []
    people = [one.employee_id for one in months_of(act, pool)]
    found = awards_taken(act, people, pool.cycle.period)
    return [Award(one, [(p, Decimal(s)) for p, s in json.loads(one.months)[-3:] if s is not None]) for one in found]


@dataclass(frozen=True)
class Told:
    """One entry of a pool's chain for the timeline."""

    who: str
    on_behalf_of: str
    action: str
    at: Any
    reason: str
    from_state: str
    to_state: str
    hash: str
    kind: str
    changes: tuple[tuple[str, str, str], ...] = ()


def history_of(act: Act, pool: BonusPool) -> list[Told]:
    """The chain of a pool, newest first."""
    names = {row.number: row.name for row in act.session.execute(select(Employee.number, Employee.name))}
    return [_told(entry, names) for entry in reversed(entries_of(act.session, pool.stream))]


def _told(entry: AuditEntry, names: dict[str, str]) -> Told:
    body = json.loads(entry.record)["body"]
    version = f" v{body['number']}" if "number" in body else ""
    return Told(
        entry.actor.name if entry.actor else "",
        "",
        (_(ACTIONS[entry.action]) if entry.action in ACTIONS else entry.action) + version,
        entry.at,
        entry.reason,
        _(LABELS[entry.from_state]) if entry.from_state in LABELS else "",
        _(LABELS[entry.to_state]) if entry.to_state in LABELS else "",
        entry.hash,
        KINDS.get(entry.action.partition(":")[2], "sys"),
        tuple(_changes(entry.action, body, names)),
    )


def _changes(action: str, body: dict[str, Any], names: dict[str, str]) -> list[tuple[str, str, str]]:
    if action == "bonus_pool:change_shares":
        return [(names.get(n, n), display(one[0]), display(one[1])) for n, one in body["shares"].items()]
    if action == "bonus_pool:enter_amount":
        before, after = body.get("changes", {}).get("payable_fen", (None, None))
        return [] if after is None else [(_("可分配"), "" if before is None else display(before), display(after))]
    if action == "bonus_pool:propose_split":
        return [(_("方法"), "", _(METHODS.get(body["method"], body["method"])))]
    return []


def changed_since(act: Act, pool: BonusPool, seen: str) -> list[tuple[str, str, str]]:
    """What differs from the version that somebody saw: (name, before, now); empty where that version is not known."""
    query = select(PoolSplit).where(PoolSplit.pool_id == pool.id, PoolSplit.fingerprint == seen)
    old = act.session.scalars(query).first() if seen else None
    if old is None or old.id == pool.split_id:
        return []
    before = {one.employee_id: one for one in pool_split.shares_of(act, old.id)}
    now = {one.employee_id: one for one in pool_split.shares_of(act, pool.split_id)}
    changes = []
    for key in dict.fromkeys([*before, *now]):
        was, is_now = before.get(key), now.get(key)
        if was is None or is_now is None or was.share_fen != is_now.share_fen:
            named = (was or is_now).employee  # type: ignore[union-attr]
            told = [display(one.share_fen) if one else "—" for one in (was, is_now)]
            changes.append((f"{named.name} {named.number}", told[0], told[1]))
    return changes
