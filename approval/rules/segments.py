"""A month in two posts: each segment's pay by its own policy, joined to one result that explains itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from approval.rules.explanation import PayLine, PayResult, Term, Words, formula_of, text_of
from approval.rules.money import fen_half_up
from approval.rules.policy import Policy

STOPPED = frozenset({"unless", "when"})
DONE = frozenset({"money", "count", "rows"})  # sums of what was done: they are the segment's own already
ATTENDED = "actual"
OF_THE_MONTH = frozenset({"scheduled", "late", "early", "leave", "absent_days"})  # told once for all its posts


@dataclass(frozen=True)
class Segment:
    """What one post comes to: its pay as if for the whole month, its name in both languages, its scheduled days of all."""

    policy: Policy
    result: PayResult
    name: Words
    scheduled: Fraction
    of: Fraction


def joined(segments: Sequence[Segment]) -> PayResult:
    """Join the segments of a month: lines of the month × scheduled days ÷ all, exact, rounded once; the rest as they are."""
    lines = tuple(
        _line(line, segment, place) for place, segment in enumerate(segments, 1) for line in segment.result.lines
    )
    notes = tuple(note for segment in segments for note in segment.result.notes)
    return PayResult(lines, sum(line.amount_fen for line in lines), tuple(dict.fromkeys(notes)))


def of_part(segment: Segment) -> PayResult:
    """What a bonus plan comes to that covers some posts of the month alone: its lines of the month by their days."""
    if segment.scheduled == segment.of:
        return segment.result
    lines = tuple(replace(_line(line, segment, 0), code=line.code) for line in segment.result.lines)
    return replace(segment.result, lines=lines, total_fen=sum(line.amount_fen for line in lines))


def follows_work(policy: Policy) -> frozenset[str]:
    """The lines that follow what was done or attended in a post; every other is of the month, shared by scheduled days.

    A score, a factor, times late, and ratios of a year or of the days in the company are of the month (A-12, A-44).
    """
    own = {code for code, told in policy.inputs.items() if told.type in DONE} - OF_THE_MONTH | {ATTENDED}
    return frozenset(
        line["code"]
        for line in policy.components
        if any(
            factor.get("ratio", ("",))[0] == ATTENDED or {factor.get("input"), factor.get("rows")} & own
            for factor in line["factors"]
        )
    )


def _line(line: PayLine, segment: Segment, place: int) -> PayLine:
    named = replace(
        line,
        code=f"{line.code}@{place}",
        zh=f"{line.zh}（{segment.name.zh}）",
        en=f"{line.en} ({segment.name.en})",
    )
    if line.code in follows_work(segment.policy) or {term.kind for term in line.terms} & STOPPED:
        return named
    share = segment.scheduled / segment.of
    exact = share
    for term in line.terms:
        exact *= Fraction(term.value)
    shown = f"{text_of(segment.scheduled)} ÷ {text_of(segment.of)}"
    words = ("在岗应出勤天数 ÷ 全月应出勤天数", "Scheduled days in the post ÷ of the month")
    terms = (*line.terms, Term("segment", "segment", *words, text_of(share), shown))
    amount = fen_half_up(exact)
    return replace(named, amount_fen=amount, formula=formula_of(terms, amount), terms=terms)
