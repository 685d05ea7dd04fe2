"""What waits for supervisors and heads: draws, scores, talks, reviews, objections, pools, publications, targets."""

from __future__ import annotations

from collections.abc import Iterator

from approval.services.feedback import awaiting_among
from approval.services.gaps import undrawn_weeks
from approval.services.objection import decider_among
from approval.services.publication import unposted
from approval.services.rulebook import is_compiled
from approval.services.waiting import Task, Waiting, by_cycle, task


def scorer(waits: Waiting) -> Iterator[Task]:
    months = {one.id: one for one in waits.of("month to score")}
    unscored = sorted((one for one in waits.of("week") if one.n), key=lambda one: (one.day, one.id))
    for monday in dict.fromkeys(one.day for one in unscored):
        found = [one for one in unscored if one.day == monday]
        text = "%(monday)s 那一周还有 %(n)s 个样本没有评分"
        n = sum(one.n for one in found)
        yield task(months[found[0].id], text, "/samples/{monday}", "评分", monday=monday, n=n)
    for monday, (people, first) in undrawn_weeks(waits).items():
        text = "%(monday)s 那一周有 %(n)s 人还没有抽样"
        yield task(first, text, "/samples/{monday}", "抽样", monday=monday, n=people)
    yield from _ready(waits, {one.id for one in unscored})


def _ready(waits: Waiting, unscored: set[int]) -> Iterator[Task]:
    """Months that are handed in and of which every sample has its points."""
    for one in waits.of("month to score"):
        if one.state == "sampling" and one.id not in unscored and not is_compiled(waits.policy(one), one.period):
            yield task(one, "提交 %(name)s %(period)s 的评分", "/appraisals/{id}", "评分")


def talks(waits: Waiting) -> Iterator[Task]:
    """Talks that the supervisor still owes (R115); they hold up nothing."""
    for one in awaiting_among(waits):
        yield task(one, "与 %(name)s 谈 %(period)s 的考核结果并登记反馈", "/feedback/{id}", "登记")


def reviewer(waits: Waiting) -> Iterator[Task]:
    mine = [one for one in waits.of("review") if waits.reviewer(one) == waits.act.actor.employee_id]
    for one in by_cycle(mine):
        yield task(one, "%(department)s %(period)s 有 %(n)s 人等您复核", "/departments/{id}/{period}", "复核")


def objections(waits: Waiting) -> Iterator[Task]:
    """Objections that the actor decides, or HR where both deciders are barred."""
    me = waits.act.actor
    for one in waits.of("objection"):
        decider = decider_among((waits.reviewer(one), waits.chief), (one.supervisor_id, one.employee_id))
        if decider == me.employee_id or (decider is None and me.holds("hr")):
            yield task(one, "处理 %(name)s 的异议", "/objections/{id}", "处理")


def head(waits: Waiting) -> Iterator[Task]:
    """Pools that their head has to split, and periods that nobody has given a pool or sent on without one."""
    for one in waits.of("pool to split"):
        returned, fresh = (
            "%(department)s %(period)s 奖金分配被退回，请修改后提交",
            "设计 %(department)s %(period)s 奖金分配方案",
        )
        yield task(one, returned if one.name else fresh, "/bonus-pools/{id}", "分配")
    for one in waits.of("without a pool"):
        text = "%(department)s %(period)s 有 %(n)s 人公示已结束：请建立奖金池，或不设奖金池直接进入发放"
        yield task(one, text, "/bonus-pools", "办理")


def publisher(waits: Waiting) -> Iterator[Task]:
    """Publications that are over and that nobody has ended; results not yet posted on every channel of their policies (R104)."""
    for one in waits.of("publication over"):
        text = "%(department)s %(period)s 有 %(n)s 人公示期已满，可以结束公示"
        yield task(one, text, "/publications/{id}", "结束公示")
    for one, channels in unposted(waits):
        text = "%(department)s %(period)s 的公示还没有登记：%(channels)s"
        yield task(one, text, "/publications/{id}#channels", "登记", channels="、".join(channels))


def planner(waits: Waiting) -> Iterator[Task]:
    """Annual targets that the person-months do not make up (R002): told, never a block."""
    chief = waits.act.actor.holds("general_manager")
    for one in waits.of("uneven target"):
        if chief or one.department_id in waits.headed:
            text = "%(department)s %(year)s 年“%(name)s”目标与各人各月之和不等"
            yield task(one, text, "/targets/{id}", "查看", hot=False, year=str(one.n))
