"""A department's files below the pages: checked against what is known, kept pending, written whole or not at all."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from approval.models.figures import Attendance, Collection, Figure, ImportBatch, RewardPenalty
from approval.models.people import Account, Company, Department, Employment, PayStandard, employment_on
from approval.rules.refusal import Refused
from approval.rules.table import Cell, Row, Table
from approval.services import figures, guard, sheets
from tests.app_fixtures import World
from tests.stages import assess
from workflows.engine import NotAllowed

HEADS = {
    "attendance": "工号 月份 应出勤天数 实际出勤天数",
    "sales": "工号 月份 销售额 中评修改个数 差评修改个数 凭证号",
    "collections": "工号 月份 客户 金额 产品类型",
    "counts": "工号 月份 指标编码 数量 凭证号",
    "factors": "工号 月份 项目编码 数值 凭证号",
    "rewards": "工号 月份 金额 事由 凭证号",
    "pay_standards": "工号 项目编码 金额 生效日期",
    "post_standards": "岗位编码 职级 项目编码 金额 生效日期",
    "people": "工号 姓名 部门 岗位编码 直接主管工号 入职日期 登录",
    "departments": "部门名称 上级部门",
    "offices": "工号 职务 部门 生效日期",
    "kpi_scores": "工号 月份 评分人 指标编码 得分",
    "self_scores": "工号 月份 自评分",
    "work_items": "工号 编号 日期 标题",
}


def table(code: str, *rows: str) -> Table:
    """A table of a sheet: cells stand between blanks, a dash is an empty one."""
    cells = [tuple(Cell("" if text == "-" else text) for text in row.split()) for row in rows]
    return Table(tuple(HEADS[code].split()), tuple(Row(n, row) for n, row in enumerate(cells, 2)))


def told(world: World, who: str, code: str, *rows: str) -> list[str]:
    """What is wrong with a file, in words."""
    return [str(one) for one in sheets.check_sheet(world.act(who), code, table(code, *rows)).problems]


def bring_in(world: World, who: str, code: str, *rows: str) -> sheets.TakenIn:
    act = world.act(who)
    checked = sheets.check_sheet(act, code, table(code, *rows))
    assert [str(one) for one in checked.problems] == []
    return sheets.take_in(act, sheets.keep_pending(act, checked, f"{code}.xlsx", "\n".join(rows).encode()), checked)


def test_each_sheet_is_brought_in_by_the_owner_of_its_figures(world: World) -> None:
    assert {one.code for one in sheets.sheets_for(world.act("finance"))} == {"rewards", "factors"}
    assert sheets.sheets_for(world.act("cs")) == []
    with pytest.raises(NotAllowed, match="没有导入"):
        sheets.check_sheet(world.act("hr"), "sales", table("sales", "E1043 2026-10 100"))


def test_a_pending_file_counts_for_nothing_until_it_is_written(world: World) -> None:
    act = world.act("hr")
    checked = sheets.check_sheet(act, "attendance", table("attendance", "E1043 2026-10 22 21.5"))
    batch = sheets.keep_pending(act, checked, "a.xlsx", b"x")
    assert world.session.scalars(select(Attendance)).first() is None
    sheets.take_in(act, batch, checked)
    kept = world.session.scalars(select(Attendance)).one()
    assert (kept.actual, kept.import_id, kept.row_number) == (Decimal("21.5"), batch.id, 2)


def test_a_file_is_written_once_and_only_by_who_uploaded_it(world: World) -> None:
    act = world.act("hr")
    checked = sheets.check_sheet(act, "attendance", table("attendance", "E1043 2026-10 22 21.5"))
    batch = sheets.keep_pending(act, checked, "a.xlsx", b"x")
    with pytest.raises(NotAllowed, match="自己上传"):
        sheets.take_in(world.act("data"), batch, checked)
    sheets.take_in(act, batch, checked)
    with pytest.raises(Refused, match="已经写入过"):
        sheets.take_in(act, batch, checked)


def test_a_new_upload_takes_the_place_of_the_one_not_written(world: World) -> None:
    act = world.act("hr")
    for days in ("20", "21"):
        checked = sheets.check_sheet(act, "attendance", table("attendance", f"E1043 2026-10 22 {days}"))
        sheets.keep_pending(act, checked, "a.xlsx", days.encode())
    assert [one.content for one in world.session.scalars(select(ImportBatch))] == [b"21"]


def test_a_file_with_a_problem_stores_nothing_of_its_good_rows(world: World) -> None:
    act = world.act("hr")
    checked = sheets.check_sheet(act, "attendance", table("attendance", "E1043 2026-10 22 21", "E9999 2026-10 22 21"))
    assert [one.row for one in checked.problems] == [3]
    with pytest.raises(Refused, match="没有写入任何内容"):
        sheets.take_in(act, sheets.keep_pending(act, checked, "a.xlsx", b"x"), checked)


def test_attendance_brought_in_again_replaces_what_was_there(world: World) -> None:
    for days in ("20", "21.5"):
        bring_in(world, "hr", "attendance", f"E1043 2026-10 22 {days}")
    assert [one.actual for one in world.session.scalars(select(Attendance))] == [Decimal("21.5")]


def test_sales_are_kept_in_yuan_to_the_fen(world: World) -> None:
    bring_in(world, "data", "sales", "E1043 2026-10 86000.05")
    kept = world.session.scalars(select(Figure).where(Figure.code == "sales")).one()
    assert kept.value == Decimal("86000.05")


def test_a_collection_brought_in_twice_is_refused_and_paid_once(world: World) -> None:
    bring_in(world, "data", "collections", "E1031 2026-10 甲商贸 1000 普通")
    again = told(world, "data", "collections", "E1031 2026-10 甲商贸 1000 普通", "E1031 2026-10 乙商贸 1000 普通")
    assert len(again) == 1
    assert "第 2 行" in again[0]
    assert "已经导入过" in again[0]
    assert world.session.scalar(select(func.count()).select_from(Collection)) == 1


def test_a_reward_counts_only_after_a_second_person_and_only_once(world: World) -> None:
    bring_in(world, "hr", "rewards", "E1043 2026-10 -50 迟到扣款 PZ-1")
    reward = world.session.scalars(select(RewardPenalty)).one()
    with pytest.raises(NotAllowed, match="录入人"):
        figures.confirm_reward(world.act("hr"), reward)
    company = world.session.scalars(select(Company)).one()
    guard.allow_fines(world.act("hr"), company, True, "员工手册第 12 条")
    figures.confirm_reward(world.act("finance"), reward)
    with pytest.raises(NotAllowed, match="已经确认过"):
        figures.confirm_reward(world.act("gm"), reward)
    assert "已经导入过" in told(world, "hr", "rewards", "E1043 2026-10 -50 迟到扣款 PZ-1")[0]


def test_a_wrong_reward_is_voided_with_a_reason_while_nobody_has_confirmed_it(world: World) -> None:
    bring_in(world, "hr", "rewards", "E1043 2026-10 500 录错了 PZ-1")
    reward = world.session.scalars(select(RewardPenalty)).one()
    with pytest.raises(NotAllowed, match="理由"):
        figures.drop_reward(world.act("finance"), reward, " ")
    figures.drop_reward(world.act("finance"), reward, "金额多了一个零")
    assert world.session.scalars(select(RewardPenalty)).all() == []


def test_nobody_brings_in_a_reward_or_standard_of_his_own(world: World) -> None:
    assert "不能为自己录入" in told(world, "hr", "rewards", "H0001 2026-10 500 好 PZ-1")[0]
    assert "不能为自己录入" in told(world, "hr", "pay_standards", "H0001 base 9000 2026-11-01")[0]


def test_a_pay_standard_that_no_policy_asks_for_is_refused(world: World) -> None:
    assert "没有方案用到" in told(world, "hr", "pay_standards", "E1023 basse 3000 2026-11-01")[0]
    bring_in(world, "hr", "pay_standards", "E1023 base 3200.50 2026-11-01")
    newest = select(PayStandard.value).where(PayStandard.from_on == date(2026, 11, 1))
    assert world.session.scalar(newest) == Decimal("3200.5")


def test_new_people_come_with_posts_and_accounts_also_under_a_new_supervisor(world: World) -> None:
    rows = ("N0001 新主管 客服部 客服专员 S0207 2026-11-01 是", "N0002 新人 客服部 客服专员 N0001 2026-11-01 否")
    taken = bring_in(world, "hr", "people", *rows)
    assert list(taken.passwords) == ["N0001"]
    account = world.session.scalars(select(Account).where(Account.must_change_password)).one()
    assert account.employee.number == "N0001"
    under = select(Employment).where(Employment.supervisor_id == account.employee_id)
    assert [one.employee.number for one in world.session.scalars(under)] == ["N0002"]


def test_a_known_person_is_moved_and_his_name_corrected(world: World) -> None:
    bring_in(world, "hr", "people", "E1043 马俊 策划部 C-1 D0012 2026-01-01 -")
    cs = world.employee("cs")
    post = employment_on(world.session, cs.id, date(2026, 11, 2))
    assert post is not None
    assert (cs.name, post.department.name) == ("马俊", "策划部")


def test_a_number_in_small_letters_is_refused_before_it_can_lock_anybody_out(world: World) -> None:
    assert "大写字母" in told(world, "hr", "people", "n0001 新人 客服部 客服专员 S0207 2026-11-01 是")[0]


def test_departments_may_stand_in_any_order_but_not_in_a_circle(world: World) -> None:
    bring_in(world, "hr", "departments", "新小组 新中心", "新中心 电商部")
    parents = {one.name: one.parent.name if one.parent else "" for one in world.session.scalars(select(Department))}
    assert (parents["新小组"], parents["新中心"]) == ("新中心", "电商部")
    assert "绕回了自己" in told(world, "hr", "departments", "电商部 新小组")[0]


def test_a_head_needs_a_department_and_no_other_office_has_one(world: World) -> None:
    problems = told(world, "hr", "offices", "E1041 部门负责人 - 2026-11-01", "E1041 财务 客服部 2026-11-01")
    assert len(problems) == 2


def test_scores_go_only_into_an_open_month_and_a_known_item(world: World) -> None:
    rows = ("E1023 2026-10 自评 plan 39", "E1023 2026-10 自评 plna 9", "E1023 2026-10 自评 pages 11")
    wrong = told(world, "hr", "kpi_scores", *rows, "E1023 2026-09 自评 plan 39", "E1023 2026-10 主管 plan 39")
    assert [one.partition("行")[0] for one in wrong] == ["第 3 ", "第 4 ", "第 5 ", "第 6 "]
    assert "主管评分来自每周抽查" in wrong[-1]


def test_a_self_score_is_not_brought_in_over_one_that_was_submitted(world: World) -> None:
    bring_in(world, "hr", "self_scores", "E1043 2026-10 86")
    assess(world, "cs")
    assert "自评已经提交" in told(world, "hr", "self_scores", "E1043 2026-10 99")[0]


def test_a_work_item_is_brought_in_once(world: World) -> None:
    bring_in(world, "data", "work_items", "E1023 W-1 2026-10-12 十月活动页")
    assert "已经导入过" in told(world, "data", "work_items", "E1023 W-1 2026-10-12 十月活动页")[0]


def test_the_same_file_again_is_noticed(world: World) -> None:
    first = bring_in(world, "hr", "attendance", "E1043 2026-10 22 21").batch
    act = world.act("hr")
    checked = sheets.check_sheet(act, "attendance", table("attendance", "E1043 2026-10 22 21"))
    again = sheets.keep_pending(act, checked, "b.xlsx", b"E1043 2026-10 22 21")
    before = sheets.taken_before(act, again)
    assert before is not None
    assert before.id == first.id
