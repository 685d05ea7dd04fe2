"""`approval what-if`: finished months under a version or other readings, as a table or as JSON."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator

from flask import Flask

from approval.cli.ground import act_as, in_words, now, the_ready_app
from approval.db import begin_writing, db
from approval.i18n import said
from approval.models.policy import PolicyVersion
from approval.rules.money import yuan
from approval.rules.refusal import Refused
from approval.rules.what_if import MonthChange, WhatIf
from approval.services import what_if as service
from approval.services.act import Act, Actor
from approval.services.sight import Hidden
from approval.views.what_if_told import as_json, choices_of

MACHINE = Actor(None, frozenset({"auditor"}))


def what_if(args: argparse.Namespace) -> int:
    """Replay finished months under a version of a policy or other readings; nothing is stored but that somebody looked."""
    app = the_ready_app()
    with in_words(app, args.lang):
        choices = choices_of(args.reading)
        begin_writing()
        act = _act(app, args.number)
        version = _version(act, args)
        answer = service.what_if(act, service.department_asked(act, args.department), args.period, version, choices)
        number = version.number
        service.note_look(act, answer, version, choices)
        db.session.commit()
        print(json.dumps(as_json(answer, number), ensure_ascii=False, indent=2) if args.json else _table(answer))
    return 0


def _act(app: Flask, number: str | None) -> Act:
    """The act of an employee with the office, or of whoever works on the machine itself."""
    return Act(db.session, MACHINE, now(app)) if number is None else act_as(app, number)  # type: ignore[arg-type]


def _version(act: Act, args: argparse.Namespace) -> PolicyVersion:
    try:
        return service.find_version(act, args.code, args.version)
    except Hidden:
        raise Refused(
            "没有方案 %(code)s 的这个版本", fault="unknown version", code=f"{args.code}/{args.version or 1}"
        ) from None


def _table(answer: WhatIf) -> str:
    """A line a person, the biggest change first; below it the months and pay lines that differ; then the sums."""
    return "\n".join(_rows(answer))


def _rows(answer: WhatIf) -> Iterator[str]:
    yield "number\tname\tdepartment\tbefore\tafter\tdifference"
    for one in answer.people:
        sums = (one.before_fen, one.after_fen, one.difference_fen)
        yield "\t".join((one.number, one.name, one.department.zh, *map(yuan, sums)))
        for month in one.months:
            yield from _month(month)
    for cost in answer.departments:
        sums = (cost.before_fen, cost.after_fen, cost.difference_fen)
        yield "\t".join(("department", cost.department.zh, str(cost.people), *map(yuan, sums)))
    yield "\t".join(("total", "", str(len(answer.people)), *map(yuan, _sums(answer))))
    for left in answer.left_out:
        yield f"left out\t{left.number}\t{left.name}\t{left.period}\t{said(left.reason)}"
    for fair in answer.fairness:
        yield f"fairness\t{fair.period}\tbefore {_figures(fair.before)}\tafter {_figures(fair.after)}"
    if answer.without_minimum:
        yield f"no minimum wage known\t{', '.join(answer.without_minimum)}"


def _sums(answer: WhatIf) -> tuple[int, int, int]:
    return answer.before_fen, answer.after_fen, answer.difference_fen


def _month(month: MonthChange) -> Iterator[str]:
    start = f"  {month.period}"
    if month.score_before != month.score_after:
        yield f"{start}\tscore\t{month.score_before} -> {month.score_after}"
    for move in month.moves:
        yield f"{start}\ttier\t{move.before.zh} -> {move.after.zh}"
    for line in month.lines:
        yield f"{start}\t{line.code}\t{line.before or '-'} -> {line.after or '-'}"
    if month.gap_before_fen or month.gap_after_fen:
        yield f"{start}\tbelow minimum wage by\t{yuan(month.gap_before_fen)} -> {yuan(month.gap_after_fen)}"


def _figures(told: object) -> str:
    return " ".join(f"{name}={value}" for name, value in vars(told).items())
