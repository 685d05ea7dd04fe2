"""A finished month computed again under another policy: its score, its pay, its tiers; one evaluation engine (what-if)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from approval.rules.bands import band_texts, bounds_of, line_of, within
from approval.rules.beside import Adjustment, Beside, completed, takes_rewards, with_supplements
from approval.rules.calendar import MONTH, kind_of
from approval.rules.explanation import NOTHING, REWARDS, SHARE_INPUT, PayResult, Words
from approval.rules.number import number
from approval.rules.pay import evaluate
from approval.rules.policy import Param, Policy
from approval.rules.policy_asked import asks_for, pays_share
from approval.rules.ratings import Ratings, score_of
from approval.rules.refusal import Refused
from approval.rules.segments import Segment, joined, of_part

SCORING = ("appraisal", "kpi", "rounding")


@dataclass(frozen=True)
class KeptFigures:
    """What pay was computed from in one post: its frozen policy, the kept params and inputs, its days of the month's.

    `standards` are the person's own figures in force on the last day, `table` those of his post: code, grade, value.
    """

    policy: Policy
    params: Mapping[str, Decimal]
    inputs: Mapping[str, Any]
    standards: Mapping[str, Decimal]
    name: Words = NOTHING
    scheduled: Decimal = Decimal(1)
    of: Decimal = Decimal(1)
    table: Sequence[tuple[str, str, Decimal]] = ()


@dataclass(frozen=True)
class KeptMonth:
    """A finished month as it was paid: `figures` of its one post, or of each `segment` of a month in two posts.

    `policy` is the frozen one that the month was scored under, `result` what was stored; `supplements` are the bonus
    policies that added lines, `beside` what else stood beside them.
    """

    period: str
    figures: KeptFigures
    share_fen: int
    score: Decimal | None
    ratings: Ratings
    result: PayResult
    segments: tuple[KeptFigures, ...] = ()
    supplements: tuple[KeptFigures, ...] = ()
    beside: Beside = field(default=Beside())

    @property
    def posts(self) -> tuple[KeptFigures, ...]:
        """Whatever pays lines, in order: the one post or the segments, then the supplements."""
        return (*(self.segments or (self.figures,)), *self.supplements)

    @property
    def policy(self) -> Policy:
        return self.figures.policy

    def policy_of(self, code: str) -> Policy:
        """The frozen policy of a code that the month, a segment or a supplement of it ran under."""
        apart = (*self.segments, *self.supplements)
        return next((one.policy for one in apart if one.policy.code == code), self.policy)


@dataclass(frozen=True)
class Replayed:
    """The month under the other policy: its score and what it would have come to."""

    score: Decimal | None
    result: PayResult


@dataclass(frozen=True)
class Tier:
    """Where a score stands on one rating or scale: what it gives as `value`, to compare; in words with its band."""

    code: str
    name: Words
    value: str
    told: Words


@dataclass(frozen=True)
class TierMove:
    """A rating or scale on which somebody stands elsewhere under the other policy."""

    name: Words
    before: Words
    after: Words


def replay(month: KeptMonth, policy: Policy) -> Replayed:
    """Compute a kept month under another policy; Refused names what the month does not hold, nothing is taken as zero.

    Of a month in two posts, or with a bonus policy beside, only what ran under the policy's own code changes policy.
    """
    old = month.policy_of(policy.code)
    if not _runs(month, old) and not _runs(month, policy):
        return Replayed(month.score, month.result)
    if _runs(month, old) != _runs(month, policy):
        raise Refused("这一版的结算周期与这个月份不同", fault="another cycle")
    score = score_under(month, policy)
    alone = len(month.posts) == 1
    posts = [(one, policy if alone or one.policy.code == policy.code else one.policy) for one in month.posts]
    results = list(_results(month, posts, score))
    own = len(month.posts) - len(month.supplements)
    more = [of_part(one) for one in _segments(posts[own:], results[own:])]
    result = with_supplements(_joined(month, posts[:own], results[:own]), more)
    under = [policy for _one, policy in posts]
    return Replayed(score, completed(result, under, _beside(month, under)))


def _joined(month: KeptMonth, posts: Sequence[tuple[KeptFigures, Policy]], results: Sequence[PayResult]) -> PayResult:
    if not month.segments:
        return results[0]
    return joined(_segments(posts, results))


def _segments(posts: Sequence[tuple[KeptFigures, Policy]], results: Sequence[PayResult]) -> list[Segment]:
    return [
        Segment(under, result, one.name, Fraction(one.scheduled), Fraction(one.of))
        for result, (one, under) in zip(results, posts, strict=True)
    ]


def _rewards(month: KeptMonth) -> Decimal:
    """The rewards and penalties of the month in yuan, whether a line took them or they were adjustments."""
    paid = [one.inputs[code] for one in month.posts for code in REWARDS if asks_for(one.policy, code)]
    adjusted = Decimal(sum(one.amount_fen for one in month.beside.adjustments)).scaleb(-2)
    return sum((number(value) for value in paid), Decimal(0)) + adjusted


def _beside(month: KeptMonth, policies: Sequence[Policy]) -> Beside:
    """What stands beside the lines of these policies: rewards become adjustments where none of them takes them."""
    told = replace(month.beside, share_fen=month.share_fen)
    if takes_rewards(policies):
        return replace(told, adjustments=())
    fen = int(_rewards(month) * 100)
    return replace(told, adjustments=told.adjustments or ((Adjustment(fen, ""),) if fen else ()))


def _runs(month: KeptMonth, policy: Policy) -> bool:
    """Whether the policy's pay lines are of this period."""
    return policy.cycle == kind_of(month.period) and policy.pays


