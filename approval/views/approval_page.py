"""What the general manager decides on: the sums, what he must look at, and each pay beside the month before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from flask_babel import gettext as _
from sqlalchemy import func, select

from approval.i18n import in_language
from approval.models.advice import KINDS, Advice
from approval.models.appraisal import Appraisal
from approval.models.bonus_pool import BonusPool
from approval.models.objection import Objection
from approval.models.sampling import Sample
from approval.rules.money import display, half_up
from approval.rules.pay import PayResult
from approval.services import pay
from approval.services.act import Act
from approval.services.rulebook import policy_of
from approval.views.page import number_text
from approval.views.pool_page import ShareLine, lines_of
from approval.views.review_page import FAR, mean, scores_before, tier_of
from approval.views.tier_counts import TierCounts, tier_counts

RED, AMBER, BLUE = "red", "amber", "blue"
NOTICED = Fraction(1, 10)


@dataclass(frozen=True)
class PayRow:
    """One person's pay now and the month before, in fen; `now` None while figures are missing."""

    line: ShareLine
    last_score: Decimal | None
    last_tier: str
    before: PayResult | None
    now: PayResult | None
    missing: tuple[str, ...]

    @property
    def difference(self) -> int | None:
        return None if self.before is None or self.now is None else self.now.total_fen - self.before.total_fen

    @property
    def ratio(self) -> Fraction | None:
        if self.difference is None or self.before is None or not self.before.total_fen:
            return None
        return Fraction(self.difference, self.before.total_fen)

    @property
    def noticed(self) -> bool:
        """Whether the pay differs from the month before by 10 % or more."""
        return self.ratio is not None and abs(self.ratio) >= NOTICED

    @property
    def percent(self) -> str:
        return "" if self.ratio is None else signed_percent(self.ratio)

    @property
    def causes(self) -> list[tuple[str, str]]:
        """The lines of pay that moved most, at most two: (kind, words)."""
        if self.before is None or self.now is None:
            return []
        moved = sorted(_moves(self.before, self.now), key=lambda one: -abs(one[1]))[:2]
        changed = self.last_tier and self.last_tier != self.line.tier
        tags = [("info", _("档位 %(was)s → %(now)s", was=self.last_tier, now=self.line.tier))] if changed else []
        return tags + [("", f"{name} {'+' if fen > 0 else '−'}{display(abs(fen))}") for name, fen in moved]


def signed_percent(ratio: Fraction) -> str:
    """+24.1% or −13.0%, one place."""
    sign = "+" if ratio > 0 else "−" if ratio < 0 else ""
    return f"{sign}{number_text(Decimal(half_up(abs(ratio) * 1000)) / 10, 1)}%"


def _moves(before: PayResult, now: PayResult) -> list[tuple[str, int]]:
    was = {line.code: line.amount_fen for line in before.lines}
    names = {line.code: in_language(line.zh, line.en) for line in (*before.lines, *now.lines)}
    is_now = {line.code: line.amount_fen for line in now.lines}
    moves = [(names[code], is_now.get(code, 0) - was.get(code, 0)) for code in names]
    return [(name, fen) for name, fen in moves if fen]


@dataclass(frozen=True)
class Notice:
    """One thing to look at before deciding: red ones must be ticked, the others are for information."""

    key: str
    level: str
    title: str
    text: str
    url: str = ""


@dataclass(frozen=True)
class Case:
    """Everything on the general manager's page."""

    rows: tuple[PayRow, ...]
    exceptions: tuple[Notice, ...]

    @property
    def lines(self) -> list[ShareLine]:
        return [row.line for row in self.rows]

    @property
    def known(self) -> list[PayRow]:
        return [row for row in self.rows if row.now is not None]

    @property
    def total_fen(self) -> int:
        return sum(row.now.total_fen for row in self.rows if row.now is not None)

    @property
    def policy_fen(self) -> int:
        """What the policies alone come to, the shares of the pool left out."""
        return self.total_fen - sum(row.line.share.share_fen for row in self.known)

    @property
    def compared(self) -> tuple[int, int, Fraction | None]:
        """(before, now, change) over the people whose pay is known in both months."""
        both = [row for row in self.rows if row.difference is not None]
        before = sum(row.before.total_fen for row in both if row.before)
        now = sum(row.now.total_fen for row in both if row.now)
        return before, now, Fraction(now - before, before) if before else None

    @property
    def noticed(self) -> list[PayRow]:
        """Pay that differs by 10 % or more, the largest change first."""
        return sorted((row for row in self.rows if row.noticed), key=lambda row: -abs(row.ratio or Fraction(0)))

    @property
    def others(self) -> list[PayRow]:
        return [row for row in self.rows if not row.noticed]

    @property
    def means(self) -> tuple[Decimal | None, Decimal | None]:
        """The mean score now and the month before."""
        now = [row.line.score for row in self.rows if row.line.score is not None]
        return mean(now), mean([row.last_score for row in self.rows if row.last_score is not None])

    @property
    def widest(self) -> int:
        return max((abs(row.difference) for row in self.rows if row.difference), default=1)

    @property
    def red(self) -> frozenset[str]:
        return frozenset(one.key for one in self.exceptions if one.level == RED)

    @property
    def tiers(self) -> list[TierCounts]:
        """How many people are in each band of each scale, last month and this."""
        return tier_counts((policy_of(row.line.appraisal), row.last_tier, row.line.tier) for row in self.rows)


