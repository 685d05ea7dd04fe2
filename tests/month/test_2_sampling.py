"""Chapter 2: every week, samples are drawn by nobody's choice, scored, and the supervisor closes his part."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, text

from approval.models.sampling import Draw, Sample, WorkItem
from tests.app_fixtures import PERIOD, Browser, World

WEEKS = tuple(date(2026, 9, 28) + timedelta(days=7 * n) for n in range(5))
MONDAY = WEEKS[3]
SHEET = f"/samples/{MONDAY}"
KINDS = {"cs": "customers", "cs2": "customers", "copy": "work_items", "ops": "work_items"}


def records(world: World, name: str, count: int = 8, weeks: tuple[date, ...] = WEEKS) -> None:
    """Service records or pieces of work of one person, as an import would leave them."""
    world.fresh()
    for monday in weeks:
        for n in range(count):
            item = WorkItem(employee_id=world.employee(name).id, kind=KINDS[name], code=f"{name}-{monday:%m%d}-{n:02}")
            item.happened_on, item.title, item.detail = monday + timedelta(days=n % 5), f"退换货咨询{n}", "顾客：在吗？"
            world.session.add(item)
    world.session.commit()


def samples_of(world: World, name: str, monday: date = MONDAY) -> list[Sample]:
    """The samples of a person's week that count."""
    month = world.month(name)
    query = select(Sample).join(Draw, Draw.id == Sample.draw_id)
    query = query.where(Draw.appraisal_id == month.id, Draw.monday == monday, Sample.voided_at.is_(None))
    return list(world.session.scalars(query.order_by(Sample.position)))


