"""What waits for the offices: general manager, HR, performance administrator, data, finance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from approval.models.countersign import SIGNED
from approval.rules.calendar import MONTH, kind_of
from approval.services.countersign import words_to
from approval.services.desk_rows import Row
from approval.services.gaps import missing_figures
from approval.services.rulebook import is_compiled
from approval.services.suggestion import takes_part
from approval.services.waiting import Task, Waiting, by_cycle, task


def general_manager(waits: Waiting) -> Iterator[Task]:
    for one in waits.of("split to approve"):
        yield task(one, "批准 %(department)s %(period)s 奖金分配", "/approvals/{id}", "处理")
    for one in waits.of("batch to sign"):
        yield task(one, "签发发放批次 %(number)s", "/payouts/{id}", "签发", number=one.name)
    unsigned = {one.id for one, words in words_to(waits).items() if set(words.values()) != {SIGNED}}
    for one in waits.of("policy to publish"):
        if one.id not in unsigned:
            yield task(one, "发布方案“%(name)s”", "/policies/{code}/{n}", "查看")


def voids(waits: Waiting) -> Iterator[Task]:
    """Voidings of a bonus that a second person of HR or the general manager confirms (R107)."""
    for one in waits.of("bonus void"):
        text = "确认或撤销：%(name)s %(period)s 的奖金拟因违规取消"
        yield task(one, text, "/appraisals/{id}/bonus-void", "处理")


def hr(waits: Waiting) -> Iterator[Task]:
    for one in waits.of("left out"):
        yield task(one, "有 %(n)s 人没有考核单，请补全后再次开启", "/cycles/{id}", "处理")
    for one in waits.of("attendance"):
        if kind_of(one.period) == MONTH:
            yield task(one, "%(department)s %(period)s 还缺 %(n)s 人的考勤", "/imports", "导入")
    yield from _leavers(waits)
    for one in waits.of("wage flag"):
        yield task(one, "有 %(n)s 人的工资低于最低工资，请写明处理意见", "/payouts", "处理")
    for one in waits.of("advice"):
        yield task(one, "有 %(n)s 条建议等您决定", "/advice", "处理")


def _leavers(waits: Waiting) -> Iterator[Task]:
    """Those whom the company let go before the cutoff of a pool that is being split; `day` is their last, `n` the pool."""
    found: dict[int, list[Row]] = {}
    for one in waits.of("leaver"):
        if not takes_part(waits.policy(one), one.period, one.day):
            found.setdefault(one.n, []).append(one)
    for rows in found.values():
        names = "、".join(one.name for one in sorted(rows, key=lambda one: one.code))
        text = "%(period)s 奖金分配：请决定 %(names)s 是否参加"
        yield replace(task(rows[0], text, "/bonus-pools/{n}", "处理", names=names), due=None)


def compiler(waits: Waiting) -> Iterator[Task]:
    """The performance administrator compiles what a quarter or a year comes to, once it is over (R114)."""
    if not waits.act.actor.holds("hr", "performance_admin"):
        return
    open_ = (one for one in waits.of("open month") if one.state in ("self_assessment", "sampling"))
    quarters = [one for one in open_ if kind_of(one.period) != MONTH and is_compiled(waits.policy(one), one.period)]
    for one in by_cycle(quarters):
        yield task(one, "%(department)s %(period)s 有 %(n)s 人的月度得分等您汇总", "/cycles/{cycle_id}", "汇总")


def figures(waits: Waiting) -> Iterator[Task]:
    if not waits.act.actor.holds("data", "hr"):
        return
    for one in by_cycle(missing_figures(waits)):
        yield task(one, "%(department)s %(period)s 还缺 %(n)s 人的业务数据", "/imports", "导入")


def finance(waits: Waiting) -> Iterator[Task]:
    for one in waits.of("month to pay"):
        yield task(one, "%(department)s %(period)s 有 %(n)s 人等待制单", "/payouts", "制单")
    for one in waits.of("batch to pay"):
        text, button = {
            "signed_off": ("导出发放批次 %(number)s", "导出"),
            "exported": ("登记发放批次 %(number)s 的发放结果", "处理"),
        }[one.state]
        yield task(one, text, "/payouts/{id}", button, number=one.name)
    for one in waits.of("reward"):
        yield task(one, "有 %(n)s 笔奖惩等第二人确认", "/imports", "确认")
