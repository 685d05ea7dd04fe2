"""暂定得分: the score card of a month as one reader may see it, with the bands of its policy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from flask_babel import gettext as _

from approval.models.appraisal import CLOSED_STATES, Appraisal
from approval.rules import score as scoring
from approval.rules.policy import Policy
from approval.services.act import Act
from approval.services.rulebook import policy_of
from approval.services.score import ScoreCard, score_card
from approval.services.sight import relations, sees
from approval.services.staff_draw import draws_people
from approval.views.page import number_text
from workflows.sight import OWN


def percent(weight: Decimal) -> str:
    """25% of a weight 0.25."""
    return number_text(weight * 100, None) + "%"


@dataclass(frozen=True)
class Line:
    """One product of the score card: label, score, weight, product; texts, exact to three places."""

    label: str
    score: str
    weight: str
    product: str
    note: str = ""


@dataclass(frozen=True)
class Band:
    """One piece of the policy's scale: from a score on, with its value; `share` is its width in points."""

    low: Decimal
    high: Decimal
    value: str
    on: bool

    @property
    def share(self) -> Decimal:
        return self.high - self.low


@dataclass(frozen=True)
class CardView:
    """The score card as printed: lines, total, the bands it falls into, and the exact other part for recomputing."""

    lines: Sequence[Line]
    total: Decimal | None
    bands: Sequence[Band]
    scale: str
    own_weight: Decimal
    other: Fraction | None
    places: int = 2

    @property
    def rounding(self) -> str:
        """How the total is rounded, in words (A-34)."""
        if self.places == 0:
            return str(_("合计，四舍五入到整数分"))
        return str(_("合计，四舍五入到 0.01") if self.places == 2 else _("合计，不取整（最多六位小数）"))


def card_of(act: Act, appraisal: Appraisal) -> CardView:
    """The score card for this reader: a part that he may not see yet is left out of it, and then there is no total."""
    own = OWN in relations(act, appraisal)
    early = own and appraisal.state not in CLOSED_STATES
    card = score_card(act, appraisal, shown_to_employee=early)
    seen = {
        "employee": sees(act, appraisal, "self_score"),
        "supervisor": early or sees(act, appraisal, "supervisor_score"),
    }
    lines = [_line(act, appraisal, part.by, card, shown=seen[part.by]) for part in card.parts]
    total = card.total if all(seen.values()) else None
    total = appraisal.score if appraisal.score is not None and sees(act, appraisal, "supervisor_score") else total
    bands, scale = bands_of(policy_of(appraisal), total)
    other = next((part.weighted for part in card.parts if part.by == "supervisor" and seen["supervisor"]), None)
    weight = next((part.weight for part in card.parts if part.by == "employee"), Decimal(0))
    return CardView(lines, total, bands, scale, weight, other, card.places)


def _line(act: Act, appraisal: Appraisal, by: str, card: ScoreCard, *, shown: bool) -> Line:
    part = next(one for one in card.parts if one.by == by)
    label = _("自评") if by == "employee" else _("抽查") if part.weeks else _("主管评分")
    if part.score is None or not shown:
        missing = _("提交评分后可见") if not shown or by == "supervisor" else _("未填完")
        return Line(label, "—", percent(part.weight), "—", missing)
    text = _("%(done)s/%(all)s 周抽到") if draws_people(appraisal) else _("%(done)s/%(all)s 周")
    note = text % {"done": part.weeks_in, "all": part.weeks} if part.weeks_in < part.weeks else ""
    product = part.score * Fraction(part.weight)
    places = max(2, card.places)
    score = number_text(scoring.rounded(part.score, places))
    return Line(label, score, percent(part.weight), _read(product, places), note)


def _read(value: Fraction, places: int) -> str:
    """A product with one place more than the score, six at most, for reading only; the total comes from exact parts."""
    return number_text(scoring.rounded(value, min(6, places + 1)), 3)


def bands_of(policy: Policy, total: Decimal | None) -> tuple[tuple[Band, ...], str]:
    """The policy's scale of the score as bands with fixed values, and its name; none where it is a line, not steps."""
    for code, scale in policy.scales.items():
        pieces = scale.get("pieces", ())
        if scale.get("input") == "score" and len(pieces) > 1 and all("value" in piece for piece in pieces):
            return _bands(code, pieces, total), _scale_name(code)
    return (), ""


def _bands(code: str, pieces: Sequence[dict[str, str]], total: Decimal | None) -> tuple[Band, ...]:
    bands, low = [], Decimal(0)
    for piece in pieces:
        high = Decimal(piece.get("lt", "100"))
        on = total is not None and low <= total and (total < high or "lt" not in piece)
        bands.append(Band(low, high, _value_text(code, Decimal(piece["value"])), on))
        low = high
    return tuple(bands)


def _value_text(code: str, value: Decimal) -> str:
    return percent(value) if "rate" in code else f"×{number_text(value, None)}"


def _scale_name(code: str) -> str:
    return str(_("绩效奖比例") if "rate" in code else _("绩效系数"))
