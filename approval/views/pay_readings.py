"""The readings that a pay result was computed under, as the frozen policy holds them: in words, and who chose each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from approval.db import db
from approval.i18n import in_language
from approval.models.appraisal import Appraisal
from approval.models.policy import PolicyVersion
from approval.rules.policy import Option, Policy, fingerprint
from approval.services.beside import supplements_of
from approval.services.segments import segments_of
from approval.services.versions import Tick, ticks_of
from approval.views.door import act


@dataclass(frozen=True)
class ReadingView:
    """One option: its name, the reading that holds, the ambiguity and the sentence of the source, who chose it and when."""

    name: str
    reading: str
    doc: str
    quote: str
    who: str
    at: datetime | None


@dataclass(frozen=True)
class PolicyView:
    """A frozen policy of a result: the version that it is of (None where that is not known), and who chose its readings."""

    policy: Policy
    fingerprint: str
    version: PolicyVersion | None
    ticks: Mapping[str, Tick]

    def readings(self, options: Iterable[Option]) -> list[ReadingView]:
        """These options as the policy holds them; an option with one reading leaves nothing to choose."""
        return [_reading(one, self.ticks.get(one.code)) for one in options if len(one.choices) > 1]


def _reading(option: Option, tick: Tick | None) -> ReadingView:
    """In a frozen policy the default of an option is the reading that was chosen."""
    told = next((one for one in option.readings if one.code == option.default), None)
    words = in_language(told.zh, told.en) if told is not None else option.default
    held = tick is not None and tick.reading == option.default
    who = "" if tick is None or not held else tick.who.name if tick.who else str(_("系统"))
    name = in_language(option.zh, option.en)
    return ReadingView(name, words, option.doc, option.quote, who, tick.at if tick is not None and held else None)


def policies_shown(appraisal: Appraisal, policies: Sequence[Policy]) -> list[PolicyView]:
    """The policies of a result, each with the version that was frozen and the choices of that version's chain."""
    versions = {appraisal.frozen_policy.fingerprint: appraisal.policy_version}
    versions |= {one.frozen_policy.fingerprint: one.policy_version for one in segments_of(act(), appraisal)}
    versions |= {one.frozen_policy.fingerprint: one.policy_version for one in supplements_of(act(), appraisal)}
    shown = []
    for policy in policies:
        name = fingerprint(policy)
        version = versions.get(name)
        ticks = ticks_of(db.session, version) if version is not None else {}  # type: ignore[arg-type]
        shown.append(PolicyView(policy, name, version, ticks))
    return shown
