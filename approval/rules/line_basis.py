"""What a pay line rests on: the figures it asks for, the sentences of its parts, the options that some reading puts there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from approval.rules.explanation import PayLine
from approval.rules.policy import Option, Policy
from approval.rules.readings import touch

Raw = Mapping[str, Any]
SCORE_PLACES = frozenset({"appraisal", "kpi", "rounding.score"})
POOL_PLACES = frozenset({"pools"})
ADJUSTMENT_PLACES = frozenset({"adjustments"})
MONEY = "rounding.money"


@dataclass(frozen=True)
class Sentence:
    """One sentence of the source with the rule ids that it stands for."""

    rules: tuple[str, ...]
    quote: str


@dataclass(frozen=True)
class Asked:
    """The codes of the params and inputs that a pay line asks for, each in the order in which it does."""

    params: tuple[str, ...]
    inputs: tuple[str, ...]


def asked_by(policy: Policy, component: Raw) -> Asked:
    """What a component asks for: its factors, the keys of its scales and tables, its conditions."""
    params: list[str] = []
    inputs: list[str] = []
    for factor in component["factors"]:
        params += [str(factor["param"])] if "param" in factor else []
        inputs += [str(factor[word]) for word in ("input", "rows") if word in factor]
        inputs += [str(one) for one in factor.get("ratio", ())]
        inputs += [str(policy.scales[factor["scale"]]["input"])] if "scale" in factor else []
        inputs += [str(policy.tables[factor["table"]]["key"])] if "table" in factor else []
        params += [
            str(one[word]) for one in factor.get("where", ()) for word in ("ge_param", "lt_param") if word in one
        ]
    for word in ("unless", "when"):
        inputs += _sums(component.get(word, {}))
    return Asked(tuple(dict.fromkeys(params)), tuple(dict.fromkeys(inputs)))


def _sums(guard: Raw) -> Iterator[str]:
    yield from (str(code) for code in guard.get("sum", ()))
    for word in ("any", "all"):
        for one in guard.get(word, ()):
            yield from _sums(one)


def places_of(policy: Policy, component: Raw) -> frozenset[str]:
    """Every place of the policy that the amount of a line depends on, as a reading's patch would name it."""
    asked, factors = asked_by(policy, component), component["factors"]
    places = {f"components.{component['code']}", MONEY}
    places |= {f"params.{code}" for code in asked.params} | {f"inputs.{code}" for code in asked.inputs}
    places |= {f"scales.{one['scale']}" for one in factors if "scale" in one}
    return frozenset(places | {f"tables.{one['table']}" for one in factors if "table" in one})


def options_at(policy: Policy, places: Iterable[str]) -> list[Option]:
    """The options of which some reading patches one of these places, or something inside it."""
    wanted = tuple(places)
    return [
        one for one in policy.options if any(touch(path, place) for path in _paths(policy, one) for place in wanted)
    ]


def _paths(policy: Policy, option: Option) -> set[str]:
    choices = policy.raw["options"][option.code]["choices"]
    return {path for patches in choices.values() for path in patches}


def options_elsewhere(policy: Policy) -> list[Option]:
    """The options that touch neither a pay line nor the score: streaks, classes, pools, publication."""
    places = SCORE_PLACES.union(*(places_of(policy, one) for one in policy.components))
    near = {one.code for one in options_at(policy, places)}
    return [one for one in policy.options if one.code not in near]


def sentences_of(policy: Policy, component: Raw, line: PayLine) -> list[Sentence]:
    """The line's sentence, or that of the band it was given by and then the line's where rules are left; of its figures."""
    bands = _of_bands(policy, component, line)
    found = bands or ([Sentence(line.rules, line.quote)] if line.quote else [])
    for part in _parts(policy, component):
        if part.get("quote") and all(part["quote"] not in one.quote for one in found):
            found.append(Sentence(tuple(part.get("rules", ())), str(part["quote"])))
    told = {rule for one in found for rule in one.rules}
    left = tuple(rule for rule in line.rules if rule not in told)
    if bands and left and component.get("quote"):
        found.append(Sentence(left, str(component["quote"])))
    return found


def _of_bands(policy: Policy, component: Raw, line: PayLine) -> list[Sentence]:
    """The sentence of the one band that a line was given by, with that band's rules; none where it tells its own."""
    scales = [policy.scales[one["scale"]]["pieces"] for one in component["factors"] if "scale" in one]
    tables = [policy.tables[one["table"]]["rows"] for one in component["factors"] if "table" in one]
    bands = [band for ladder in (*scales, *tables) for band in ladder if line.quote and band.get("quote") == line.quote]
    rules = dict.fromkeys(rule for band in bands for rule in band.get("rules", ()) if rule in line.rules)
    return [Sentence(tuple(rules), line.quote)] if rules else []


def _parts(policy: Policy, component: Raw) -> Iterator[Raw]:
    asked, raw = asked_by(policy, component), policy.raw
    yield from (raw["params"][code] for code in asked.params)
    yield from (raw["inputs"][code] for code in asked.inputs)
    for factor in component["factors"]:
        yield from (policy.scales[factor["scale"]],) if "scale" in factor else ()
        yield from (policy.tables[factor["table"]],) if "table" in factor else ()


@dataclass(frozen=True)
class PolicyLine:
    """A line of a result with the policy and component that it came from, and which of the policies that is.

    A line that no component gave (a share, an adjustment) has none.
    """

    line: PayLine
    place: int = 0
    policy: Policy | None = None
    component: Raw | None = None


def lines_by_policy(lines: Sequence[PayLine], policies: Sequence[Policy]) -> list[PolicyLine]:
    """Find the component of every line: policies in their order, then what stands beside them."""
    given = [(place, policy, component) for place, policy in enumerate(policies) for component in policy.components]
    own = [PolicyLine(line, *told) for line, told in zip(lines, given, strict=False)]
    return own + [PolicyLine(line) for line in lines[len(own) :]]
