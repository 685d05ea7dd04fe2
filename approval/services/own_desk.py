"""What waits for everybody: his own month, his payslip, targets, talks, policies to read and to countersign."""

from __future__ import annotations

from collections.abc import Iterator

from approval.models.countersign import OBJECTED
from approval.models.policy import PolicyVersion
from approval.rules.calendar import MONTH, kind_of
from approval.services.countersign import sits_on, words_to
from approval.services.notice import to_read
from approval.services.rulebook import is_compiled
from approval.services.signatures import wrote
from approval.services.waiting import Task, Waiting, task


def own(waits: Waiting) -> Iterator[Task]:
    for one in waits.of("own month"):
        if one.state != "self_assessment":
            continue
        if kind_of(one.period) != MONTH and is_compiled(waits.policy(one), one.period):
            continue
        text = "填写并提交 %(period)s 自评" if one.n == 1 else "%(period)s 自评被退回，请修改后提交"
        yield task(one, text, "/my/{period}", "填写自评")
    for one in waits.of("payslip"):
        yield task(one, "签收 %(period)s 工资条", "/my/payslips/{id}", "查看")
    for one in waits.of("own target"):
        yield task(one, "确认您的 %(year)s 年“%(name)s”目标", "/targets", "确认", year=str(one.n))
    for one in waits.of("talk to answer"):
        yield task(one, "确认 %(period)s 的一对一反馈", "/feedback/{id}", "确认")
    for version in to_read(waits):
        yield Task("阅读并确认方案“%(name)s”", _page(version), "查看", params={"name": version.name})


def _page(version: PolicyVersion) -> str:
    return f"/policies/{version.code}/{version.number}"


def countersigner(waits: Waiting) -> Iterator[Task]:
    """What waits for the actor's countersignature, and the objections that he has to deal with."""
    me = waits.act.actor
    for version, words in words_to(waits).items():
        link, params = f"{_page(version)}#countersigning", {"name": version.name}
        if any(sits_on(me, seat) and not said for seat, said in words.items()) and not wrote(waits.act, version):
            yield Task("会签方案“%(name)s”", link, "会签", params=params)
        if me.employee_id in (version.author_id, version.reviewed_by_id) and OBJECTED in words.values():
            yield Task("方案“%(name)s”会签有异议，请退回修改或答复", link, "处理", params=params)
