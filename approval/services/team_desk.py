"""What waits for supervisors and heads: draws, scores, talks, reviews, objections, pools, publications, targets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence, Set
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from approval.models.appraisal import Appraisal
from approval.models.bonus_pool import BonusPool
from approval.models.cycle import Cycle
from approval.models.objection import Objection
from approval.models.people import heads_by_department
from approval.models.sampling import Draw, Sample
from approval.services.act import Act
from approval.services.facts import general_manager
from approval.services.feedback import awaiting
from approval.services.gaps import months_to_score, undrawn_weeks
from approval.services.objection import told_of
from approval.services.publication import unposted_cycles
from approval.services.rulebook import is_from_months
from approval.services.target import uneven
from approval.services.waiting import Task, Waiting


def scorer(waits: Waiting) -> Iterator[Task]:
    if "month to score" not in waits.kinds:
        return
    months = months_to_score(waits.act)
    due = {one.cycle_id: one.cycle.scores_due for one in months}
    unscored = _unscored(waits.act, months)
    weeks: dict[date, list[tuple[int, int]]] = {}
    for month, monday, count in unscored:
        weeks.setdefault(monday, []).append((month.cycle_id, count))
    for monday, found in weeks.items():
        params = {"monday": monday, "n": sum(count for _cycle, count in found)}
        text = "%(monday)s 那一周还有 %(n)s 个样本没有评分"
        yield Task(text, f"/samples/{monday}", "评分", due[min(found)[0]], params)
    for day, (people, cycle) in undrawn_weeks(waits.act, months).items():
        params = {"monday": day, "n": people}
        yield Task("%(monday)s 那一周有 %(n)s 人还没有抽样", f"/samples/{day}", "抽样", cycle.scores_due, params)
    yield from _ready(months, {month.id for month, _monday, _count in unscored})


def _unscored(act: Act, months: Sequence[Appraisal]) -> list[tuple[Appraisal, date, int]]:
    """The months with samples that have no points yet, and how many, by the Monday of their draw."""
    by_id = {one.id: one for one in months}
    query = (
        select(Draw.appraisal_id, Draw.monday, func.count())
        .join(Sample, Sample.draw_id == Draw.id)
        .where(Draw.appraisal_id.in_(by_id), Sample.score.is_(None), Sample.voided_at.is_(None))
        .group_by(Draw.appraisal_id, Draw.monday)
    )
    rows = act.session.execute(query.order_by(Draw.monday)) if by_id else ()
    return [(by_id[month], monday, count) for month, monday, count in rows]


def _ready(months: Sequence[Appraisal], unscored: Set[int]) -> Iterator[Task]:
    """Months that are handed in and of which every sample has its points."""
    for one in months:
        if one.state == "sampling" and one.id not in unscored and not is_from_months(one):
            params = {"name": one.employee.name, "period": one.cycle.period}
            text = "提交 %(name)s %(period)s 的评分"
            yield Task(text, f"/appraisals/{one.id}", "评分", one.cycle.scores_due, params)


def talks(waits: Waiting) -> Iterator[Task]:
    """Talks that the supervisor still owes (R115); they hold up nothing."""
    if "talk to hold" not in waits.kinds:
        return
    for one in awaiting(waits.act, Appraisal.supervisor_id == waits.act.actor.employee_id):
        params = {"name": one.employee.name, "period": one.cycle.period}
        yield Task("与 %(name)s 谈 %(period)s 的考核结果并登记反馈", f"/feedback/{one.id}", "登记", params=params)


def decides(act: Act) -> bool:
    """Nobody but heads and the general manager reviews: everybody else is spared the question."""
    return bool(act.actor.headed) or act.actor.holds("general_manager")


def reviewer(waits: Waiting) -> Iterator[Task]:
    act = waits.act
    if not decides(act) or "review" not in waits.kinds:
        return
    waiting = select(Appraisal.cycle_id, Appraisal.department_id, Appraisal.employee_id)
    rows = act.session.execute(waiting.where(Appraisal.state == "department_review")).all()
    heads = heads_by_department(act.session, act.today) if rows else {}
    chief = general_manager(act)
    counts: Counter[int] = Counter()
    for row in rows:
        head = heads[row.department_id]
        counts[row.cycle_id] += act.actor.employee_id == (chief if head == row.employee_id else head)
    for cycle_id, count in (+counts).items():
        cycle = waits.cycle(cycle_id)
        params = {"department": cycle.department.name, "period": cycle.period, "n": count}
        link = f"/departments/{cycle.department_id}/{cycle.period}"
        yield Task("%(department)s %(period)s 有 %(n)s 人等您复核", link, "复核", cycle.review_due, params)


def objections(waits: Waiting) -> Iterator[Task]:
    act = waits.act
    if "objection" not in waits.kinds or not (decides(act) or act.actor.holds("hr")):
        return
    for objection in act.session.scalars(select(Objection).where(Objection.state == "raised")):
        if act.actor.employee_id in told_of(act, objection.appraisal):
            params = {"name": objection.appraisal.employee.name}
            yield Task("处理 %(name)s 的异议", f"/objections/{objection.id}", "处理", params=params)


def head(waits: Waiting) -> Iterator[Task]:
    act = waits.act
    if not act.actor.headed:
        return
    of = Cycle.department_id.in_(act.actor.headed)
    yield from _pools(waits, of)
    yield from over(waits, of)
    yield from _without_pool(waits, of)


def _pools(waits: Waiting, of: Any) -> Iterator[Task]:
    """Pools that their head has to split."""
    if "pool" not in waits.kinds:
        return
    pools = select(BonusPool).join(Cycle).where(BonusPool.state == "splitting", of)
    pools = pools.options(joinedload(BonusPool.cycle).joinedload(Cycle.department))
    for pool in waits.act.session.scalars(pools):
        text = (
            "%(department)s %(period)s 奖金分配被退回，请修改后提交"
            if pool.return_reason
            else "设计 %(department)s %(period)s 奖金分配方案"
        )
        params = {"department": pool.cycle.department.name, "period": pool.cycle.period}
        yield Task(text, f"/bonus-pools/{pool.id}", "分配", pool.cycle.approval_due, params)


def _without_pool(waits: Waiting, of: Any) -> Iterator[Task]:
    """Periods whose publication has ended and that nobody has given a pool, or sent on without one."""
    if "split" not in waits.kinds:
        return
    query = (
        select(Appraisal.cycle_id, func.count())
        .join(Cycle, Cycle.id == Appraisal.cycle_id)
        .where(of, Appraisal.state == "split_approval", Cycle.id.not_in(select(BonusPool.cycle_id)))
        .group_by(Appraisal.cycle_id)
    )
    for cycle_id, count in waits.act.session.execute(query):
        cycle = waits.cycle(cycle_id)
        params = {"department": cycle.department.name, "period": cycle.period, "n": count}
        text = "%(department)s %(period)s 有 %(n)s 人公示已结束：请建立奖金池，或不设奖金池直接进入发放"
        yield Task(text, "/bonus-pools", "办理", cycle.approval_due, params)


def over(waits: Waiting, of: Any) -> Iterator[Task]:
    """Publications that are over and that nobody has ended."""
    if "publication" not in waits.kinds:
        return
    act = waits.act
    ended = (
        select(Appraisal.cycle_id, func.count())
        .join(Cycle, Cycle.id == Appraisal.cycle_id)
        .where(of, Appraisal.state == "publication", Appraisal.publication_ends_on < act.today)
        .group_by(Appraisal.cycle_id)
    )
    for cycle_id, count in act.session.execute(ended):
        cycle = waits.cycle(cycle_id)
        params = {"department": cycle.department.name, "period": cycle.period, "n": count}
        text = "%(department)s %(period)s 有 %(n)s 人公示期已满，可以结束公示"
        yield Task(text, f"/publications/{cycle_id}", "结束公示", params=params)


def planner(waits: Waiting) -> Iterator[Task]:
    """Annual targets that the person-months do not make up (R002): told, never a block."""
    act = waits.act
    if "annual target" not in waits.kinds or not decides(act):
        return
    for one in uneven(act):
        params = {"department": one.department.name, "year": str(one.year), "name": one.name}
        text = "%(department)s %(year)s 年“%(name)s”目标与各人各月之和不等"
        yield Task(text, f"/targets/{one.id}", "查看", params=params, hot=False)


def publisher(waits: Waiting) -> Iterator[Task]:
    """Results that are not yet posted on every channel that their policies name (R104)."""
    act = waits.act
    if "publication" not in waits.kinds or not (act.actor.headed or act.actor.holds("hr")):
        return
    for cycle, channels in unposted_cycles(act):
        params = {"department": cycle.department.name, "period": cycle.period, "channels": "、".join(channels)}
        text = "%(department)s %(period)s 的公示还没有登记：%(channels)s"
        yield Task(text, f"/publications/{cycle.id}#channels", "登记", params=params)
