"""What a month comes to beside its policies' lines: its share of the pool, adjustments, a bonus that is void, what is watched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from approval.rules.explanation import (
    REWARDS,
    SHARE,
    SHARE_INPUT,
    Note,
    PayLine,
    PayResult,
    Term,
    Words,
    text_of,
)
from approval.rules.money import yuan
from approval.rules.number import number
from approval.rules.policy import Policy
from approval.rules.policy_asked import asks_for, pays_share

ADJUSTMENT = "adjustment"
VOID = "void"
BONUS = "bonus"
LEFT = Words("按原方案奖惩项确认的合计", "Confirmed under the line of the policy before")


@dataclass(frozen=True)
class Basis:
    """What a built-in line rests on: rule ids and the source's sentence, where a policy prints them."""

    rules: tuple[str, ...] = ()
    quote: str = ""


OWN = Basis(("company",))  # the company's own rule: no document prints it
# Of results that were kept before pools told theirs.
TEAM_BONUS = Basis(("R009",), "团队奖是奖励给整个电商部全体人员的,由部门负责人来设计分配方案")


@dataclass(frozen=True)
class Adjustment:
    """A confirmed reward or penalty that no pay line takes: signed fen, and why (R105, R106)."""

    amount_fen: int
    reason: str


@dataclass(frozen=True)
class Beside:
    """What stands beside the lines: the share in fen and its basis, adjustments and theirs, why a bonus is void ("": it is
    not), figures that are only watched (R027).

    `void_all` is of results kept while a void still took every line of a period, other policies' and rewards too.
    """

    share_fen: int = 0
    share_basis: Basis = TEAM_BONUS
    adjustments: tuple[Adjustment, ...] = ()
    adjustment_basis: Basis = OWN
    void: str = ""
    watched: Mapping[str, str] = field(default_factory=dict)
    void_all: bool = False

    def told(self) -> dict[str, Any]:
        """As it is kept with a result, beside the share itself; what is not there is left out."""
        told: dict[str, Any] = {"share_basis": vars(self.share_basis)} if self.share_fen else {}
        if self.adjustments:
            told |= {"adjustments": [vars(one) for one in self.adjustments]}
        if self.adjustments or self.void:
            told |= {"adjustment_basis": vars(self.adjustment_basis)}
        told |= {"void": self.void} if self.void else {}
        told |= {"void_scope": BONUS} if self.void and not self.void_all else {}
        return told | ({"watched": dict(self.watched)} if self.watched else {})

    @staticmethod
    def kept(told: Mapping[str, Any]) -> Beside:
        """What was kept with a result."""
        return Beside(
            told["share_fen"],
            _basis(told["share_basis"]) if "share_basis" in told else TEAM_BONUS,
            tuple(Adjustment(one["amount_fen"], one["reason"]) for one in told.get("adjustments", ())),
            _basis(told["adjustment_basis"]) if "adjustment_basis" in told else OWN,
            told.get("void", ""),
            told.get("watched", {}),
            "void" in told and told.get("void_scope") != BONUS,
        )


def _basis(told: Mapping[str, Any]) -> Basis:
    return Basis(tuple(told["rules"]), told["quote"])


def takes_rewards(policies: Sequence[Policy]) -> bool:
    """Say whether a line of these policies pays the month's rewards and penalties, by either name."""
    return any(asks_for(policy, code) for policy in policies for code in REWARDS)


def pool_basis(policy: Policy, kind: str) -> Basis:
    """What the share of a period's pool rests on, as the policy's own pool says it (R009)."""
    return next((basis_of(one) for one in policy.pools if one["period"] == kind), OWN)


def basis_of(block: Mapping[str, Any]) -> Basis:
    """The rule ids and the sentence of a block of a policy."""
    return Basis(tuple(block["rules"]), block.get("quote", "")) if block.get("rules") else OWN


def counted_before(before: Sequence[Policy], policy: Policy) -> dict[str, Decimal]:
    """Sums that a policy before this one pays already count there, once: rewards, the share of the pool."""
    paid = set(REWARDS) if takes_rewards(before) else set()
    paid |= {SHARE_INPUT} if any(pays_share(one) for one in before) else set()
    return {code: Decimal(0) for code in paid & policy.inputs.keys()}


def with_supplements(result: PayResult, supplements: Sequence[PayResult]) -> PayResult:
    """The lines of bonus policies after those of the month's own; a code that is there already is told apart."""
    lines, notes = list(result.lines), list(result.notes)
    for place, extra in enumerate(supplements, 1):
        taken = {line.code for line in lines}
        lines += [replace(line, code=f"{line.code}@+{place}") if line.code in taken else line for line in extra.lines]
        notes += extra.notes
    return PayResult(tuple(lines), sum(line.amount_fen for line in lines), tuple(dict.fromkeys(notes)))


