"""Who may write a policy: drafting, changing, and naming who must countersign it."""

from __future__ import annotations

from sqlalchemy import select

from approval.models.departments import department_line
from approval.models.people import Department
from approval.rules.policy import Policy
from approval.services.act import Act
from workflows.engine import No

AUTHORS = ("hr", "general_manager", "admin", "department_head")
EVERYWHERE = ("hr", "general_manager", "admin")


def by_author(act: Act, policy: Policy) -> No | None:
    """Who may write a policy: HR and the general manager any, a department's head one that is for his departments alone."""
    if act.actor.holds(*EVERYWHERE):
        return None
    if not act.actor.holds("department_head"):
        return No("只有人事、总经理或部门负责人可以起草和修改方案")
    wanted, foreign = set(policy.raw["scope"]["departments"]), list[str]()
    for one in act.session.scalars(select(Department).order_by(Department.id)):
        line = department_line(act.session, one)
        if not act.actor.headed & {unit.id for unit in line} and {"*", *(unit.name for unit in line)} & wanted:
            foreign.append(one.name)
    return (
        No("部门负责人只能起草自己部门的方案；%(names)s不归您负责", names="、".join(foreign[:5])) if foreign else None
    )
