"""Figures in a file under the names that people give them: told apart by the policy of the person's month."""

from __future__ import annotations

from typing import Any

from approval.models.beside import AppraisalSupplement
from approval.rules.policy import load
from approval.services import policy
from approval.services.figure_codes import with_codes
from approval.services.rulebook import freeze
from tests.app_fixtures import PERIOD, World


def row(code: str, **more: Any) -> dict[str, Any]:
    return {"employee_number": "E1043", "period": PERIOD, "code": code, "row_number": 2, **more}


def codes(world: World, sheet: str, *rows: dict[str, Any]) -> list[str]:
    return [one["code"] for one in with_codes(world.act("hr"), sheet, rows)]


def test_a_name_in_either_language_stands_for_its_code_and_a_code_for_itself(world: World) -> None:
    for name in ("任务完成系数", "Task coefficient", "task_coefficient"):
        assert codes(world, "factors", row(name)) == ["task_coefficient"]
    assert codes(world, "factors", row("没有的")) == ["没有的"]


def test_a_name_of_two_figures_is_that_of_the_months_policy_or_stays_as_it_was_written(world: World) -> None:
    other = (
        'format = 1\n[policy]\ncode = "other"\nname = { zh = "另一个" }\neffective_from = "2026-12-01"\ncycle = "month"\n'
        '[scope]\ndepartments = ["发货部"]\npositions = ["*"]\n[inputs]\n'
        'fig1 = { type = "money", zh = "销售额", en = "Sales" }\n'
    )
    policy.draft_policy(world.act("hr"), other)
    assert codes(world, "counts", row("销售额")) == ["sales"], "the service policy of his month asks for this one"
    assert codes(world, "counts", row("销售额", employee_number="E1023")) == ["销售额"]


def test_a_name_is_also_that_of_a_bonus_plan_beside_the_months_policy(world: World) -> None:
    plan = (
        'format = 1\n[policy]\ncode = "%s"\nname = { zh = "加发" }\neffective_from = "2026-12-01"\ncycle = "month"\n'
        '[scope]\ndepartments = ["*"]\npositions = ["*"]\nadds = true\n[inputs]\n'
        '%s = { type = "count", zh = "送货单数", en = "Deliveries" }\n'
    )
    hr = world.act("hr")
    beside, _other = (policy.draft_policy(hr, plan % told) for told in (("plan-a", "fig1"), ("plan-b", "fig2")))
    assert codes(world, "counts", row("送货单数")) == ["送货单数"], "which of the two nobody knows"
    month, act = world.month("cs"), world.act("hr")
    row_ = AppraisalSupplement(appraisal_id=month.id, policy_version_id=beside.id)
    row_.frozen_policy_id = freeze(act, load(beside.source)).id
    act.session.add(row_)
    act.session.flush()
    assert codes(world, "counts", row("送货单数")) == ["fig1"]


def test_a_sheet_without_such_codes_is_left_alone(world: World) -> None:
    assert codes(world, "kpi_scores", row("基本工资")) == ["基本工资"]
    assert codes(world, "pay_standards", row("补贴", period=None)) == ["allowance"]


def test_a_figure_told_by_its_name_and_by_its_code_is_not_counted_twice(world: World) -> None:
    assert codes(world, "factors", row("task_coefficient"), row("任务完成系数")) == ["task_coefficient", "任务完成系数"]
    twice = [row("任务完成系数"), row("Task coefficient")]
    assert codes(world, "factors", *twice) == ["task_coefficient", "Task coefficient"], (
        "the second is refused as unknown"
    )
