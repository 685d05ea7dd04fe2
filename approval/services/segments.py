"""调岗: a month in two posts has a segment for each, under the policy of that post in force on the first day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import object_session

from approval.models.appraisal import Appraisal, AppraisalSegment
from approval.models.cycle import Cycle
from approval.models.departments import department_line
from approval.models.figures import Attendance
from approval.models.people import Employee, Employment, WorkingDayException
from approval.models.policy import FrozenPolicy, PolicyVersion
from approval.rules.calendar import MONTH, WorkingDays, kind_of
from approval.rules.explanation import REWARDS, PayResult, Words, text_of
from approval.rules.pay import evaluate
from approval.rules.policy import Policy
from approval.rules.refusal import Refused
from approval.rules.segments import Segment, joined
from approval.services.act import Act
from approval.services.attendance import DAYS, attendance_of, attended
from approval.services.beside import follow_plans
from approval.services.rulebook import freeze, policies_for, policies_on, policy_in
from approval.services.step import keep_record
from workflows.appraisal import SETTLED
from workflows.engine import No, NotAllowed


def segments_of(act: Act, appraisal: Appraisal) -> Sequence[AppraisalSegment]:
    """The segments of a month in order; none where it was spent in one post."""
    query = select(AppraisalSegment).where(AppraisalSegment.appraisal_id == appraisal.id)
    return act.session.scalars(query.order_by(AppraisalSegment.from_on)).all()


def follow_posts(act: Act, appraisal: Appraisal) -> None:
    """Cut an open month where its person changed post, policy or grade within it; told in the chain.

    Each segment takes the policy of its post that was in force on the cycle's first day; a post without one is refused
    with the remedy. Days that were entered are asked again after a change.
    """
    if kind_of(appraisal.cycle.period) != MONTH or appraisal.state in SETTLED:
        return
    posts = _posts(act, appraisal)
    moved = [_post(one) for one, _to in posts] != [(appraisal.department_id, appraisal.position_id, appraisal.grade)]
    wanted = [_planned(act, appraisal, post, last) for post, last in _days(appraisal, posts)] if moved else []
    kept = segments_of(act, appraisal)
    if [_told(one) for one in kept] == [_told(one) for one in wanted]:
        return
    for old in kept:
        act.session.delete(old)
    act.session.flush()
    act.session.add_all(wanted)
    act.session.flush()
    keep_record(act, appraisal, "appraisal:segments", body={"segments": [_told(one) for one in wanted]})
    follow_plans(act, appraisal, [pair for post, _to in posts for pair in _fitting(act, appraisal, post)])


def follow_assignment(act: Act, employee: Employee) -> None:
    """Look again at every open month of a person whose posts have changed."""
    query = select(Appraisal).join(Cycle, Cycle.id == Appraisal.cycle_id).where(Appraisal.employee_id == employee.id)
    for month in act.session.scalars(query.where(Appraisal.state.not_in(SETTLED))):
        follow_posts(act, month)


Span = tuple[Employment, date | None]  # a post, and its last day; None where it goes on


def _days(appraisal: Appraisal, posts: Sequence[Span]) -> Iterator[tuple[Employment, date]]:
    """Each post of the month with its last day in it: the day before the next begins, or the day that it ends."""
    for place, (post, to_on) in enumerate(posts):
        ends = [appraisal.cycle.last_on, *([to_on] if to_on else [])]
        ends += [posts[place + 1][0].from_on - timedelta(days=1)] if place + 1 < len(posts) else []
        yield post, min(ends)


def _posts(act: Act, appraisal: Appraisal) -> list[Span]:
    """The assignments within the month; neighbours in the same post and grade count as one."""
    cycle = appraisal.cycle
    query = select(Employment).where(
        Employment.employee_id == appraisal.employee_id,
        Employment.from_on <= cycle.last_on,
        or_(Employment.to_on.is_(None), Employment.to_on >= cycle.first_on),
    )
    posts: list[Span] = []
    for one in act.session.scalars(query.order_by(Employment.from_on)):
        if posts and _post(posts[-1][0]) == _post(one):
            posts[-1] = (posts[-1][0], one.to_on)
        else:
            posts.append((one, one.to_on))
    return posts


def _post(one: Employment) -> tuple[int, int, str]:
    return one.department_id, one.position_id, one.grade


def _planned(act: Act, appraisal: Appraisal, post: Employment, last: date) -> AppraisalSegment:
    cycle = appraisal.cycle
    first = max(post.from_on, cycle.first_on)
    versions = [pair for pair in _fitting(act, appraisal, post) if not pair[1].adds]
    if not versions:
        raise Refused(
            "%(day)s 没有适用于“%(position)s”的已发布方案，本月的调岗无法计薪；请先发布方案",
            fault="no policy for the new post",
            day=cycle.first_on,
            position=post.position.name,
        )
    version, policy = versions[0]
    days = WorkingDays({row.day: row.works for row in act.session.scalars(select(WorkingDayException))})
    return AppraisalSegment(
        appraisal_id=appraisal.id,
        from_on=first,
        to_on=last,
        department_id=post.department_id,
        position_id=post.position_id,
        grade=post.grade,
        policy_version_id=version.id,
        frozen_policy_id=freeze(act, policy).id,
        scheduled=Decimal(days.count(first, last)),
    )


def _fitting(act: Act, appraisal: Appraisal, post: Employment) -> Sequence[tuple[PolicyVersion, Policy]]:
    """What counts for a post in a month: the versions in force on the cycle's first day."""
    cycle = appraisal.cycle
    return policies_for(act, post, policies_on(act.session, cycle.first_on), cycle.period)