def _results(
    month: KeptMonth, posts: Sequence[tuple[KeptFigures, Policy]], score: Decimal | None
) -> Iterator[PayResult]:
    """Each post under its policy; rewards and the share of the pool count once, where the month itself counts them."""
    own = len(month.posts) - len(month.supplements)
    share = _taker([place for place, (_one, policy) in enumerate(posts) if pays_share(policy)], own)
    rewards = _taker([place for place, (_one, policy) in enumerate(posts) if takes_rewards([policy])], own)
    for place, (one, policy) in enumerate(posts):
        params, inputs = params_under(one, policy), _inputs_under(one, policy, score)
        if SHARE_INPUT in policy.inputs:
            inputs[SHARE_INPUT] = Decimal(month.share_fen if share == place else 0).scaleb(-2)
        for code in policy.inputs.keys() & set(REWARDS):
            inputs[code] = _rewards(month) if rewards == place else Decimal(0)
        _must_be_there(policy, params, inputs)
        yield evaluate(policy, params, inputs)


def _taker(places: Sequence[int], own: int) -> int | None:
    """Who of those that ask for a sum has it: the last of the month's `own` posts, else the first bonus policy beside."""
    posts = [place for place in places if place < own]
    return posts[-1] if posts else next(iter(places), None)


def params_under(kept: KeptFigures, policy: Policy) -> dict[str, Decimal]:
    """The figures of the other policy: the person's own where he had one, else the policy's.

    A kept figure that is not what the frozen policy printed was the person's own; one that equals it is his own only if
    it stands among his standards: else a changed figure of the policy would never show. What the table of his post says
    on that day is his too, where the other policy takes it from there.
    """
    found: dict[str, Decimal] = {}
    for code, param in policy.params.items():
        value = _own(kept, code, param)
        value = param.value if value is None else value
        if value is not None:
            found[code] = value
    return found


def _own(kept: KeptFigures, code: str, param: Param) -> Decimal | None:
    value, printed = kept.params.get(code), kept.policy.params.get(code)
    if value is not None and (printed is None or printed.value != value):
        return value
    if code in kept.standards:
        return kept.standards[code]
    rows = [(grade, of_post) for name, grade, of_post in kept.table if name == code and param.of_post(grade)]
    return max(rows, key=lambda row: bool(row[0]), default=("", None))[1]


