"""Two versions of a policy side by side: what changed in words, and for the offices that see pay what it would have cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, render_template, request
from flask_babel import gettext as _
from sqlalchemy import select

from approval.models.policy import PolicyVersion
from approval.rules.refusal import Refused
from approval.rules.what_if import MonthChange, Unit, WhatIf
from approval.services import what_if as service
from approval.services.kept_months import finished_periods
from approval.services.sight import Hidden
from approval.views.door import EVERYONE, act, begin_note, commit, open_to
from approval.views.policy import sees
from approval.views.policy_diff_words import sections_of
from workflows.policy import LABELS

blueprint = Blueprint("policy_compare", __name__)
LAST = 3  # finished periods that the cost is told for
KINDS = {"added": "新增", "removed": "删去", "changed": "改动", "worded": "只改了文字"}
TAGS = {"added": "info", "removed": "warn", "changed": "", "worded": ""}


@dataclass(frozen=True)
class CostOfBoth:
    """What the same months came to, and would have come to under each version, in fen."""

    unit: Unit | None
    people: int
    paid_fen: int
    old_fen: int
    new_fen: int

    @property
    def difference_fen(self) -> int:
        return self.new_fen - self.old_fen


@dataclass(frozen=True)
class Costs:
    """The cost by department, in all, and how many months one of the versions could not be replayed on."""

    periods: Sequence[str]
    departments: Sequence[CostOfBoth]
    whole: CostOfBoth
    left_out: int


@blueprint.route("/policies/<code>/compare")
@open_to(EVERYONE)
def compare(code: str) -> tuple[str, int]:
    """Compare versions a and b of a policy, at first the newest with the one before; a look at costs is noted."""
    versions = _versions(code)
    old, new, problem = _pair(versions)
    costs = _costs(old, new) if old and new and act().actor.holds(*service.OFFICES) else None
    page = render_template(
        "policy/compare.html",
        code=versions[0].code,
        name=versions[0],
        versions=versions,
        old=old,
        new=new,
        sections=sections_of(service.policy_asked(old, {}), service.policy_asked(new, {})) if old and new else [],
        costs=costs[0] if costs else None,
        problem=problem,
        labels=LABELS,
        kinds=KINDS,
        tags=TAGS,
    )
    if costs and new:
        begin_note()
        service.note_look(act(), costs[1], new, {})
        commit()
    return page, 422 if problem else 200


def _versions(code: str) -> Sequence[PolicyVersion]:
    """The versions that the reader may see, the newest first; Hidden where there is none."""
    query = select(PolicyVersion).where(PolicyVersion.code == code).order_by(PolicyVersion.number.desc())
    every = act().session.scalars(query).all() if service.CODE.fullmatch(code) else []
    found = [one for one in every if act().actor.holds(*service.OFFICES) or sees(one)]
    if not found:
        raise Hidden(f"policy {code}")
    return found


def _pair(versions: Sequence[PolicyVersion]) -> tuple[PolicyVersion | None, PolicyVersion | None, str]:
    """The versions a and b of the address, and why there is no pair."""
    if len(versions) < 2:
        return None, None, ""
    by_number = {str(one.number): one for one in versions}
    new = by_number.get(request.args.get("b", str(versions[0].number)))
    before = versions[0] if new is None else _beside(versions, new)
    old = by_number.get(request.args.get("a", str(before.number)))
    if old is None or new is None:
        return None, None, _("没有这个版本；请在下面选两个版本")
    if old is new:
        return None, None, _("请选两个不同的版本")
    return old, new, ""


def _beside(versions: Sequence[PolicyVersion], new: PolicyVersion) -> PolicyVersion:
    """The version before one; for the first, the one after it."""
    place = versions.index(new)
    return versions[place + 1] if place + 1 < len(versions) else versions[place - 1]


def _costs(old: PolicyVersion, new: PolicyVersion) -> tuple[Costs, WhatIf] | None:
    """What both versions would have cost in the last finished periods; None where there are none or one cannot be read."""
    periods = [period for period, _count in finished_periods(act(), new.code)[:LAST]]
    if not periods:
        return None
    try:
        before, after = (service.what_if(act(), None, periods, one) for one in (old, new))
    except Refused:
        return None
    was, now = _by_month(before), _by_month(after)
    both = [(was[key], now[key]) for key in was if key in now]
    units = {one.department.id: one.department for one, _other in both}
    rows = [_cost(unit, [pair for pair in both if pair[0].department.id == unit.id]) for unit in units.values()]
    rows.sort(key=lambda one: (-abs(one.difference_fen), one.unit.zh if one.unit else ""))
    every = was.keys() | now.keys() | {(one.number, one.period) for one in (*before.left_out, *after.left_out)}
    return Costs(periods, rows, _cost(None, both), len(every) - len(both)), after


def _by_month(answer: WhatIf) -> dict[tuple[str, str], MonthChange]:
    return {(one.number, one.period): one for one in answer.months}


def _cost(unit: Unit | None, pairs: Sequence[tuple[MonthChange, MonthChange]]) -> CostOfBoth:
    return CostOfBoth(
        unit,
        len({one.number for one, _other in pairs}),
        sum(one.before.total_fen for one, _other in pairs),
        sum(one.after.total_fen for one, _other in pairs),
        sum(other.after.total_fen for _one, other in pairs),
    )
