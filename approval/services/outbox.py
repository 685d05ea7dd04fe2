"""Letters: rows written in the transaction of the step that causes them; the worker sends them after the commit."""

from __future__ import annotations

import json
from collections.abc import Iterable

from approval.models.outbox import OutboxMessage
from approval.services.act import Act


def leave_letter(act: Act, to: Iterable[int | None], subject: str, link: str, **params: object) -> None:
    """Leave one letter a recipient: `subject` is a Chinese msgid with %(name)s places, `link` the page that it is about."""
    for employee_id in dict.fromkeys(one for one in to if one is not None and one != act.actor.employee_id):
        act.session.add(
            OutboxMessage(
                employee_id=employee_id,
                subject=subject,
                params=json.dumps(params, ensure_ascii=False, default=str),
                link=link,
                created_at=act.at,
            )
        )
