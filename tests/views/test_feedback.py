"""The pages of one-to-one feedback, and the strip of a process: derived from the records, with what comes next."""

from __future__ import annotations

from sqlalchemy import select

from approval.models.cycle import Cycle
from approval.models.feedback import Feedback
from tests.app_fixtures import World
from tests.quarter.test_quarter_and_year import compile_all, of, quarter

__all__ = ["quarter"]
TALK = {"seen": "0", "held_on": "2027-01-04", "discussed": "看了三个月的得分", "agreed": "发货前核对地址"}


def review(world: World, name: str = "cs") -> int:
    month = of(world, name, "2026-Q4")
    number = month.id
    world.fresh()
    world.sign_in("head").post(f"/appraisals/{number}/pass_review", {"back": "/inbox"})
    return number


def test_a_quarter_of_the_four_classes_wants_its_talk(quarter: World) -> None:
    compile_all(quarter)
    number = review(quarter)
    lead, cs = quarter.sign_in("lead"), quarter.sign_in("cs")
    assert "与 马骏 谈 2026年第4季度 的考核结果并登记反馈" in lead.get("/inbox")
    page = lead.get(f"/feedback/{number}")
    assert "建议在反馈里约定培训或辅导" in page, "68.25 is the third class of four"
    assert "建议在反馈里约定培训或辅导" not in cs.get(f"/feedback/{number}")
    page = lead.post(f"/feedback/{number}", {**TALK, "agreed": ""}, status=422)
    assert "看了三个月的得分" in page
    assert "请填写这一项" in page
    assert "反馈已登记" in lead.post(f"/feedback/{number}", TALK)
    assert "请写下您的意见" in cs.post(f"/feedback/{number}/answer", {"answer": "comment"}, status=422)
    assert "本人有意见" in cs.post(f"/feedback/{number}/answer", {"answer": "comment", "comment": "十月请了假"})
    assert "十月请了假" in lead.get(f"/feedback/{number}")
    assert "本人已确认" in cs.post(f"/feedback/{number}/answer", {"answer": "confirm"})
    paper = cs.get(f"/appraisals/{number}/print")
    assert "看了三个月的得分" in paper, "the printed form carries the talk"
    assert "十月请了假" in paper
    quarter.fresh()
    assert quarter.session.scalars(select(Feedback)).one().comment == "十月请了假"


def test_others_find_no_talk_and_cannot_write_one(quarter: World) -> None:
    compile_all(quarter)
    number = review(quarter)
    quarter.sign_in("cs2").get(f"/feedback/{number}", status=404)
    quarter.sign_in("cs2").post(f"/feedback/{number}", TALK, status=404)
    quarter.sign_in("hr").post(f"/feedback/{number}", TALK, status=409)
    assert "看了三个月的得分" not in quarter.sign_in("cs").post(f"/feedback/{number}", TALK, status=409)
    quarter.fresh()
    assert quarter.session.scalars(select(Feedback)).all() == []


def test_the_strip_says_how_far_the_process_is_and_what_comes_next(quarter: World) -> None:
    opened = quarter.session.scalars(select(Cycle.id).where(Cycle.period == "2026-Q4")).one()
    quarter.fresh()
    hr = quarter.sign_in("hr")
    page = hr.get(f"/cycles/{opened}")
    assert "还没有年度目标" in page
    assert "0/6 人已复核" in page
    assert "下一步：汇总得分，由部门负责人复核" in page, "the period is over: targets are not what comes next"
    compile_all(quarter)
    number = review(quarter)
    page = hr.get(f"/cycles/{opened}")
    assert "1/6 人已复核 · 赵立新 D0012 · 1月4日" in page
    assert "0/6 人已反馈" in page
    own = quarter.sign_in("cs").get(f"/appraisals/{number}")
    assert "1/1 人已复核" in own
    assert own.index("方案规定的步骤") < own.index("1/1 人已复核") < own.index("这张考核单的进度")
    assert "下一步：主管与本人一对一反馈并登记，本人确认" in own


def test_a_month_whose_policy_names_no_steps_has_no_strip(published: World) -> None:
    opened = published.session.scalars(select(Cycle.id)).first()
    published.fresh()
    assert "人已复核" not in published.sign_in("hr").get(f"/cycles/{opened}")
