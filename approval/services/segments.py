"""调岗: a month in two posts has a segment for each, under the policy of that post in force on the first day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import object_session

from approval.models.appraisal import Appraisal, AppraisalSegment
from approval.models.cycle import Cycle
from approval.models.figures import Attendance
from approval.models.people import Employee, Employment, WorkingDayException
from approval.models.policy import FrozenPolicy
from approval.rules.calendar import MONTH, WorkingDays, kind_of
from approval.rules.explanation import PayResult, Words
from approval.rules.pay import evaluate
from approval.rules.policy import Policy
from approval.rules.refusal import Refused
from approval.rules.segments import Segment, joined
from approval.services.act import Act
from approval.services.attendance import DAYS, attendance_of, attended
from approval.services.rulebook import freeze, policies_for, policies_on, policy_in
from approval.services.step import keep_record
from workflows.appraisal import CANCELLED, PAID, PAYOUT
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
    if kind_of(appraisal.cycle.period) != MONTH or appraisal.state in (PAYOUT, PAID, CANCELLED):
        return
    posts = _posts(act, appraisal)
    wanted = [_planned(act, appraisal, post) for post in posts] if len(posts) > 1 else []
    kept = segments_of(act, appraisal)
    if [_told(one) for one in kept] == [_told(one) for one in wanted]:
        return
    for old in kept:
        act.session.delete(old)
    act.session.flush()
    act.session.add_all(wanted)
    act.session.flush()
    keep_record(act, appraisal, "appraisal:segments", body={"segments": [_told(one) for one in wanted]})


def follow_assignment(act: Act, employee: Employee) -> None:
    """Look again at every open month of a person whose posts have changed."""
    query = select(Appraisal).join(Cycle, Cycle.id == Appraisal.cycle_id).where(Appraisal.employee_id == employee.id)
    for month in act.session.scalars(query.where(Appraisal.state.not_in((PAYOUT, PAID, CANCELLED)))):
        follow_posts(act, month)


def _posts(act: Act, appraisal: Appraisal) -> list[Employment]:
    """The assignments within the month; neighbours in the same post and grade count as one."""
    cycle = appraisal.cycle
    query = select(Employment).where(
        Employment.employee_id == appraisal.employee_id,
        Employment.from_on <= cycle.last_on,
        or_(Employment.to_on.is_(None), Employment.to_on >= cycle.first_on),
    )
    posts: list[Employment] = []
    for one in act.session.scalars(query.order_by(Employment.from_on)):
        same = posts and (posts[-1].department_id, posts[-1].position_id, posts[-1].grade) == (
            one.department_id,
            one.position_id,
            one.grade,
        )
        if not same:
            posts.append(one)
    return posts


def _planned(act: Act, appraisal: Appraisal, post: Employment) -> AppraisalSegment:
    cycle = appraisal.cycle
    first = max(post.from_on, cycle.first_on)
    last = _last_day(act, appraisal, post)
    versions = policies_for(act, post, policies_on(act.session, cycle.first_on), MONTH)
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


def _last_day(act: Act, appraisal: Appraisal, post: Employment) -> date:
    later = [one for one in _posts(act, appraisal) if one.from_on > post.from_on]
    ends = [later[0].from_on.toordinal() - 1] if later else []
    ends += [post.to_on.toordinal()] if post.to_on and not later else []
    return date.fromordinal(min([*ends, appraisal.cycle.last_on.toordinal()]))


def _told(one: AppraisalSegment) -> list[object]:
    return [one.from_on, one.to_on, one.position_id, one.grade, one.frozen_policy_id, one.scheduled]


def enter_days(act: Act, appraisal: Appraisal, days: Mapping[int, Decimal]) -> None:
    """Say how many days were attended in each segment; HR's verb, and the sum must be the month's attendance."""
    if not act.actor.holds("hr") or act.actor.employee_id == appraisal.employee_id:
        raise NotAllowed([No("只有人事可以填写调岗前后的出勤天数，不能填写自己的")])
    if appraisal.state in (PAYOUT, PAID, CANCELLED):
        raise NotAllowed([No("这个月的工资已经算出，不能再改出勤天数")])
    segments, attendance = segments_of(act, appraisal), attendance_of(act, appraisal)
    if attendance is None:
        raise Refused("请先导入本月考勤，再填写调岗前后各出勤几天", fault="no attendance")
    if {one.id for one in segments} != set(days) or any(day < 0 for day in days.values()):
        raise Refused("请填写每一段的出勤天数", fault="days missing")
    if sum(days.values()) != attended(attendance):
        raise Refused("各段出勤之和必须等于本月实际出勤 %(days)s 天", fault="sum differs", days=attended(attendance))
    for one in segments:
        one.actual = days[one.id]
    act.session.flush()
    told = {f"{one.from_on}": one.actual for one in segments}
    keep_record(act, appraisal, "appraisal:segment_days", body={"days": told})


def days_attended(segments: Sequence[AppraisalSegment], attendance: Attendance) -> list[Decimal | None]:
    """The days of each segment: as entered, or its scheduled days where nobody missed one; None where it must be asked."""
    whole = attended(attendance) >= attendance.scheduled == sum(one.scheduled for one in segments)
    return [one.actual if one.actual is not None else (one.scheduled if whole else None) for one in segments]


@dataclass(frozen=True)
class GatheredSegment:
    """One post of the month: its frozen policy by fingerprint, its figures, its scheduled days of all, its name."""

    policy: str
    params: Mapping[str, Decimal]
    inputs: Mapping[str, Any]
    scheduled: Decimal
    of: Decimal
    name: tuple[str, str]

    @staticmethod
    def kept(told: Mapping[str, Any]) -> GatheredSegment:
        """The segment as it was kept with a result."""
        params = {code: Decimal(value) for code, value in told["params"].items()}
        of = (Decimal(told["scheduled"]), Decimal(told["of"]))
        return GatheredSegment(told["policy"], params, told["inputs"], *of, (told["name"][0], told["name"][1]))


def counted_later(policy: Policy, later: Sequence[Policy]) -> dict[str, Any]:
    """Sums that a later post asks for too count there, once: a sale, a reward, a share of the pool."""
    asked = {code for other in later for code in other.inputs} - {*DAYS, "score"}
    nothing: dict[str, Any] = {"money": Decimal(0), "count": Decimal(0), "rows": []}
    return {code: nothing[one.type] for code, one in policy.inputs.items() if code in asked and one.type in nothing}


def segment_name(one: AppraisalSegment, position: str) -> str:
    """A segment's name on a line: its days and its post."""
    return f"{one.from_on:%m-%d}—{one.to_on:%m-%d} {position}"


def evaluate_segments(appraisal: Appraisal, parts: Sequence[GatheredSegment]) -> PayResult:
    """Evaluate each segment under its frozen policy, and join them."""
    session = object_session(appraisal)
    assert session is not None
    done = []
    for one in parts:
        frozen = session.scalars(select(FrozenPolicy).where(FrozenPolicy.fingerprint == one.policy)).one()
        result = evaluate(policy_in(frozen), one.params, one.inputs)
        done.append(Segment(result, Words(*one.name), Fraction(one.scheduled), Fraction(one.of)))
    return joined(done)
