"""What in a policy's lines would cut pay by itself: only rewards and penalties may, with their proof, second person and cap."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from approval.rules.band_lint import ANY, DOMAINS, probes
from approval.rules.bands import Piece, bounds_of, line_of, within
from approval.rules.explanation import REWARDS
from approval.rules.number import number
from approval.rules.policy import Policy

Raw = Mapping[str, Any]


def deducting(policy: Policy) -> Iterator[Raw]:
    """The lines with a figure below nought, but for a scale on the score: less bonus for less work is no fine (R105, R124)."""
    for line in policy.components:
        if any(_cuts(policy, factor) for factor in line["factors"]):
            yield line


def _cuts(policy: Policy, factor: Raw) -> bool:
    if "const" in factor:
        return number(factor["const"]) < 0
    if "input" in factor:
        told = policy.inputs[factor["input"]]
        return told.signed and told.code not in REWARDS
    if "param" in factor:
        value = policy.params[factor["param"]].value
        return value is not None and value < 0
    if "table" in factor:
        return any(number(row[factor["column"]]) < 0 for row in policy.tables[factor["table"]]["rows"])
    return "scale" in factor and _falls_below(policy, policy.scales[factor["scale"]])


def _falls_below(policy: Policy, scale: Raw) -> bool:
    asked = policy.inputs[scale["input"]]
    points = probes(scale["pieces"], DOMAINS.get(asked.type, ANY))
    return asked.type != "score" and any(_value(scale["pieces"], point) < 0 for point in points)


def _value(pieces: list[Piece], point: Fraction) -> Fraction:
    """What a scale gives at a point; nought in a gap, which a finding of its own blocks."""
    for piece in pieces:
        if within(bounds_of(piece), point):
            slope, intercept = line_of(piece)
            return slope * point + intercept
    return Fraction(0)
