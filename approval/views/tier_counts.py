"""各档人数: how many people are in each band, one table for each scale, since bands of different scales are no steps of one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from flask_babel import gettext as _

from approval.i18n import in_language
from approval.rules.policy import Policy
from approval.views.score_card import bands_of


@dataclass
class TierCounts:
    """One scale, the policies that share it, and people per band: label → [last month, this month], highest band first."""

    scale: str
    policies: dict[str, None] = field(default_factory=dict)
    counts: dict[str, list[int]] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return f"{str(_('、')).join(self.policies)} · {self.scale}"

    @property
    def rows(self) -> Sequence[tuple[str, int, int]]:
        """(label, before, now) of the bands that hold anybody."""
        return [(label, was, now) for label, (was, now) in self.counts.items() if was or now]

    @property
    def people(self) -> int:
        return max(sum(was for was, _now in self.counts.values()), sum(now for _was, now in self.counts.values()), 1)


def tier_counts(people: Iterable[tuple[Policy, str, str]]) -> list[TierCounts]:
    """Count people given as (policy, tier before, tier now); empty tiers count nowhere, scales without anybody are left out."""
    found: dict[tuple[str, ...], TierCounts] = {}
    for policy, before, now in people:
        bands, scale = bands_of(policy, None)
        labels = [band.value for band in reversed(bands)]
        one = found.setdefault((scale, *labels), TierCounts(scale, counts={label: [0, 0] for label in labels}))
        one.policies[in_language(policy.zh, policy.en)] = None
        for place, tier in enumerate((before, now)):
            if tier:
                one.counts.setdefault(tier, [0, 0])[place] += 1
    return [one for one in found.values() if one.rows]