def covered(act: Act, policy: Policy, segments: Sequence[AppraisalSegment]) -> list[AppraisalSegment]:
    """The posts of a month that a bonus plan is for."""
    found = []
    for one in segments:
        names = [unit.name for unit in department_line(act.session, one.department)]
        found += [one] if policy.covers(names, (one.position.code, one.position.name)) else []
    return found


def _told(one: AppraisalSegment) -> list[object]:
    return [one.from_on, one.to_on, one.position_id, one.grade, one.frozen_policy_id, one.scheduled]


def enter_days(act: Act, appraisal: Appraisal, days: Mapping[int, Decimal]) -> None:
    """Say how many days were attended in each segment; HR's verb, and the sum must be the month's attendance."""
    if not act.actor.holds("hr") or act.actor.employee_id == appraisal.employee_id:
        raise NotAllowed([No("只有人事可以填写调岗前后的出勤天数，不能填写自己的")])
    if appraisal.state in SETTLED:
        raise NotAllowed([No("这个月的工资已经算出，不能再改出勤天数")])
    segments, attendance = segments_of(act, appraisal), attendance_of(act, appraisal)
    if attendance is None:
        raise Refused("请先导入本月考勤，再填写调岗前后各出勤几天", fault="no attendance")
    if {one.id for one in segments} != set(days) or any(day < 0 for day in days.values()):
        raise Refused("请填写每一段的出勤天数", fault="days missing")
    _must_fit(segments, days, attendance)
    for one in segments:
        one.actual = days[one.id]
    act.session.flush()
    told = {f"{one.from_on}": one.actual for one in segments}
    keep_record(act, appraisal, "appraisal:segment_days", body={"days": told})


def _must_fit(segments: Sequence[AppraisalSegment], days: Mapping[int, Decimal], attendance: Attendance) -> None:
    for one in segments:
        most = _most(one, segments, attendance)
        if days[one.id] > most:
            raise Refused(
                "%(post)s只有 %(most)s 个应出勤日，不能填 %(days)s 天",
                fault="more than scheduled",
                post=segment_name(one, one.position.name),
                most=text_of(Fraction(most)),
                days=text_of(Fraction(days[one.id])),
            )
    if sum(days.values()) != attended(attendance):
        raise Refused(
            "各段出勤之和必须等于本月实际出勤 %(days)s 天",
            fault="sum differs",
            days=text_of(Fraction(attended(attendance))),
        )


