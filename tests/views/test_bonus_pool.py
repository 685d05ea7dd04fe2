"""The pages of the pool beyond the story: drafts saved quietly, pools opened, cycles without one, lists by office."""

from __future__ import annotations

from approval.services import appraisal
from tests.app_fixtures import World
from tests.month.test_5_split import page_of, typed
from tests.stages import assess, bring_figures, cycle_of, pool_of, score


def test_a_draft_is_saved_quietly_and_the_next_save_is_no_conflict(ended: World) -> None:
    head = ended.sign_in("head")
    head.post(page_of(ended) + "/propose", {"method": "equal"})
    quiet = {"X-Requested-With": "fetch"}
    form = typed(ended, cs=123_400) | {"csrf_token": head.token(), "once": "one page"}
    answer = head.client.post(page_of(ended) + "/shares", data=form, headers=quiet)
    assert answer.status_code == 200
    seen = answer.get_json()["fields"]["seen"]
    assert seen == str(pool_of(ended).version)
    head.post(page_of(ended) + "/shares", typed(ended, cs=123_500) | {"seen": seen, "once": "one page"})
    wrong = head.client.post(page_of(ended) + "/shares", data=form | {"seen": "1", "once": ""}, headers=quiet)
    assert (wrong.status_code, "没有保存" in wrong.get_json()["error"]) == (409, True)


def test_an_empty_pool_says_what_comes_next_and_for_whom(closed: World) -> None:
    head = closed.sign_in("head")
    head.post(f"/bonus-pools/open/{cycle_of(closed).id}", status=303)
    page = f"/bonus-pools/{pool_of(closed).id}"
    assert "下一步：填写奖金池金额、完成率和依据" in head.get(page)
    assert "提交之后由总经理批准" in closed.sign_in("gm").get(page)


def test_a_stale_list_of_people_cannot_be_posted_over_a_newer_one(ended: World) -> None:
    head = ended.sign_in("head")
    head.post(page_of(ended) + "/propose", {"method": "equal"})
    form = typed(ended)
    form.pop(f"share_{ended.employee('cs').id}")
    assert "没有填写不等于 0 元" in head.post(page_of(ended) + "/submit", form, status=422)


def test_an_unknown_method_is_refused_in_words(ended: World) -> None:
    page = ended.sign_in("head").post(page_of(ended) + "/propose", {"method": "by_mood"}, status=422)
    assert "请选择一种起草方法" in page


def test_who_reads_the_list_and_who_does_not(submitted: World) -> None:
    for name in ("head", "gm", "finance", "hr", "auditor"):
        assert "¥17,100.00" in submitted.sign_in(name).get("/bonus-pools")
    assert "¥17,100.00" not in submitted.sign_in("other_head").get("/bonus-pools")
    submitted.sign_in("lead").get("/bonus-pools", status=403)
    assert "等您批准" not in submitted.sign_in("gm").get("/approvals")
    submitted.sign_in("finance").get("/approvals", status=403)


def test_the_auditor_reads_the_decision_but_has_no_button(submitted: World) -> None:
    page = submitted.sign_in("auditor").get(f"/approvals/{pool_of(submitted).id}")
    assert "壹万柒仟壹佰元整" in page
    assert "确认批准" not in page
    submitted.sign_in("auditor").post(page_of(submitted) + "/approve", status=403)


def test_a_cycle_without_a_pool_goes_to_payout_on_the_heads_word(ended: World) -> None:
    ended.clock.go_to(cycle_of(ended).last_on.replace(month=11, day=2))
    for name in ("shipper", "other_head"):
        assess(ended, name)
        score(ended, name)
        bring_figures(ended, name)
        appraisal.pass_review(ended.act("gm" if name == "other_head" else "other_head"), ended.month(name))
    ended.clock.go_to(cycle_of(ended).last_on.replace(month=11, day=9))
    for name in ("shipper", "other_head"):
        appraisal.end_publication(ended.act("hr"), ended.month(name))
    ended.session.commit()
    head, cycle = ended.sign_in("other_head"), cycle_of(ended, "发货部")
    assert "没有奖金池，进入发放" in head.get("/bonus-pools")
    ended.sign_in("head").post(f"/bonus-pools/without/{cycle.id}", status=404)
    assert "已算出 2 人的工资" in head.post(f"/bonus-pools/without/{cycle.id}")
    assert ended.month("shipper").state == "payout"
    head.post(f"/bonus-pools/open/{cycle.id}", status=409)


def test_the_way_without_a_pool_is_shut_where_there_is_one(ended: World) -> None:
    page = ended.sign_in("head").post(f"/bonus-pools/without/{cycle_of(ended).id}")
    assert "总经理还没有批准奖金分配" in page
    assert ended.month("cs").state == "split_approval"


def test_a_head_opens_the_pool_of_his_own_department_only(closed: World) -> None:
    cycle = cycle_of(closed)
    closed.sign_in("other_head").post(f"/bonus-pools/open/{cycle.id}", status=404)
    assert "未填写" in closed.sign_in("head").post(f"/bonus-pools/open/{cycle.id}")