def completed(result: PayResult, policies: Sequence[Policy], beside: Beside) -> PayResult:
    """The result with all that stands beside it; `policies` are those whose lines are in it, in the order of the lines."""
    notes = tuple(_watch(result, policies, beside.watched))
    lines = _voided(result.lines, policies, beside) if beside.void else result.lines
    if beside.share_fen and not any(pays_share(policy) for policy in policies):
        lines = (*lines, share_line(beside.share_fen, beside.share_basis))
    lines = (*lines, *(_adjusting(one, place, beside) for place, one in enumerate(beside.adjustments, 1)))
    return replace(result, lines=lines, total_fen=sum(line.amount_fen for line in lines), notes=(*result.notes, *notes))


def share_line(share_fen: int, basis: Basis = TEAM_BONUS) -> PayLine:
    """The line of a share of an approved pool (R009)."""
    text = yuan(share_fen)
    term = Term("pool", SHARE, "奖金池份额", "Share of the bonus pool", text, text)
    return PayLine(SHARE, "奖金池份额", "Share of the bonus pool", share_fen, text, (term,), basis.rules, basis.quote)


def _adjusting(one: Adjustment, place: int, beside: Beside) -> PayLine:
    """The line of one adjustment, its reason beside it."""
    text, why = yuan(one.amount_fen), Words(one.reason, one.reason) if one.reason else LEFT
    term = Term(ADJUSTMENT, ADJUSTMENT, "已确认的调整", "Confirmed adjustment", text, text, why)
    code = ADJUSTMENT if len(beside.adjustments) == 1 else f"{ADJUSTMENT}@{place}"
    basis = beside.adjustment_basis
    return PayLine(code, "调整", "Adjustment", one.amount_fen, text, (term,), basis.rules, basis.quote)


def _voided(lines: Sequence[PayLine], policies: Sequence[Policy], beside: Beside) -> tuple[PayLine, ...]:
    """The lines with those of the bonus at zero: of the policies that void it, but for rewards and the share of the pool.

    These were decided on their own, by two people each; a penalty stays as well (R106, R107).
    """
    if beside.void_all:
        return tuple(_void(line, beside.void, beside.adjustment_basis) for line in lines)
    told = [(policy, component) for policy in policies for component in policy.components]
    return tuple(
        _void(line, beside.void, basis_of(policy.raw["adjustments"])) if _is_of_bonus(policy, component) else line
        for line, (policy, component) in zip(lines, told, strict=True)
    )


def _is_of_bonus(policy: Policy, component: Mapping[str, Any]) -> bool:
    decided_apart = any(factor.get("input") in (*REWARDS, SHARE_INPUT) for factor in component["factors"])
    return voids_bonus(policy) and not decided_apart


def voids_bonus(policy: Policy) -> bool:
    """Say whether a violation may void the bonus that a policy pays (R107)."""
    return policy.raw.get("adjustments", {}).get("violation_voids_bonus") is True


def _void(line: PayLine, why: str, basis: Basis) -> PayLine:
    """A line of a bonus that was voided: zero, with the reason, and with what the policy says of violations (R107)."""
    term = Term(VOID, line.code, "奖金取消", "Bonus void", "0", "0", Words(why, why))
    return replace(line, amount_fen=0, formula="0", terms=(term,), rules=basis.rules, quote=basis.quote)


def _watch(result: PayResult, policies: Sequence[Policy], watched: Mapping[str, str]) -> Iterator[Note]:
    """What is only flagged, never cut: a line over so many times a figure (R027, A-32)."""
    told = {one["code"]: one for policy in policies for one in policy.warnings if "of" in one and "gt" in one}
    for one in told.values():
        code, times = str(one["gt"]["input"]), Fraction(number(one["gt"]["times"]))
        lines = [line for line in result.lines if line.code.partition("@")[0] == one["of"]]
        if not lines or code not in watched:
            continue
        figure = max(Decimal(0), Decimal(watched[code]))  # a loss counts as no profit
        paid, most = sum(line.amount_fen for line in lines), Fraction(figure) * times * 100
        if paid > most:
            yield _over(one, lines[0], paid, most, times)


def _over(one: Mapping[str, Any], line: PayLine, paid: int, most: Fraction, times: Fraction) -> Note:
    zh, en = one.get("zh"), one.get("en", one.get("zh"))
    bound, rate = text_of(Fraction(int(most), 100)), f"{text_of(times * 100)}%"
    sums = (f"{yuan(paid)} > {bound}", f"{yuan(paid)} > {bound}")
    name = line.zh.partition("（")[0], line.en.partition(" (")[0]
    words = (zh or f"{name[0]}超过 {rate} 的界限", en or f"{name[1]} is over the bound of {rate}")
    return Note(
        f"{words[0]}：{sums[0]}；只提示，不扣减", f"{words[1]}: {sums[1]}; flagged only, nothing is cut", one["code"], 0
    )


def watched_inputs(policies: Sequence[Policy]) -> frozenset[str]:
    """The figures that the warnings of these policies are held against."""
    return frozenset(str(one["gt"]["input"]) for policy in policies for one in policy.warnings if "gt" in one)