def case_of(act: Act, pool: BonusPool) -> Case:
    """Gather the page of a pool."""
    lines = lines_of(act, pool)
    last = scores_before(act, [line.appraisal for line in lines])
    rows = tuple(_row(act, line, last.get(line.key)) for line in lines)
    return Case(rows, tuple(_exceptions(act, rows)))


def _row(act: Act, line: ShareLine, last: Appraisal | None) -> PayRow:
    kept = pay.last_result(act, line.appraisal) if line.appraisal.state in ("payout", "paid") else None
    gathered = pay.gather(act, line.appraisal, share_fen=line.share.share_fen)
    now = pay.stored(kept) if kept else pay.preview(act, line.appraisal, share_fen=line.share.share_fen)
    paid = pay.last_result(act, last) if last else None
    return PayRow(
        line,
        last.score if last else None,
        tier_of(policy_of(last), last.score) if last else "",
        pay.stored(paid) if paid else None,
        now,
        () if kept else gathered.missing,
    )


def _exceptions(act: Act, rows: Sequence[PayRow]) -> list[Notice]:
    """Red first: what touches the proposer himself and what touches somebody's job; then amber, then blue."""
    return [*_own_share(rows), *_advices(act, rows), *_strays(rows), *_missing(rows), *_for_information(act, rows)]


def _who(row: PayRow) -> str:
    return f"{row.line.share.employee.name} {row.line.share.employee.number}"


def _own_share(rows: Sequence[PayRow]) -> list[Notice]:
    found = []
    for row in rows:
        share = row.line.share
        if row.line.own:
            more = share.share_fen > share.suggested_fen
            title = _("提交人给自己分了 %(sum)s", sum=display(share.share_fen))
            text = _("系统建议 %(sum)s。", sum=display(share.suggested_fen)) + (share.reason and f"“{share.reason}”")
            found.append(Notice(f"own-{share.employee_id}", RED if more else BLUE, title, text))
    return found


def _advices(act: Act, rows: Sequence[PayRow]) -> list[Notice]:
    by_month = {row.line.appraisal.id: row for row in rows}
    query = select(Advice).where(Advice.appraisal_id.in_(by_month)).order_by(Advice.id)
    found = []
    for one in act.session.scalars(query):
        good = one.kind == "year_end_award_advice"
        title = f"{_who(by_month[one.appraisal_id])} {_(KINDS[one.kind])}"
        text = _("只形成建议，由人决定，不自动产生任何处分。")
        found.append(Notice(f"advice-{one.id}", BLUE if good else RED, title, text, "advice"))
    return found


def _strays(rows: Sequence[PayRow]) -> list[Notice]:
    far = [row.line for row in rows if row.line.strays]
    if not far:
        return []
    told = [f"{line.share.employee.name} {line.deviation}“{line.share.reason}”" for line in far]
    title = _("%(n)s 人份额偏离系统建议 10%% 以上，部门已逐人写明理由", n=len(far))
    return [Notice("strays", AMBER, title, "；".join(told))]


def _missing(rows: Sequence[PayRow]) -> list[Notice]:
    waiting = [row for row in rows if row.missing]
    if not waiting:
        return []
    told = [f"{_who(row)}：{'、'.join(_(name) for name in row.missing)}" for row in waiting]
    title = _("%(n)s 人缺少计算工资的数据，批准后暂不进入发放", n=len(waiting))
    return [Notice("missing", AMBER, title, "；".join(told))]


def _for_information(act: Act, rows: Sequence[PayRow]) -> list[Notice]:
    ids = [row.line.appraisal.id for row in rows]
    found = []
    objections = act.session.scalars(select(Objection).where(Objection.appraisal_id.in_(ids))).all()
    if objections:
        upheld = sum(one.state == "upheld" for one in objections)
        title = _("公示期有 %(n)s 件异议，其中 %(upheld)s 件成立", n=len(objections), upheld=upheld)
        names = "、".join(one.appraisal.employee.name for one in objections)
        found.append(Notice("objections", BLUE, title, names, "objection"))
    void = select(func.count()).where(Sample.appraisal_id.in_(ids), Sample.voided_at.is_not(None))
    if voided := act.session.scalar(void):
        text = _("作废须写明理由，补抽用封存的种子。")
        found.append(Notice("voided", BLUE, _("%(n)s 个样本作废后按规则补抽", n=voided), text))
    gaps = [row for row in rows if _gap(row.line.appraisal)]
    if gaps:
        title = _("%(n)s 人自评与主管评分相差 %(far)s 分以上", n=len(gaps), far=FAR)
        found.append(Notice("gaps", BLUE, title, "、".join(_who(row) for row in gaps)))
    return found


def _gap(appraisal: Appraisal) -> bool:
    own, theirs = appraisal.self_score, appraisal.supervisor_score
    return own is not None and theirs is not None and abs(own - theirs) > FAR
