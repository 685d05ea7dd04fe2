"""The page of one month: each sees what is his to see, offered steps only, drafts and conflicts."""

from __future__ import annotations

import re

import pytest

from approval.services import evidence as files
from approval.views.history import ACTIONS
from tests.app_fixtures import PERIOD, World
from workflows.appraisal import STEPS

URL = f"/my/{PERIOD}"
POINTS = {"plan": "34", "innovation": "17", "training": "9", "summary": "8", "pages": "9", "proposals": "9"}
FULL = {f"points_{code}": points for code, points in POINTS.items()}


def seen_of(page: str) -> str:
    found = re.search(r'name="seen" value="([^"]*)"', page)
    assert found is not None
    return found[1]


def test_an_autosave_answers_with_what_is_kept_now(world: World) -> None:
    copy = world.sign_in("copy")
    seen = seen_of(copy.get(URL))
    body = {
        "csrf_token": copy.token(),
        "seen": seen,
        "points_plan": "33",
        "points_training": "99",
        "summary": "写到一半",
    }
    told = copy.client.post(f"{URL}/draft", data=body)
    assert told.status_code == 200
    page = copy.get(URL)
    assert 'value="33"' in page
    assert "写到一半" in page
    assert 'value="99"' not in page, "a box with an error keeps its last good value"
    assert told.get_json()["fields"]["seen"] == seen_of(page)


def test_a_draft_over_a_newer_draft_is_refused_and_both_are_shown(world: World) -> None:
    phone, desk = world.sign_in("copy"), world.sign_in("copy")
    seen = seen_of(phone.get(URL))
    desk.post(URL, {**FULL, "seen": seen})
    page = phone.post(URL, {**FULL, "points_plan": "20", "seen": seen}, status=409)
    assert 'value="20"' in page
    assert "现在保存的：34" in page
    assert phone.client.post(f"{URL}/draft", data={"csrf_token": phone.token(), "seen": seen}).status_code == 409
    phone.post(URL, {**FULL, "points_plan": "20", "seen": seen_of(page)})
    assert 'value="20"' in desk.get(URL)


def test_what_was_read_before_submitting_is_what_is_submitted(world: World) -> None:
    phone, desk = world.sign_in("copy"), world.sign_in("copy")
    confirm = phone.post(URL, {**FULL, "do": "submit"})
    desk.post(URL, {**FULL, "points_plan": "40", "seen": seen_of(desk.get(URL))})
    phone.post(f"{URL}/submit", {"seen": seen_of(confirm)}, status=409)
    assert world.month("copy").state == "self_assessment"


def test_a_draft_is_nobody_elses_business(world: World) -> None:
    copy = world.sign_in("copy")
    copy.post(URL, {**FULL, "note_plan": "还没想好的说明", "summary": "还没想好的小结"})
    number = world.month("copy").id
    for name in ("lead", "head", "gm", "hr", "auditor"):
        for page in ("", "/log", "/print"):
            text = world.sign_in(name).get(f"/appraisals/{number}{page}")
            assert "还没想好" not in text, f"{name} {page}"


def test_a_step_of_another_office_has_no_button(world: World) -> None:
    copy, number = world.sign_in("copy"), world.month("copy").id
    copy.post(URL, FULL)
    copy.post(f"{URL}/submit")
    assert f"/appraisals/{number}/return_to_employee" in world.sign_in("lead").get(f"/appraisals/{number}")
    for name in ("copy", "auditor", "head"):
        page = world.sign_in(name).get(f"/appraisals/{number}")
        assert "/return_to_employee" not in page
        assert "/close_scores" not in page
    for name in ("copy", "head", "auditor"):
        reason = {"reason": "我想退回"}
        world.sign_in(name).post(f"/appraisals/{number}/return_to_employee", reason, status=409)
    assert world.month("copy").state == "sampling"


