"""What waits on each desk: one task a thing to do, until when, and the one page where it is done."""

from __future__ import annotations

from datetime import date

from approval.services import office_desk, own_desk, team_desk
from approval.services.act import Act
from approval.services.waiting import Task, Waiting

DESKS = (
    own_desk.own,
    own_desk.countersigner,
    team_desk.scorer,
    team_desk.talks,
    team_desk.reviewer,
    team_desk.objections,
    team_desk.head,
    team_desk.publisher,
    team_desk.planner,
    office_desk.general_manager,
    office_desk.voids,
    office_desk.hr,
    office_desk.compiler,
    office_desk.figures,
    office_desk.finance,
)


def tasks_of(act: Act, waits: Waiting | None = None) -> list[Task]:
    """Everything that waits for the actor, the most urgent first; `waits` is what the same page has asked already."""
    waits = waits or Waiting(act)
    found = [task for desk in DESKS for task in desk(waits)]
    return sorted(found, key=lambda task: (task.due or date.max, task.link, task.text, str(task.params)))
