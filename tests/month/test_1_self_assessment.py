"""Chapter 1: the employee assesses his own month."""

from __future__ import annotations

import io
import re

from tests.app_fixtures import PERIOD, World

POINTS = {"plan": "34", "innovation": "17", "training": "9", "summary": "8", "pages": "9", "proposals": "9"}
FULL = {f"points_{code}": points for code, points in POINTS.items()}
URL = f"/my/{PERIOD}"


def _seen(page: str) -> str:
    found = re.search(r'name="seen" value="([^"]*)"', page)
    assert found is not None
    return found[1]


def test_an_employee_fills_in_his_month_and_hands_it_over(world: World) -> None:
    copy = world.sign_in("copy")
    assert "每月最少10个活动描述页面完善无误" in copy.get(URL)
    confirm = copy.post(URL, {**FULL, "note_plan": "12 项任务，11 项按时", "summary": "双十一准备完毕", "do": "submit"})
    assert "请再看一遍" in confirm
    assert world.month("copy").state == "self_assessment", "nothing is handed over before it is confirmed"
    done = copy.post(f"{URL}/submit", {"seen": _seen(confirm)})
    assert "已提交给 周敏" in done
    month = world.month("copy")
    assert (month.state, str(month.self_score)) == ("sampling", "86.00")


def test_customer_service_gives_one_score_for_the_month(world: World) -> None:
    cs = world.sign_in("cs")
    page = cs.get(URL)
    assert "您打多少分" in page
    assert "points_" not in page
    cs.post(URL, {"self_score": "９０.5", "do": "submit"})
    cs.post(f"{URL}/submit")
    assert str(world.month("cs").self_score) == "90.50", "full-width digits are digits"


def test_a_draft_survives_signing_out(world: World) -> None:
    world.sign_in("copy").post(URL, {"points_plan": "33.5", "note_plan": "做完了", "do": "save"})
    page = world.sign_in("copy").get(URL)
    assert 'value="33.5"' in page
    assert "做完了" in page
    assert world.month("copy").state == "self_assessment"


def test_a_missing_item_is_never_taken_as_zero(world: World) -> None:
    copy = world.sign_in("copy")
    page = copy.post(URL, {**FULL, "points_pages": "", "do": "submit"}, status=422)
    assert "没有填写不等于 0 分" in page
    assert 'href="#points_pages"' in page
    assert 'value="34"' in page, "what was typed is kept"
    copy.post(f"{URL}/submit", status=409)
    assert world.month("copy").state == "self_assessment"


def test_points_above_the_most_are_refused_with_the_remedy(world: World) -> None:
    page = world.sign_in("copy").post(
        URL, {**FULL, "points_plan": "41", "note_training": "去了两次", "do": "save"}, status=422
    )
    assert "请填写 0 到 40 之间的数" in page
    assert 'value="41"' in page
    assert "去了两次" in page


def test_what_was_submitted_can_be_withdrawn_until_the_supervisor_closes(world: World) -> None:
    copy = world.sign_in("copy")
    copy.post(URL, {**FULL, "do": "save"})
    copy.post(f"{URL}/submit")
    page = copy.get(URL)
    assert f'action="{URL}/withdraw"' in page
    assert 'name="points_plan"' not in page, "what was handed over is read only"
    copy.post(f"{URL}/withdraw")
    assert world.month("copy").state == "self_assessment"
    copy.post(URL, {**FULL, "points_plan": "30", "do": "save"})
    copy.post(f"{URL}/submit")
    assert str(world.month("copy").self_score) == "82.00"


def test_submitting_twice_has_one_effect(world: World) -> None:
    copy = world.sign_in("copy")
    confirm = copy.post(URL, {**FULL, "do": "submit"})
    key = re.search(r'name="once" value="([^"]+)"', confirm)
    assert key is not None
    form = {"seen": _seen(confirm), "once": key[1]}
    copy.post(f"{URL}/submit", form)
    copy.post(f"{URL}/submit", form)
    assert world.month("copy").audit_seq == 2, "opened, submitted: nothing else"


def test_a_month_that_was_returned_shows_the_reason_and_the_round_before(world: World) -> None:
    copy, lead = world.sign_in("copy"), world.sign_in("lead")
    copy.post(URL, {**FULL, "do": "save"})
    copy.post(f"{URL}/submit")
    number = world.month("copy").id
    lead.post(f"/appraisals/{number}/return_to_employee", {"reason": "请补充第 1 项的说明"})
    page = copy.get(URL)
    assert "请补充第 1 项的说明" in page
    assert "上一轮 34 分" in page
    assert (world.month("copy").state, world.month("copy").round) == ("self_assessment", 2)
    copy.post(URL, {**FULL, "points_plan": "30", "do": "save"})
    copy.post(f"{URL}/submit")
    both = copy.get(f"/appraisals/{number}")
    assert "第 1 轮" in both
    assert "第 2 轮" in both


def test_evidence_is_a_download_for_those_who_may_see_it(world: World) -> None:
    copy = world.sign_in("copy")
    png = b"\x89PNG\r\n\x1a\n" + b"\x00" * 32
    body = {**FULL, "csrf_token": copy.token(), "do": "save", "file_plan": (io.BytesIO(png), "截图.png")}
    answer = copy.client.post(URL, data=body, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.get_data(as_text=True)
    link = re.search(r'href="(/evidence/\d+)"', copy.get(URL))
    assert link is not None
    got = copy.client.get(link[1])
    assert got.data == png
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in got.headers["Content-Security-Policy"]
    lead, stranger = world.sign_in("lead"), world.sign_in("shipper")
    lead.get(link[1], status=404)
    copy.post(f"{URL}/submit")
    assert lead.client.get(link[1]).status_code == 200
    stranger.get(link[1], status=404)


def test_a_file_is_judged_by_its_content(world: World) -> None:
    copy = world.sign_in("copy")
    for name, content in (
        ("a.png", b"<svg onload=alert(1)>"),
        ("a.txt", b"<html>"),
        ("a.pdf", b"\x89PNG\r\n\x1a\n"),
        ("a.pdf", b""),
    ):
        body = {**FULL, "csrf_token": copy.token(), "do": "save", "file_plan": (io.BytesIO(content), name)}
        answer = copy.client.post(URL, data=body, content_type="multipart/form-data")
        assert answer.status_code == 422, name
        assert 'value="34"' in answer.get_data(as_text=True)
    assert "/evidence/" not in copy.get(URL)


def test_a_month_that_is_not_open_says_so(world: World) -> None:
    page = world.sign_in("copy").get("/my/2026-11")
    assert "还没有开启" in page
    world.sign_in("copy").get("/my/2026-13", status=404)
    assert "/my/2026-10" in world.sign_in("copy").get("/my")


def test_nobody_opens_the_month_of_another(world: World) -> None:
    number = world.month("copy").id
    stranger = world.sign_in("cs")
    for page in ("", "/log", "/print"):
        assert "林晓雨" not in stranger.get(f"/appraisals/{number}{page}", status=404)
