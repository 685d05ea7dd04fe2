"""Chapter 3: the head reviews what was scored; his own month goes to the general manager; nothing is overwritten."""

from __future__ import annotations

import re

from tests.app_fixtures import World
from tests.stages import TEAM, assess, cycle_of


def bench(world: World) -> str:
    cycle = cycle_of(world)
    return f"/departments/{cycle.department_id}/{cycle.period}"


def ids(world: World, *names: str) -> list[int]:
    return [world.month(name).id for name in names]


def test_the_head_sees_everybody_with_scores_and_what_stands_out(closed: World) -> None:
    page = closed.sign_in("head").get(bench(closed))
    for name in TEAM:
        assert closed.employee(name).number in page
    assert str(closed.month("cs").score) in page
    assert "自评与主管相差" in page
    assert "本人的考核由总经理复核" in page


def test_the_head_passes_the_ticked_and_nobody_else(closed: World) -> None:
    head = closed.sign_in("head")
    page = head.post(bench(closed) + "/pass", {"appraisal": ids(closed, "cs2", "copy")})
    assert "已通过 2 人" in page
    assert {name: closed.month(name).state for name in TEAM} == {
        "head": "department_review",
        "lead": "department_review",
        "cs": "department_review",
        "cs2": "publication",
        "copy": "publication",
        "ops": "department_review",
    }


def test_one_button_passes_those_in_whom_nothing_stands_out(closed: World) -> None:
    closed.sign_in("head").post(bench(closed) + "/pass", {"which": "plain"})
    assert closed.month("copy").state == "publication"
    assert closed.month("cs").state == "department_review"
    assert closed.month("head").state == "department_review"


def test_the_heads_own_month_is_passed_by_the_general_manager_only(closed: World) -> None:
    head, own = closed.sign_in("head"), closed.month("head")
    page = head.post(bench(closed) + "/pass", {"appraisal": own.id})
    assert "不能审核自己的考核单" in page
    head.post(f"/appraisals/{own.id}/pass_review", status=409)
    assert closed.month("head").state == "department_review"
    gm = closed.sign_in("gm")
    assert own.employee.number in gm.get("/departments")
    gm.post(f"/appraisals/{own.id}/pass_review", {"back": "/departments"})
    assert closed.month("head").state == "publication"


def test_a_return_starts_a_new_round_and_the_old_one_stays_readable(closed: World) -> None:
    head, month = closed.sign_in("head"), closed.month("cs")
    before = month.score
    head.post(f"/appraisals/{month.id}/return_to_supervisor", {"reason": "第二周样本评分偏低，请复核"})
    again = closed.month("cs")
    assert (again.state, again.round, again.score) == ("sampling", 2, None)
    assert "第二周样本评分偏低，请复核" in head.get(f"/appraisals/{month.id}")
    page = closed.sign_in("lead").get(f"/appraisals/{month.id}")
    assert "第 1 轮" in page
    assert "61.00" in page
    assert before is not None


def test_after_a_return_the_head_still_reads_the_old_rounds_scores_and_none_of_the_open_one(closed: World) -> None:
    month = closed.month("cs")
    given = f"{month.supervisor_score:.2f}"
    head = closed.sign_in("head")
    head.post(f"/appraisals/{month.id}/return_to_supervisor", {"reason": "第二周样本评分偏低，请复核"})
    page = head.get(f"/appraisals/{month.id}")
    rounds = page.split('id="h-rounds"', 1)[1].split("</table>", 1)[0]
    first, second = (row for row in rounds.split("<tr>") if " 轮" in row)
    assert given in first
    assert given not in second


def test_a_return_without_a_reason_is_refused_on_the_same_page(closed: World) -> None:
    head, month = closed.sign_in("head"), closed.month("cs")
    page = head.post(f"/appraisals/{month.id}/return_to_supervisor", {"reason": "  "}, status=422)
    assert "请填写这一项" in page
    assert closed.month("cs").state == "department_review"


def test_the_head_can_return_to_the_employee_as_well(closed: World) -> None:
    month = closed.month("copy")
    closed.sign_in("head").post(f"/appraisals/{month.id}/review/return_to_employee", {"reason": "请补充小结"})
    assert closed.month("copy").state == "self_assessment"
    assert "请补充小结" in closed.sign_in("copy").get(f"/appraisals/{month.id}")


def test_another_head_and_an_employee_find_no_such_table(closed: World) -> None:
    closed.sign_in("other_head").get(bench(closed), status=404)
    closed.sign_in("cs").get(bench(closed), status=403)
    month = closed.month("cs")
    closed.sign_in("other_head").post(f"/appraisals/{month.id}/pass_review", status=404)
    closed.sign_in("lead").post(f"/appraisals/{month.id}/pass_review", status=409)
    assert closed.month("cs").state == "department_review"


def test_the_same_button_twice_has_one_effect(closed: World) -> None:
    head = closed.sign_in("head")
    body = {"appraisal": ids(closed, "cs"), "once": "the same key", "csrf_token": head.token()}
    first = head.client.post(bench(closed) + "/pass", data=body)
    again = head.client.post(bench(closed) + "/pass", data=body)
    assert (first.status_code, again.status_code) == (303, 303)
    assert first.location == again.location
    assert closed.month("cs").state == "publication"
    assert "已通过 1 人" in head.get(first.location)


def test_a_month_passed_in_another_window_is_told_and_not_passed_twice(closed: World) -> None:
    one, other = closed.sign_in("head"), closed.sign_in("head")
    seen = closed.month("cs").version
    one.post(f"/appraisals/{closed.month('cs').id}/pass_review", {"version": seen})
    page = other.post(f"/appraisals/{closed.month('cs').id}/pass_review", {"version": seen}, status=409)
    assert "别人刚刚改过" in page


def test_the_table_shows_no_scores_before_the_supervisor_has_closed_them(world: World) -> None:
    assess(world, "cs")
    world.session.commit()
    page = world.sign_in("head").get(bench(world))
    assert "90.00" not in page
    assert re.search(r'name="appraisal"', page) is None
