"""The pages of counted items and of drawn people: read-only boxes, claims beside counts, the proof, every digit that decides."""

from __future__ import annotations

import re
from decimal import Decimal

from sqlalchemy import select

from approval.models.sampling import Sample
from approval.services import appraisal as service
from approval.services.facts import kpi_scores
from tests.app_fixtures import PERIOD, World
from tests.services.test_kpi_count import FULL, assessed, closed, count
from tests.services.test_staff_draw import of_people, weeks

FORM = f"/my/{PERIOD}"


def plain(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))


def test_until_it_is_counted_the_employee_gives_his_own_count_and_is_told_who_brings_it(world: World) -> None:
    page = plain(world.sign_in("copy").get(FORM))
    assert "按数量计分（每个 1 分，最多 10 分）；数量还没有导入，由数据提供部门或绩效管理员导入“计数指标”" in page


def test_a_counted_item_is_read_only_and_what_was_claimed_stays_beside_it(world: World) -> None:
    browser = world.sign_in("copy")
    browser.post(FORM, {**{f"points_{code}": str(n) for code, n in FULL.items()}, "do": "save"})
    count(world, "8")
    page = browser.get(FORM)
    assert re.search(r'<input class="k-in" id="points_pages" value="8" readonly', page)
    assert 'name="points_pages"' not in page
    assert "您原来填的 10 分留作对照" in page
    typed = {f"points_{code}": str(n) for code, n in FULL.items() if code != "pages"}
    browser.post(FORM, {**typed, "note_pages": "八个都上线了", "do": "submit"})
    assert "10 → 8" in plain(browser.get(f"{FORM}/submit"))
    world.fresh()
    kept = kpi_scores(world.act("copy"), world.month("copy"), "self")["pages"]
    assert (kept.points, kept.note) == (Decimal(10), "八个都上线了")


def test_the_supervisor_gets_no_boxes_where_samples_score_and_is_told_why(world: World) -> None:
    assessed(world)
    world.session.commit()
    lead, month = world.sign_in("lead"), world.month("copy")
    page = lead.get(f"/appraisals/{month.id}")
    assert "主管不给指标打分" in page
    assert 'name="points_plan"' not in page
    assert "还没有这些数量：活动描述页面" in page
    assert "主管评分来自每周抽查" in lead.post(f"/appraisals/{month.id}/items", {"points_plan": "40"}, status=409)


def test_month_print_and_log_tell_the_claim_the_count_and_the_points(world: World) -> None:
    month = closed(world)
    world.session.commit()
    head = world.sign_in("head")
    for path in (f"/appraisals/{month.id}", f"/appraisals/{month.id}/print"):
        page = plain(head.get(path))
        assert "10 → 8" in page
        assert "按数量计分：活动描述页面 8，得 8 分（每个 1 分，最多 10 分）" in page
    assert "自评 10按数量 8 分（数量 8）" in plain(head.get(f"/appraisals/{month.id}/log")).replace(" → ", "").replace(
        "→", ""
    )


def test_a_team_is_drawn_on_the_week_page_and_anybody_of_it_can_verify(world: World) -> None:
    act = of_people(world)
    monday = weeks(act, world.month("cs"))[0].monday
    act.session.commit()
    lead = world.sign_in("lead")
    assert "本组 2 人一起抽，计划抽 1 人" in lead.get(f"/samples/{monday}")
    page = lead.post(f"/samples/{monday}/draw")
    assert "未抽中" in page
    proofs = re.findall(rf"/samples/{monday}/verify/\d+", page)
    assert len(proofs) == 2
    for path in proofs:
        assert "验证通过" in lead.get(path)
    own = world.sign_in("cs")
    assert any("抽样时的人员清单" in own.get(path) for path in proofs if own.client.get(path).status_code == 200)
    shown = own.get("/my/samples")
    drawn = world.session.scalars(select(Sample.appraisal_id)).one() == world.month("cs").id
    assert ("整周工作" in shown, "这一周没有抽到本人，不计入得分" in shown) == (drawn, not drawn)


def test_somebody_away_is_left_out_on_the_page_before_the_draw(world: World) -> None:
    act = of_people(world)
    month = world.month("cs")
    monday = weeks(act, month)[0].monday
    act.session.commit()
    page = world.sign_in("lead").post(f"/samples/{monday}/waive", {"appraisal": str(month.id), "reason": "整周休假"})
    assert "已跳过（整周休假）" in page


def test_a_score_that_is_not_rounded_is_shown_with_every_digit_that_decides(world: World) -> None:
    month = closed(world)
    month.score, month.supervisor_score = Decimal("64.9975"), Decimal("53.33")
    world.session.commit()
    page = plain(world.sign_in("head").get(f"/appraisals/{month.id}"))
    assert "64.9975" in page
    assert service.offers(world.act("head"), month)["pass_review"].allowed
