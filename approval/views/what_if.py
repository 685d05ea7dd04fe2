"""试算影响: what finished months would have come to under a version or other readings; for the offices that see pay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, request
from flask_babel import gettext as _

from approval.i18n import said
from approval.models.policy import PolicyVersion
from approval.rules.policy import Option, Policy
from approval.rules.refusal import Refused
from approval.rules.what_if import WhatIf
from approval.services import what_if as service
from approval.services.kept_months import departments_of, finished_periods
from approval.views.door import act, begin_note, commit, open_to
from approval.views.policy_words import scope_text
from workflows.policy import LABELS

blueprint = Blueprint("what_if", __name__)
PREFIX = "reading."


@dataclass(frozen=True)
class Question:
    """What the form asks: the months ticked, the department's name, and the readings that differ from the version's."""

    periods: Sequence[str]
    department: str
    choices: dict[str, str]

    @property
    def asked(self) -> bool:
        return "try" in request.args


@blueprint.route("/policies/<code>/<int:number>/what-if")
@open_to(*service.OFFICES)
def what_if(code: str, number: int) -> tuple[str, int]:
    """Ask what the finished months would have come to; a look at the pay of others is noted, nothing else is written."""
    version = service.find_version(act(), code, number)
    question, answer, problem = _question(version), None, ""
    if question.asked:
        try:
            answer = answer_of(version, question)
        except Refused as refused:
            problem = said(refused)
    page = _page(version, question, answer, problem)
    if answer is not None:
        begin_note()
        service.note_look(act(), answer, version, question.choices)
        commit()
    return page, 422 if problem else 200


def answer_of(version: PolicyVersion, question: Question) -> WhatIf:
    """The answer to a question about a version."""
    department = service.department_asked(act(), question.department)
    return service.what_if(act(), department, question.periods, version, question.choices)


def _question(version: PolicyVersion) -> Question:
    """The question of the address; at first the newest finished month is ticked."""
    given = request.args
    choices = {name.removeprefix(PREFIX): value for name, value in given.items() if name.startswith(PREFIX) and value}
    periods = given.getlist("period")
    if not periods and "try" not in given:
        periods = [period for period, _count in finished_periods(act(), version.code)[:1]]
    return Question(periods, given.get("department", ""), choices)


def _page(version: PolicyVersion, question: Question, answer: WhatIf | None, problem: str) -> str:
    own = service.policy_asked(version, {})
    return render_template(
        "policy/what_if.html",
        version=version,
        labels=LABELS,
        scope=scope_text(own),
        question=question,
        options=_options(own, question),
        finished=finished_periods(act(), version.code),
        departments=departments_of(act(), version.code),
        answer=answer,
        checks=fairness_rows(answer) if answer else [],
        problem=problem,
        prefix=PREFIX,
    )


def _options(own: Policy, question: Question) -> list[tuple[Option, str]]:
    """Each option with the reading asked for; the version's own where none is."""
    return [(one, question.choices.get(one.code, one.default)) for one in own.options]


def fairness_rows(answer: WhatIf) -> list[tuple[str, int, list[tuple[str, Any, Any]]]]:
    """The figures of fairness of each period in words: (period, people, [(what, before, after)])."""
    told = (
        ("correlation", _("得分与工资的等级相关")),
        ("inversions", _("同档倒挂（对）")),
        ("median_ratio", _("最高 ÷ 中位数")),
        ("gini", _("基尼系数（0 为人人相同）")),
    )
    return [
        (one.period, one.people, [(words, getattr(one.before, name), getattr(one.after, name)) for name, words in told])
        for one in answer.fairness
    ]