def sheet_of(page: str) -> dict[str, str]:
    """What a browser would send back from a score sheet: every box as it stands on the page."""
    found: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", page):
        name = re.search(r'name="((?:score|note|seen)_\d+)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if name is not None:
            found[name[1]] = value[1] if value else ""
    return found


def score_week(lead: Browser, monday: date, score: str) -> None:
    lead.post(f"/samples/{monday}/draw")
    typed = sheet_of(lead.get(f"/samples/{monday}"))
    lead.post(f"/samples/{monday}", {**typed, **{name: score for name in typed if name.startswith("score_")}})


@pytest.fixture
def lead(world: World) -> Browser:
    for name in KINDS:
        records(world, name)
    return world.sign_in("lead")


def test_the_seed_is_kept_before_the_draw_and_a_second_draw_draws_nothing_new(world: World, lead: Browser) -> None:
    page = lead.get(SHEET)
    assert "本周 8 条记录，计划抽 5 条" in page
    lead.post(f"{SHEET}/draw")
    drawn = [one.work_item.code for one in samples_of(world, "cs")]
    assert len(drawn) == 5
    lead.post(f"{SHEET}/draw")
    assert [one.work_item.code for one in samples_of(world, "cs")] == drawn
    chain = world.session.scalars(select(Draw)).all()
    assert len(chain) == len(KINDS)
    assert all(len(one.seed) == 32 for one in chain)


def test_a_week_that_is_not_over_cannot_be_drawn(world: World, lead: Browser) -> None:
    world.clock.go_to(date(2026, 10, 23))
    assert "结束后才能抽样" in lead.get(SHEET)
    assert "还没有结束" in lead.post(f"{SHEET}/draw")
    assert samples_of(world, "cs") == []


def test_the_supervisor_scores_the_week_and_the_employee_sees_it_when_it_is_whole(world: World, lead: Browser) -> None:
    lead.post(f"{SHEET}/draw")
    typed = sheet_of(lead.get(SHEET))
    one, *rest = [sample.id for sample in samples_of(world, "cs")]
    lead.post(SHEET, {**typed, f"score_{one}": "77.5", f"note_{one}": "响应慢"})
    cs = world.sign_in("cs")
    assert "77.5" not in cs.get("/my/samples"), "a week is shown once it is whole"
    typed = sheet_of(lead.get(SHEET))
    lead.post(SHEET, {**typed, **{f"score_{sample}": "90" for sample in rest}})
    page = cs.get("/my/samples")
    assert "77.5" in page
    assert "响应慢" in page
    assert "均分 87.50" in page


def test_a_score_below_65_needs_its_reason_and_everything_typed_is_kept(world: World, lead: Browser) -> None:
    lead.post(f"{SHEET}/draw")
    first, second = (sample.id for sample in samples_of(world, "cs")[:2])
    page = lead.post(SHEET, {f"score_{first}": "58", f"score_{second}": "101", f"note_{second}": "写了"}, status=422)
    assert "低于 65 分，请写明扣分原因" in page
    assert "请填写 0 到 100 之间的数" in page
    assert 'value="58"' in page
    assert "写了" in page
    assert all(sample.score is None for sample in samples_of(world, "cs")), "nothing is written while anything is wrong"


def test_an_autosave_keeps_what_is_right_and_leaves_the_rest(world: World, lead: Browser) -> None:
    lead.post(f"{SHEET}/draw")
    typed = sheet_of(lead.get(SHEET))
    first, second = (sample.id for sample in samples_of(world, "cs")[:2])
    body = {"csrf_token": lead.token(), **typed, f"score_{first}": "88", f"score_{second}": "50"}
    told = lead.client.post(f"{SHEET}/draft", data=body).get_json()
    kept = samples_of(world, "cs")
    assert [kept[0].score, kept[1].score] == [Decimal(88), None]
    assert told["fields"][f"seen_{first}"] == str(kept[0].version)


def test_of_two_tabs_the_stale_one_is_refused_and_shows_both_values(world: World, lead: Browser) -> None:
    lead.post(f"{SHEET}/draw")
    old = sheet_of(lead.get(SHEET))
    first = samples_of(world, "cs")[0].id
    lead.post(SHEET, {**old, f"score_{first}": "80"})
    page = lead.post(SHEET, {**old, f"score_{first}": "70"}, status=409)
    assert "在别处改过" in page
    assert 'value="70"' in page
    assert "现在：80" in page
    assert samples_of(world, "cs")[0].score == Decimal(80)
    lead.post(SHEET, sheet_of(page))
    assert samples_of(world, "cs")[0].score == Decimal(70), "after looking at both, the writer may decide"


def test_a_void_sample_is_replaced_by_the_next_of_the_same_seed(world: World, lead: Browser) -> None:
    lead.post(f"{SHEET}/draw")
    first = samples_of(world, "cs")[0]
    lead.post(f"{SHEET}/void/{first.id}", {"reason": ""}, status=422)
    page = lead.post(f"{SHEET}/void/{first.id}", {"reason": "重复登记"})
    assert "按同一种子补抽了" in page
    live = samples_of(world, "cs")
    assert len(live) == 5
    assert first.id not in {one.id for one in live}
    assert "验证通过" in lead.get(f"{SHEET}/verify/{first.draw_id}")


def test_the_proof_of_a_draw_verifies_for_the_employee_and_tampering_turns_it_red(world: World, lead: Browser) -> None:
    lead.post(f"{SHEET}/draw")
    draw = samples_of(world, "cs")[0].draw
    url, cs = f"{SHEET}/verify/{draw.id}", world.sign_in("cs")
    page = cs.get(url)
    assert "验证通过" in page
    assert draw.seed in page
    assert draw.population_hash in page
    world.sign_in("copy").get(url, status=404)
    change = {"p": draw.population.replace('"cs-1019-00", ', ""), "id": draw.id}
    world.fresh()
    world.session.execute(text("UPDATE draw SET population = :p WHERE id = :id"), change)
    world.session.commit()
    assert "验证不通过" in cs.get(url)


def test_a_list_and_its_hash_changed_together_still_differ_from_the_chain(world: World, lead: Browser) -> None:
    from approval.rules.sampling import population_hash

    lead.post(f"{SHEET}/draw")
    draw = samples_of(world, "cs")[0].draw
    drawn = [one.work_item.code for one in samples_of(world, "cs")]
    spare = next(code for code in (f"cs-1019-{n:02}" for n in range(8)) if code not in drawn)
    shorter = draw.population.replace(f'"{spare}", ', "").replace(f', "{spare}"', "")
    named = population_hash([f"cs-1019-{n:02}" for n in range(8) if f"cs-1019-{n:02}" != spare])
    change = text("UPDATE draw SET population = :p, population_hash = :h WHERE id = :id")
    values = {"p": shorter, "h": named, "id": draw.id}
    world.fresh()
    world.session.execute(change, values)
    world.session.commit()
    page = lead.get(f"{SHEET}/verify/{draw.id}")
    assert "验证不通过" in page
    assert "清单哈希与审计记录中的一致：不一致" in page


def test_records_by_hand_enter_only_before_the_draw(world: World) -> None:
    lead = world.sign_in("lead")
    month = world.month("cs").id
    record = {"appraisal": str(month), "code": "A-1", "happened_on": "2026-10-20", "title": "退换货"}
    page = lead.post(f"{SHEET}/items", {**record, "happened_on": "2026-10-28"}, status=422)
    assert "2026-10-19 到 2026-10-25" in page
    assert 'value="退换货"' in page
    lead.post(f"{SHEET}/items", record)
    assert "已经存在" in lead.post(f"{SHEET}/items", record, status=422)
    lead.post(f"{SHEET}/draw")
    assert [one.work_item.code for one in samples_of(world, "cs")] == ["A-1"]
    lead.post(f"{SHEET}/items", {**record, "code": "A-2"}, status=422)


def test_a_week_without_records_is_skipped_with_a_reason_only(world: World) -> None:
    lead = world.sign_in("lead")
    assert "没有可抽查的记录" in lead.post(f"{SHEET}/draw")
    month = world.month("cs").id
    lead.post(f"{SHEET}/waive", {"appraisal": str(month), "reason": " "}, status=422)
    assert "已跳过" in lead.post(f"{SHEET}/waive", {"appraisal": str(month), "reason": "年休假"})
    records(world, "cs2", weeks=(MONDAY,))
    lead.post(f"{SHEET}/waive", {"appraisal": str(world.month("cs2").id), "reason": "不想评"}, status=409)


def test_nobody_scores_himself_and_a_stranger_finds_no_sheet(world: World, lead: Browser) -> None:
    lead.post(f"{SHEET}/draw")
    for name in ("cs", "other_head", "gm", "hr"):
        world.sign_in(name).get(SHEET, status=404)
    assert "马骏" not in world.sign_in("head").get(SHEET), "a head scores his own people, not those of another"
    sample = samples_of(world, "cs")[0].id
    world.sign_in("cs").post(SHEET, {f"score_{sample}": "100"}, status=404)
    assert samples_of(world, "cs")[0].score is None


def test_closing_is_refused_with_the_reason_while_something_is_unscored(world: World, lead: Browser) -> None:
    cs = world.sign_in("cs")
    cs.post(f"/my/{PERIOD}", {"self_score": "91.25"})
    cs.post(f"/my/{PERIOD}/submit")
    number = world.month("cs").id
    page = lead.get(f"/appraisals/{number}")
    assert "还有没有抽样的周" in page
    assert re.search(r"<button[^>]*disabled[^>]*>提交评分", page), "a refused step is shown disabled"
    lead.post(f"/appraisals/{number}/close_scores", status=409)
    for monday in WEEKS:
        score_week(lead, monday, "80")
    page = lead.get(f"/appraisals/{number}")
    assert f'action="/appraisals/{number}/close_scores"' in page
    lead.post(f"/appraisals/{number}/close_scores")
    month = world.month("cs")
    assert (month.state, month.supervisor_score, month.score) == ("department_review", Decimal(80), Decimal("82.81"))


def test_the_supervisor_does_not_see_the_self_score_before_he_has_closed(world: World, lead: Browser) -> None:
    cs, number = world.sign_in("cs"), world.month("cs").id
    cs.post(f"/my/{PERIOD}", {"self_score": "91.25", "summary": "这个月很努力"})
    cs.post(f"/my/{PERIOD}/submit")
    pages = ("/team", f"/appraisals/{number}", f"/appraisals/{number}/log", f"/appraisals/{number}/print", SHEET)
    for name in ("lead", "head", "gm", "hr", "auditor"):
        browser = world.sign_in(name)
        for page in pages[1:4] if name != "lead" else pages:
            assert "91.25" not in browser.get(page), f"{name} {page}"
    assert "91.25" in cs.get(f"/my/{PERIOD}")
    for monday in WEEKS:
        score_week(lead, monday, "80")
    lead.post(f"/appraisals/{number}/close_scores")
    assert "91.25" in lead.get(f"/appraisals/{number}")
    assert "91.25" in lead.get(f"/appraisals/{number}/log")


def test_after_closing_nothing_can_be_withdrawn_or_scored(world: World, lead: Browser) -> None:
    cs, number = world.sign_in("cs"), world.month("cs").id
    cs.post(f"/my/{PERIOD}", {"self_score": "90"})
    cs.post(f"/my/{PERIOD}/submit")
    for monday in WEEKS:
        score_week(lead, monday, "80")
    lead.post(f"/appraisals/{number}/close_scores")
    cs.post(f"/my/{PERIOD}/withdraw", status=409)
    assert "/withdraw" not in cs.get(f"/my/{PERIOD}")
    sample = samples_of(world, "cs")[0]
    assert f'name="score_{sample.id}"' not in lead.get(SHEET)
    lead.post(f"{SHEET}/void/{sample.id}", {"reason": "想换一个"}, status=409)
    assert world.month("cs").score == Decimal("82.50")


def test_the_weeks_and_the_team_say_what_to_do_next(world: World, lead: Browser) -> None:
    page = lead.get("/samples")
    assert page.count("去抽样") == len(WEEKS)
    assert "去抽样" in lead.get("/team")
    for monday in WEEKS:
        score_week(lead, monday, "80")
    assert lead.get("/samples").count("已评完") == len(WEEKS)
    assert "等员工提交自评" in lead.get("/team")