def _inputs_under(kept: KeptFigures, policy: Policy, score: Decimal | None) -> dict[str, Any]:
    """The kept inputs that the other policy knows; the score is the one that its weights give."""
    inputs = {code: value for code, value in kept.inputs.items() if code in policy.inputs}
    if "score" in policy.inputs and score is not None:
        inputs["score"] = score
    return inputs


def _must_be_there(policy: Policy, params: Mapping[str, Decimal], inputs: Mapping[str, Any]) -> None:
    missing = [param.zh for code, param in policy.params.items() if code not in params]
    missing += [one.zh for code, one in policy.inputs.items() if code not in inputs and one.default is None]
    if missing:
        raise Refused("缺少这些数据：%(missing)s", fault="missing figures", missing="、".join(missing))


def score_under(month: KeptMonth, policy: Policy) -> Decimal | None:
    """The month's score under the other policy; the kept one where nothing of the scoring differs.

    A quarter's or year's score is the mean of its months (A-23) and stays. Refused names the ratings that are missing.
    """
    scored = month.policy.code == policy.code
    same = all(month.policy.raw.get(block) == policy.raw.get(block) for block in SCORING)
    if same or not scored or month.score is None or not policy.parts or kind_of(month.period) != MONTH:
        return month.score
    return score_of(month.ratings, month.policy_of(policy.code), policy)


def tiers_of(policy: Policy, score: Decimal | None) -> dict[str, Tier]:
    """Where a score stands on every rating and on every scale of the score that has more than one piece, by code."""
    if score is None:
        return {}
    found = [_rating(code, one, score) for code, one in policy.ratings.items()]
    found += [_scale(code, one, score) for code, one in policy.scales.items() if one["input"] == "score"]
    return {tier.code: tier for tier in found if tier is not None}


def _rating(code: str, rating: Mapping[str, Any], score: Decimal) -> Tier | None:
    if rating.get("input", "score") != "score":
        return None
    piece, _band = _piece(rating["pieces"], score)
    if piece is None:
        return None
    label = str(piece["label"])
    zh = piece.get("zh", label)
    return Tier(f"ratings.{code}", _named(rating, code), label, Words(zh, piece.get("en", zh)))


def _scale(code: str, scale: Mapping[str, Any], score: Decimal) -> Tier | None:
    if len(scale["pieces"]) < 2:
        return None
    piece, band = _piece(scale["pieces"], score)
    if piece is None:
        return None
    slope, intercept = line_of(piece)
    value = f"{slope} {intercept}"
    told = f"{band} → {piece['value']}" if "value" in piece else band
    return Tier(f"scales.{code}", _named(scale, code), value, Words(told, told))


def _piece(pieces: Sequence[Mapping[str, Any]], score: Decimal) -> tuple[Mapping[str, Any] | None, str]:
    """The first piece that matches, with the band as a reader means it; none where the bands leave a gap."""
    for piece, text in zip(pieces, band_texts(pieces), strict=True):
        if within(bounds_of(piece), Fraction(score)):
            return piece, text
    return None, ""


def _named(told: Mapping[str, Any], code: str) -> Words:
    zh = str(told.get("zh", code))
    return Words(zh, str(told.get("en", zh)))


def tier_moves(month: KeptMonth, policy: Policy, score: Decimal | None) -> tuple[TierMove, ...]:
    """The ratings and scales of both policies on which the person stands elsewhere; what only one has is no move."""
    before, after = tiers_of(month.policy_of(policy.code), month.score), tiers_of(policy, score)
    return tuple(
        TierMove(after[code].name, tier.told, after[code].told)
        for code, tier in before.items()
        if code in after and after[code].value != tier.value
    )