def _most(one: AppraisalSegment, segments: Sequence[AppraisalSegment], attendance: Attendance) -> Decimal:
    """The days of a post that can be attended: the scheduled ones; every day where the attendance has more than the calendar."""
    scheduled = sum(each.scheduled for each in segments)
    if max(attendance.scheduled, attended(attendance)) <= scheduled:
        return one.scheduled
    return Decimal((one.to_on - one.from_on).days + 1)


def days_attended(segments: Sequence[AppraisalSegment], attendance: Attendance) -> list[Decimal | None]:
    """The days of each segment: as entered while they still sum to the attendance, or its scheduled days where nobody
    missed one; None where it must be asked."""
    if len(segments) == 1:
        return [attended(attendance)]
    entered = [one.actual for one in segments if one.actual is not None]
    if len(entered) == len(segments):
        return list(entered) if sum(entered) == attended(attendance) else [None] * len(segments)
    whole = attended(attendance) >= attendance.scheduled == sum(one.scheduled for one in segments)
    return [one.scheduled if whole else None for one in segments]


@dataclass(frozen=True)
class GatheredSegment:
    """One post of the month: its frozen policy by fingerprint, its figures, its scheduled days of all, its name, and
    where each figure came from."""

    policy: str
    params: Mapping[str, Decimal]
    inputs: Mapping[str, Any]
    scheduled: Decimal
    of: Decimal
    name: tuple[str, str]
    param_sources: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def kept(told: Mapping[str, Any]) -> GatheredSegment:
        """The segment as it was kept with a result."""
        params = {code: Decimal(value) for code, value in told["params"].items()}
        of = (Decimal(told["scheduled"]), Decimal(told["of"]))
        name, sources = (told["name"][0], told["name"][1]), (told.get("param_sources", {}), told.get("sources", {}))
        return GatheredSegment(told["policy"], params, told["inputs"], *of, name, *sources)


def counted_later(policy: Policy, later: Sequence[Policy]) -> dict[str, Any]:
    """Sums that a later post asks for too count there, once: a sale, a reward, a share of the pool."""
    asked = {code for other in later for code in other.inputs} - {*DAYS, "score"}
    asked |= set(REWARDS) if asked & set(REWARDS) else set()
    nothing: dict[str, Any] = {"money": Decimal(0), "count": Decimal(0), "rows": []}
    return {code: nothing[one.type] for code, one in policy.inputs.items() if code in asked and one.type in nothing}


def segment_name(one: AppraisalSegment, position: str) -> str:
    """A segment's name on a line: its days and its post."""
    return f"{one.from_on:%m-%d}—{one.to_on:%m-%d} {position}"


def named(parts: Sequence[AppraisalSegment]) -> tuple[str, str]:
    """The names of posts of a month, in both languages."""
    zh = "、".join(segment_name(one, one.position.name) for one in parts)
    return zh, ", ".join(segment_name(one, one.position.name_en or one.position.name) for one in parts)


def part_of(
    parts: Sequence[AppraisalSegment], segments: Sequence[AppraisalSegment]
) -> tuple[Decimal, Decimal, tuple[str, str]]:
    """The scheduled days of some posts of a month, those of all, and their name; 1 of 1 where it is the whole month."""
    if len(parts) == len(segments):
        return Decimal(1), Decimal(1), ("", "")
    days, of = (sum((one.scheduled for one in some), Decimal(0)) for some in (parts, segments))
    return days, of, named(parts)


def evaluate_segments(appraisal: Appraisal, parts: Sequence[GatheredSegment]) -> PayResult:
    """Evaluate each segment under its frozen policy, and join them."""
    session = object_session(appraisal)
    assert session is not None
    done = []
    for one in parts:
        frozen = session.scalars(select(FrozenPolicy).where(FrozenPolicy.fingerprint == one.policy)).one()
        policy = policy_in(frozen)
        result = evaluate(policy, one.params, one.inputs)
        done.append(Segment(policy, result, Words(*one.name), Fraction(one.scheduled), Fraction(one.of)))
    return joined(done)
