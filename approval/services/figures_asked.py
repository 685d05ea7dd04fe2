"""The figures that policies, drafted here or shipped, ask for: of a month, of an employee, of a post; and their names."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import select

from approval.models.policy import PolicyVersion
from approval.models.target import AnnualTarget
from approval.rules.explanation import Words
from approval.rules.policy import NAMES, load, read_shipped, shipped_codes, shipped_text
from approval.services.act import Act
from approval.services.attendance import RECORDED
from workflows.policy import PUBLISHED


def proofs_asked(act: Act) -> dict[str, str]:
    """The figures that published policies want proven, with their names."""
    published = select(PolicyVersion.source).where(PolicyVersion.state == PUBLISHED).distinct()
    return {code: zh for source in act.session.scalars(published) for code, zh in _proofs_in(source).items()}


@lru_cache(maxsize=256)
def _proofs_in(source: str) -> dict[str, str]:
    return {code: one.zh for code, one in load(source).inputs.items() if one.evidence and code not in RECORDED}


def signed_figures(act: Act) -> frozenset[str]:
    """The figures that a published policy lets be negative."""
    published = select(PolicyVersion.source).where(PolicyVersion.state == PUBLISHED).distinct()
    return frozenset[str]().union(*(_signed_in(source) for source in act.session.scalars(published)))


@lru_cache(maxsize=256)
def _signed_in(source: str) -> frozenset[str]:
    return frozenset(code for code, one in load(source).inputs.items() if one.signed)


def inputs_asked(act: Act) -> frozenset[str]:
    """The figures of a month that a policy, drafted here or shipped, or a target asks for and no record of its own says."""
    sources = act.session.scalars(select(PolicyVersion.source).distinct())
    measured = frozenset(act.session.scalars(select(AnnualTarget.measure).distinct()))
    return (_shipped_inputs() | measured).union(*(_inputs_of(source) for source in sources)) - RECORDED


@lru_cache(maxsize=1)
def _shipped_inputs() -> frozenset[str]:
    return frozenset[str]().union(*(_inputs_of(shipped_text(code)) for code in shipped_codes()))


@lru_cache(maxsize=256)
def _inputs_of(source: str) -> frozenset[str]:
    """Inputs, also those that a reading brings, and what KPI items count."""
    raw = load(source).raw
    patches = [
        p for option in raw.get("options", {}).values() for one in option["choices"].values() for p in one.items()
    ]
    named = {path.removeprefix("inputs.") for path, _value in patches if path.startswith("inputs.")}
    items = [*raw.get("kpi", ()), *(value for path, value in patches if path.startswith("kpi."))]
    counts = {
        one["count"] for item in items for one in (*item.get("suggest", ()), *filter(None, [item.get("measure")]))
    }
    return frozenset(raw.get("inputs", {})) | named | counts


def figures_of_posts(act: Act) -> dict[str, Words]:
    """The figures that a policy, drafted here or shipped, leaves to the table of posts, with their names."""
    sources = act.session.scalars(select(PolicyVersion.source).distinct())
    found: dict[str, Words] = {}
    for text in (*map(shipped_text, shipped_codes()), *sources):
        found = _of_posts_in(text) | found
    return found


@lru_cache(maxsize=256)
def _of_posts_in(source: str) -> dict[str, Words]:
    return {code: Words(one.zh, one.en) for code, one in load(source).params.items() if one.of_post("")}


def figures_asked(act: Act) -> frozenset[str]:
    """The figures that a policy, drafted here or shipped, asks of an employee."""
    sources = act.session.scalars(select(PolicyVersion.source).distinct())
    return _shipped_figures().union(*(_figures_of(source) for source in sources))


def figure_names(act: Act) -> dict[str, Words]:
    """What the figures of an employee are called, in both languages, by the policies that ask for them."""
    sources = act.session.scalars(select(PolicyVersion.source).distinct().order_by(PolicyVersion.source))
    found: dict[str, Words] = {}
    for text in (*map(shipped_text, shipped_codes()), *sources):
        found = _names_in(text) | found
    return found | {code: Words(*NAMES[code]) for code in found if code in NAMES}


@lru_cache(maxsize=256)
def _names_in(source: str) -> dict[str, Words]:
    return {code: Words(one.zh, one.en) for code, one in load(source).params.items()}


@lru_cache(maxsize=1)
def _shipped_figures() -> frozenset[str]:
    return frozenset[str]().union(*(read_shipped(code).params for code in shipped_codes()))


@lru_cache(maxsize=256)
def _figures_of(source: str) -> frozenset[str]:
    return frozenset(load(source).params)
