"""Every kind of payslip: it holds when it is proved, its sums are one everywhere, each line unfolds, and a change is told."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from markupsafe import escape
from sqlalchemy import select, text

from approval.models.payout import LedgerEntry, Payslip
from approval.rules.money import display, yuan
from approval.services import pay, recount
from approval.services.audit import verify
from approval.services.pay_proof import proof_of
from tests.app_fixtures import World
from tests.every_kind import STORIES, story_files, told
from tests.month.test_6_payout import batch_of, page_of, sign_off, slip_of

__all__ = ["story_files"]


@pytest.fixture(params=sorted(STORIES))
def kind(request: pytest.FixtureRequest, story_files: dict[str, Path], tmp_path: Path) -> Iterator[World]:
    with told(story_files, request.param, tmp_path) as world:
        yield world


@pytest.fixture
def rich(story_files: dict[str, Path], tmp_path: Path) -> Iterator[World]:
    with told(story_files, "rich", tmp_path) as world:
        yield world


def slips_of(world: World) -> list[Payslip]:
    world.fresh()
    return list(world.session.scalars(select(Payslip).order_by(Payslip.id)))


def words_of(slip: Payslip) -> list[str]:
    return [one.text % one.params if one.params else one.text for one in proof_of(slip.pay_result, slip).faults]


def change(world: World, table: str, columns: str, row: int) -> None:
    """Somebody changes a row past the product."""
    world.fresh()
    world.session.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_update"))
    world.session.execute(text(f"UPDATE {table} SET {columns} WHERE id = {row}".replace(":", r"\:")))
    world.session.commit()


def test_every_kind_is_proved_and_its_sums_are_one_everywhere(kind: World) -> None:
    sign_off(kind, kind.sign_in("gm"))
    finance = kind.sign_in("finance")
    finance.post(page_of(kind) + "/export")
    finance.get(page_of(kind) + "/file.csv")
    rows = {row[1].strip("'"): row for row in csv.reader(io.StringIO(finance.text.lstrip("\ufeff"))) if len(row) > 2}
    slips = slips_of(kind)
    assert len(slips) >= 2
    for slip in slips:
        kept = pay.stored(slip.pay_result)
        assert words_of(slip) == []
        booked = kind.session.scalars(select(LedgerEntry).where(LedgerEntry.payslip_id == slip.id)).all()
        owed = sum(one.amount_fen if one.debit_account.startswith("expense:") else -one.amount_fen for one in booked)
        assert sum(line.amount_fen for line in kept.lines) == kept.total_fen == slip.total_fen == owed
        assert any(yuan(slip.total_fen) in cell for cell in rows[slip.employee.number])
    assert list(recount.recount(kind.session)) == []
    assert list(verify(kind.session)) == []


def test_every_line_of_every_kind_unfolds_on_page_and_paper_in_both_languages(kind: World) -> None:
    hr = kind.sign_in("hr")
    for slip in slips_of(kind):
        lines, number, total = pay.stored(slip.pay_result).lines, slip.id, slip.total_fen
        for locale, words in (("zh", "与发放金额一致"), ("en", "Computed again just now")):
            hr.post("/language", {"locale": locale, "back": "/"})
            page, paper = hr.get(f"/my/payslips/{number}"), hr.get(f"/my/payslips/{number}/print")
            assert words in page
            assert words in paper
            assert display(total) in paper
            for line in lines:
                name = line.zh if locale == "zh" else line.en
                assert str(escape(name)) in page
                assert str(escape(name)) in paper
                assert str(escape(line.quote)) in page
        kind.fresh()


def folded(page: str, name: str) -> str:
    """What the line of this name unfolds to."""
    for part in page.split('<details class="k-fold k-expl"><summary><span>')[1:]:
        if name in part.partition("</summary>")[0]:
            return part.partition("</details>")[0]
    return pytest.fail(f"no line {name}")


def test_collections_are_told_one_by_one_with_file_row_and_whether_they_count(rich: World) -> None:
    page = rich.sign_in("hr").get(f"/my/payslips/{slip_of(rich, 'ops').id}")
    line = folded(page, "普通产品提成")
    for row, customer in ((2, "云客商贸"), (3, "远山电子"), (4, "远山电子"), (5, "南桥文创")):
        assert customer in line
        assert f"十月回款.xlsx 第 {row} 行" in line
    assert line.count("这一项不计") == 2
    assert "回款明细第 2 条：利润率 0.08 不满足 ≥ 0.10，不计提成" in page


def test_a_line_of_zero_says_why(rich: World) -> None:
    line = folded(rich.sign_in("hr").get(f"/my/payslips/{slip_of(rich, 'ops').id}"), "全勤奖金")
    assert "迟到＋早退＋请假 = 3 ≥ 3" in line
    assert "A-10" in line
    assert "三项合计满 3 次取消" in line


def test_a_reading_is_told_with_its_line_its_sentence_and_who_chose_it(rich: World) -> None:
    page = rich.sign_in("hr").get(f"/my/payslips/{slip_of(rich, 'ops').id}")
    assert "70 分起 60%" in folded(page, "绩效奖金")
    assert "月基本工资所得=基本工资标准÷当月应出勤天数×当月实际出勤天数" in folded(page, "基本工资")
    assert "A-01" not in folded(page, "补贴")
    assert "系统 于 2026-01-01 读过并选定" in page
    assert "先算每周平均，再算各周平均" in page


def test_a_figure_says_where_it_came_from_and_a_share_how_it_was_split(rich: World) -> None:
    page = rich.sign_in("hr").get(f"/my/payslips/{slip_of(rich, 'ops').id}")
    assert "个人标准，自 2026-01-01 起" in folded(page, "基本工资")
    assert "方案里写明的数值" in folded(page, "绩效奖金")
    share = folded(page, "奖金池份额")
    assert "18000.00 × 0.95 = 17100.00" in share
    assert "6 人参加，按得分" in share
    adjustment = folded(page, "调整")
    assert "大促支援，凭证 PZ-7" in adjustment


def test_two_posts_and_a_plan_beside_each_rest_on_their_own_policy(rich: World) -> None:
    hr = rich.sign_in("hr")
    page = hr.get(f"/my/payslips/{slip_of(rich, 'copy').id}")
    assert "12 ÷ 22" in folded(page, "绩效奖金（10-01—10-18 文案策划）")
    assert "运营专员 Y-1" in page
    page = hr.get(f"/my/payslips/{slip_of(rich, 'cs').id}")
    assert "0.12" in folded(page, "个人销售奖金")
    assert "超过" in page
    assert "只提示，不扣减" in page


def test_a_voided_bonus_and_a_share_of_the_year_say_why(story_files: dict[str, Path], tmp_path: Path) -> None:
    for name in ("quarter", "year"):
        folder = tmp_path / name
        folder.mkdir()
        with told(story_files, name, folder) as world:
            slip = slip_of(world, "cs2")
            page = world.sign_in("hr").get(f"/my/payslips/{slip.id}")
            if name == "quarter":
                assert slip.total_fen == 0
                assert "刷单虚增评分，调查结论第 4 号" in page
            else:
                assert "112000.00 × 0.91 = 101920.00" in page
            assert "各月平均：" in page


TAMPERED = [
    ("pay_result", "lines = replace(lines, '\"amount_fen\":60000', '\"amount_fen\":70000')"),
    ("pay_result", "inputs = replace(inputs, '\"18.00\"', '\"17.00\"')"),
    ("pay_result", "lines = replace(lines, '销售提成', '销售奖励')"),
    ("pay_result", "inputs = '{}'"),
    ("pay_result", "lines = 'nothing'"),
    ("pay_result", "total_fen = total_fen + 1"),
    ("payslip", "total_fen = total_fen + 1"),
    ("frozen_policy", "body = replace(CAST(body AS TEXT), '0.02', '0.03')"),
    ("frozen_policy", "body = x'7b7d'"),
    ("appraisal", "score = score + 100"),
    ("sample", "score = score - 100"),
]


@pytest.mark.parametrize(("table", "columns"), TAMPERED)
def test_what_was_changed_behind_the_pages_is_told_loudly_everywhere(rich: World, table: str, columns: str) -> None:
    slip = slip_of(rich, "cs2")
    month, number, employee = slip.appraisal, slip.id, slip.employee.number
    query = text(f"SELECT id FROM sample WHERE appraisal_id = {month.id}")
    sample = rich.session.execute(query).scalars().first()
    rows = {"pay_result": slip.pay_result_id, "payslip": number, "frozen_policy": month.frozen_policy_id}
    rows |= {"appraisal": month.id, "sample": sample or 0}
    change(rich, table, columns, rows[table])
    gm = rich.sign_in("gm")
    for path in (f"/my/payslips/{number}", f"/my/payslips/{number}/print"):
        page = gm.get(path)
        assert "重新计算的结果与保存的不一致" in page
        assert "与发放金额一致" not in page
    batch = gm.get(page_of(rich))
    assert "不能签发也不能导出" in batch
    assert "陈思远" in batch
    stopped = gm.post(page_of(rich) + "/sign_off", {"seen": batch_of(rich).fingerprint, "password": "x"}, status=422)
    assert stopped
    rich.fresh()
    assert employee in {one.employee for one in recount.recount(rich.session)}


def test_a_batch_with_a_changed_number_is_neither_signed_nor_exported(rich: World) -> None:
    slip = slip_of(rich, "cs2")
    change(rich, "pay_result", "inputs = replace(inputs, '\"18.00\"', '\"17.00\"')", slip.pay_result_id)
    gm = rich.sign_in("gm")
    seen = {"seen": batch_of(rich).fingerprint, "password": "correct horse"}
    assert "陈思远" in gm.post(page_of(rich) + "/sign_off", seen, status=409)
    assert batch_of(rich).state == "prepared"


def test_a_figure_changed_after_the_calculation_changes_no_explanation(rich: World) -> None:
    hr, number = rich.sign_in("hr"), slip_of(rich, "cs2").id
    before = folded(hr.get(f"/my/payslips/{number}"), "销售提成")
    person = rich.employee("cs2").id
    rich.fresh()
    rich.session.execute(text(f"UPDATE figure SET value = value * 2 WHERE employee_id = {person}"))
    rich.session.execute(text(f"UPDATE pay_standard SET value = value * 2 WHERE employee_id = {person}"))
    rich.session.execute(text(f"UPDATE attendance SET actual = 900 WHERE employee_id = {person}"))
    rich.session.commit()
    page = hr.get(f"/my/payslips/{number}")
    assert folded(page, "销售提成") == before
    assert "与发放金额一致" in page
