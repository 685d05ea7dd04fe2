"""What a version of a policy meets in this company: figures nobody has, versions it would replace, rival policies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from sqlalchemy import select

from approval.models.departments import structure_on
from approval.models.people import (
    Department,
    Employee,
    Employment,
    PayStandard,
    Position,
    employments_on,
    in_force,
)
from approval.models.policy import PolicyVersion
from approval.models.post_standard import PostStandard, in_table, row_for
from approval.rules import policy as rule
from approval.rules.calendar import next_period, period_of
from approval.rules.explanation import Name
from approval.rules.policy_lint import Lint, scorerless, unfilled
from approval.services.act import Act
from approval.services.equal_pay import READERS, same_grade_apart
from approval.services.rulebook import policies_for, policies_on
from approval.services.versions import people_in_scope, policy_with_readings
from workflows.policy import PUBLISHED, SUPERSEDED

EQUAL = "R013"
_SPAN = (Employment.from_on, Employment.to_on)
_POSTS = (
    select(Department, Position)
    .join(Employment, Employment.department_id == Department.id)
    .join(Position, Position.id == Employment.position_id)
    .distinct()
    .order_by(Department.id, Position.id)
)


def rivals(act: Act, version: PolicyVersion) -> list[tuple[PolicyVersion, list[str]]]:
    """Other published policies that are as narrow for some post of today: the posts, which only one of them can govern."""
    own = policy_with_readings(version)
    published = select(PolicyVersion).where(PolicyVersion.state == PUBLISHED, PolicyVersion.code != version.code)
    structure = structure_on(act.session, act.today)
    rows = act.session.execute(_POSTS.where(in_force(act.today, *_SPAN)))
    posts = [(unit, position, structure.names_of(unit.id)) for unit, position in rows]
    found = []
    for other in act.session.scalars(published.order_by(PolicyVersion.code)).all():
        if shared := _shared_posts(posts, own, policy_with_readings(other)):
            found.append((other, shared))
    return found


def _shared_posts(
    posts: Iterable[tuple[Department, Position, list[str]]], one: rule.Policy, other: rule.Policy
) -> list[str]:
    if one.cycle != other.cycle or not (one.pays and other.pays) or one.adds or other.adds:
        return []
    shared: dict[str, None] = {}
    for department, position, line in posts:
        names = (position.code, position.name)
        both = one.covers(line, names) and other.covers(line, names)
        if both and one.breadth(line) == other.breadth(line):
            shared[f"{department.name} {position.name}"] = None
    return list(shared)


def version_lints(act: Act, version: PolicyVersion) -> list[Lint]:
    """What a version meets in the company: equal grades paid unequally, and what one not yet published would lack or replace."""
    if version.state == SUPERSEDED:
        return []
    policy = policy_with_readings(version)
    if version.state == PUBLISHED:
        return list(_apart(act, policy, _governed(act, version))) if of_equal_grades(policy) else []
    people = _governed(act, version)
    bare = [*scorerless(policy), *(_unfilled(act, policy, people) if people else ()), *_apart(act, policy, people)]
    text = "第 %(number)s 版已发布，从 %(day)s 起执行；发布这一版后，第 %(number)s 版不再执行"
    return bare + [
        Lint(
            "warn",
            "overlapping_versions",
            "policy.effective_from",
            text,
            {"number": one.number, "day": one.effective_from},
        )
        for one in others_published(act, version)
        if one.effective_from >= version.effective_from
    ]


def of_equal_grades(policy: rule.Policy) -> list[str]:
    """The figures of which a policy says that equal grades are paid equally (R013): its own rule's, and its line's."""
    raw = policy.raw
    lines = [one for one in raw.get("components", ()) if EQUAL in one.get("rules", ())]
    taken = {factor.get("param") for one in lines for factor in one.get("factors", ())}
    return [code for code, one in raw.get("params", {}).items() if code in taken or EQUAL in one.get("rules", ())]


def _apart(act: Act, policy: rule.Policy, people: Sequence[int]) -> Iterator[Lint]:
    """People of one post and grade with different figures of their own: told, never a block; names to who may see pay."""
    told: list[str] = []
    for code in of_equal_grades(policy) if people else ():
        for (position, grade), rows in same_grade_apart(act, code).items():
            here = [(one, value) for one, value in rows if one.id in people]
            if len({value for _one, value in here}) > 1:
                told.append(_told_apart(act, f"{position} {grade}".strip(), here))
    if told:
        text = "同岗同级、标准不同（R013）：%(posts)s；只提示，不改变工资，请核对是否有依据"
        yield Lint("warn", "same_grade_apart", "params", text, {"posts": "；".join(told)})


def _told_apart(act: Act, post: str, rows: Sequence[tuple[Employee, Decimal]]) -> str:
    if not act.actor.holds(*READERS):
        return post
    return f"{post}（{'、'.join(f'{one.name} {value.normalize():f}' for one, value in rows)}）"


def _unfilled(act: Act, policy: rule.Policy, people: Sequence[int]) -> Iterator[Lint]:
    """The figures that nobody governed has, neither his own nor by the table of posts; else the posts that lack one (A-36)."""
    own: dict[str, set[int]] = {}
    rows = select(PayStandard.code, PayStandard.employee_id).where(PayStandard.employee_id.in_(people))
    for code, person in act.session.execute(rows):
        own.setdefault(code, set()).add(person)
    held = employments_on(act.session, people, act.today)
    posts = {one: held.get(one) for one in people}
    table = act.session.scalars(select(PostStandard).where(in_table())).all()
    bare: dict[str, dict[str, None]] = {}
    for code, param in policy.params.items():
        for person, post in posts.items():
            of_post = [one for one in table if post is not None and one.position_id == post.position_id]
            if post is not None and person not in own.get(code, ()) and row_for(of_post, param, post.grade) is None:
                bare.setdefault(code, {})[f"{post.position.name} {post.grade}".strip()] = None
            else:
                own.setdefault(code, set()).add(person)
    yield from unfilled(policy, own.keys())
    text = "“%(name)s”还没有为这些岗位设定：%(posts)s；这些岗位的工资会算不出来"
    for code, names in bare.items():
        if policy.params[code].value is None and own.get(code):
            told = {"name": Name(policy.params[code].zh, policy.params[code].en), "posts": "、".join(names)}
            yield Lint("warn", "missing_figure", f"params.{code}", text, told)


def _governed(act: Act, version: PolicyVersion) -> list[int]:
    """The people whose pay this version would decide: it names them, and no narrower policy does."""
    day, own = max(act.today, version.effective_from), policy_with_readings(version)
    others = [pair for pair in policies_on(act.session, day) if pair[0].code != version.code]
    found, whole = [], next_period(period_of(day, own.cycle))  # the first in which each is in force from the beginning
    people = people_in_scope(act.session, version, day)
    posts = employments_on(act.session, [one.id for one in people], day)
    for one in people:
        post = posts.get(one.id)
        first = policies_for(act, post, [*others, (version, own)], whole) if post else []
        found += [one.id] if own.adds or (first and first[0][0].id == version.id) else []
    return found


def others_published(act: Act, version: PolicyVersion) -> Sequence[PolicyVersion]:
    query = select(PolicyVersion).where(
        PolicyVersion.code == version.code, PolicyVersion.state == PUBLISHED, PolicyVersion.id != version.id
    )
    return act.session.scalars(query).all()
