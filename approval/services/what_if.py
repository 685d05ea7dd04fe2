"""What-if: finished months computed again under a draft or other readings; read only, nothing of it is stored."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from sqlalchemy import select

from approval.models.appraisal import Appraisal
from approval.models.people import Department
from approval.models.policy import PolicyVersion
from approval.rules.calendar import MONTH, kind_of
from approval.rules.policy import Policy, chosen, load
from approval.rules.refusal import Refused
from approval.rules.replay import KeptMonth, replay, tier_moves
from approval.rules.what_if import MonthChange, NotReplayed, Unit, WhatIf, band_of, by_person
from approval.services.act import Act
from approval.services.kept_months import (
    Asked,
    Post,
    all_departments,
    kept_months,
    line_of,
    minimum_of,
    minimum_wages,
    months_asked,
    posts_of,
    segments_asked,
)
from approval.services.sight import Hidden
from approval.services.step import keep_note
from workflows.engine import No, NotAllowed

OFFICES = ("hr", "general_manager", "finance", "auditor")
MOST_PERIODS = 24
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")
LAST_NUMBER = 10**6


def what_if(
    act: Act,
    department: Department | None,
    periods: Sequence[str],
    asked: PolicyVersion | Policy,
    choices: Mapping[str, str] | None = None,
) -> WhatIf:
    """Replay the finished months of a policy's code under a version of it, or a policy as read, with readings chosen.

    `choices` stand before the version's own. Refused where a period or reading is none, NotAllowed without the office.
    """
    if not act.actor.holds(*OFFICES):
        raise NotAllowed([No("只有人事、总经理、财务和审计可以试算他人的工资")])
    policy = policy_asked(asked, choices or {})
    wanted = Asked(policy.code, _checked(periods), department)
    months = months_asked(act, wanted)
    segments = segments_asked(act, wanted)
    kept = kept_months(act, wanted, months, segments)
    units, wages = all_departments(act), minimum_wages(act)
    changes: list[MonthChange] = []
    left_out: list[NotReplayed] = []
    for one in months:
        line = line_of(units, one.department_id)
        minimum = minimum_of(wages, line, one.cycle.last_on) if kind_of(one.cycle.period) == MONTH else None
        try:
            for post in posts_of(one, segments.get(one.id, ()), policy.code):
                _must_cover(policy, post, line_of(units, post.department_id))
            changes.append(_change(one, kept.get(one.id), policy, line[0], minimum))
        except Refused as refused:
            left_out.append(NotReplayed(one.employee.number, one.employee.name, one.cycle.period, refused))
    whole = None if department is None else _unit(department)
    return WhatIf(policy, tuple(wanted.periods), whole, by_person(changes), tuple(left_out))


def policy_asked(asked: PolicyVersion | Policy, choices: Mapping[str, str]) -> Policy:
    """The policy with its readings: a version's own choices, and those asked for before them."""
    if isinstance(asked, Policy):
        return chosen(asked, choices)
    return chosen(load(asked.source, asked.code), json.loads(asked.choices) | dict(choices))


def find_version(act: Act, code: str, number: int | None = None) -> PolicyVersion:
    """A version of a policy, the newest without a number; raises Hidden where there is none."""
    query = select(PolicyVersion).where(PolicyVersion.code == code).order_by(PolicyVersion.number.desc())
    if number is not None:
        query = query.where(PolicyVersion.number == number)
    possible = CODE.fullmatch(code) and (number is None or 0 < number <= LAST_NUMBER)
    found = act.session.scalars(query.limit(1)).first() if possible else None
    if found is None:
        raise Hidden(f"policy {code}/{number}")
    return found


def department_asked(act: Act, name: str) -> Department | None:
    """The department of a name, None for no name; Refused where there is none."""
    if not name:
        return None
    for one in all_departments(act).values():
        if one.name == name:
            return one
    raise Refused("没有部门“%(name)s”；请检查部门名称", fault="unknown department", name=name[:80])


def note_look(act: Act, answer: WhatIf, version: PolicyVersion, choices: Mapping[str, str]) -> None:
    """Leave a note that somebody looked at the pay of others this way; the only row that a what-if writes."""
    body = {
        "policy": f"{version.code}/{version.number}",
        "periods": list(answer.periods),
        "department": answer.department.zh if answer.department else "",
        "readings": dict(choices),
        "people": len(answer.people),
    }
    keep_note(act, "what_if", "what_if:look", body=body)


def _checked(periods: Sequence[str]) -> tuple[str, ...]:
    known = tuple(dict.fromkeys(periods))
    if not known:
        raise Refused("请至少选一个月份", fault="no period")
    if len(known) > MOST_PERIODS:
        raise Refused("一次最多试算 %(n)s 个月份", fault="too many periods", n=MOST_PERIODS)
    for period in known:
        kind_of(period)
    return known


def _must_cover(policy: Policy, post: Post, line: Sequence[Department]) -> None:
    if not policy.covers([unit.name for unit in line], post.position):
        where = f"{line[0].name} {post.position[1]}"
        raise Refused("这一版不再适用于%(post)s", fault="not in scope", post=where)


def _change(
    one: Appraisal, month: KeptMonth | None, policy: Policy, unit: Department, minimum_fen: int | None
) -> MonthChange:
    if month is None:
        raise Refused("这个月还没有算出工资", fault="not finished")
    replayed = replay(month, policy)
    return MonthChange(
        one.employee.number,
        one.employee.name,
        _unit(unit),
        month.period,
        month.score,
        replayed.score,
        month.result,
        replayed.result,
        tier_moves(month, policy, replayed.score),
        minimum_fen,
        band_of(month.policy_of(policy.code), month.score),
        band_of(policy, replayed.score),
    )


def _unit(department: Department) -> Unit:
    return Unit(department.id, department.name, department.name_en)