def test_a_return_without_a_reason_is_refused_where_it_was_typed(world: World) -> None:
    copy, number = world.sign_in("copy"), world.month("copy").id
    copy.post(URL, FULL)
    copy.post(f"{URL}/submit")
    page = world.sign_in("lead").post(f"/appraisals/{number}/return_to_employee", {"reason": "  "}, status=422)
    assert "请填写这一项" in page
    assert '<details class="k-do" open>' in page
    assert world.month("copy").state == "sampling"


def test_a_decision_about_a_month_that_moved_on_is_refused(world: World) -> None:
    copy, lead, number = world.sign_in("copy"), world.sign_in("lead"), world.month("copy").id
    copy.post(URL, FULL)
    copy.post(f"{URL}/submit")
    version = str(world.month("copy").version)
    copy.post(f"{URL}/withdraw")
    copy.post(f"{URL}/submit")
    stale = {"reason": "请补充", "version": version}
    assert "别人刚刚改过" in lead.post(f"/appraisals/{number}/return_to_employee", stale, status=409)


def test_hr_voids_a_month_with_a_reason_and_nobody_his_own(world: World) -> None:
    number = world.month("cs").id
    world.sign_in("lead").post(f"/appraisals/{number}/cancel", {"reason": "错了"}, status=409)
    world.sign_in("hr").post(f"/appraisals/{number}/cancel", {"reason": "重复开启"})
    assert world.month("cs").state == "cancelled"
    assert "已作废" in world.sign_in("cs").get(URL)


@pytest.mark.parametrize("name", ["shipper"])
def test_a_post_without_sampling_is_scored_item_by_item(world: World, name: str) -> None:
    boss, number = world.sign_in("other_head"), world.month(name).id
    page = boss.get(f"/appraisals/{number}")
    boxes = re.findall(r'name="(points_\w+)"[^>]*data-max="([\d.]+)"', page)
    assert boxes
    too_much = {box: "999" for box, _most in boxes}
    again = boss.post(f"/appraisals/{number}/items", too_much, status=422)
    assert 'value="999"' in again
    boss.post(f"/appraisals/{number}/items", dict(boxes))
    assert "评分已保存" in boss.post(f"/appraisals/{number}/items", {box: "1" for box, _most in boxes})
    stale = {**{box: "2" for box, _most in boxes}, "seen": "0"}
    assert 'value="2"' in boss.post(f"/appraisals/{number}/items", stale, status=409)
    own = world.sign_in(name)
    own.post(f"/appraisals/{number}/items", too_much, status=422)
    own.post(f"/appraisals/{number}/items", dict(boxes), status=409)


def test_every_step_of_a_month_has_its_words_in_the_log() -> None:
    assert {f"appraisal:{step.trigger}" for step in STEPS} <= set(ACTIONS)


def test_a_month_keeps_at_most_twenty_files(world: World) -> None:
    act, month = world.act("copy"), world.month("copy")
    for n in range(files.MOST_FILES):
        files.attach(act, month, "plan", f"{n}.txt", "text/plain", f"{n}".encode())
    again = files.attach(act, month, "plan", "0.txt", "text/plain", b"0")
    assert again.sha256 == files.evidence_of(act, month)[0].sha256, "the same file twice is one file"
    with pytest.raises(ValueError, match="附件已有 20 个"):
        files.attach(act, month, "plan", "more.txt", "text/plain", b"more")


def test_the_form_on_paper_has_four_boxes_and_says_that_it_is_a_draft(world: World) -> None:
    page = world.sign_in("copy").get(f"/appraisals/{world.month('copy').id}/print")
    assert page.count("签名：") == 4
    assert 'data-mark="草稿"' in page
    assert page.count("k-write") == 2, "no talk is kept yet: lines to write on"


def test_the_record_names_the_policy_that_was_frozen(world: World) -> None:
    page = world.sign_in("copy").get(f"/appraisals/{world.month('copy').id}/log")
    assert "planning-C-1/1" not in page
    assert "第 1 版" in page
