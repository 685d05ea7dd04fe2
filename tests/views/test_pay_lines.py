"""Pay lines and scope written without a programmer: lines from everyday forms, factors picked, ticks for whom it is."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest

from approval.models.policy import PolicyVersion
from approval.rules.policy import Policy, chosen, load
from approval.rules.policy_lint import lints
from approval.services import policy
from approval.services.versions import policy_with_readings
from tests.app_fixtures import Browser, World
from tests.views.test_policy import words
from tests.views.test_policy_figures import boxes

OLD, NEW = "/policies/planning-C-1/1", "/policies/planning-C-1/2"
LINES = f"{NEW}/lines"
ALLOWANCE, BONUS = 3, 2  # the places of these lines in the policy of the copy planner
SCALE = {"scale-zh": "送货系数", "scale-below_0": "60", "scale-value_0": "0", "scale-below_1": "80"}
SCALE |= {"scale-value_1": "60%", "scale-last": "1"}


def drafted(world: World, name: str = "hr") -> Browser:
    browser = world.sign_in(name)
    browser.post(f"{OLD}/next")
    return browser


def typed(page: str) -> dict[str, Any]:
    """Every box and every tick of the form as a browser would send it."""
    found: dict[str, Any] = dict(boxes(page))
    form = page[page.index('id="edit"') :]
    for tag in re.findall(r"<input [^>]*>", form):
        told = dict(re.findall(r'(\w[\w-]*)="([^"]*)"', tag))
        if told.get("type") == "checkbox" and re.search(r"\bchecked\b", tag):
            found.setdefault(html.unescape(told["name"]), []).append(html.unescape(told["value"]))
    return found


def kept(world: World) -> PolicyVersion:
    world.fresh()
    return world.session.query(PolicyVersion).filter_by(code="planning-C-1", number=2).one()


def now(world: World) -> Policy:
    return policy_with_readings(kept(world))


def blocks(policy_: Policy) -> list[str]:
    return [str(one) for one in lints(policy_) if one.severity == "block"]


def test_the_page_tells_every_line_with_its_factors_and_for_whom_the_policy_is(world: World) -> None:
    page = drafted(world).get(LINES)
    told = words(page)
    for part in ("基本工资 × 实际出勤天数 ÷ 应出勤天数（最多 1）", "绩效奖比例（按绩效分数）", "不发放的情形"):
        assert part in told
    sent = typed(page)
    assert (sent["departments"], sent["positions"], sent["zh/0"]) == (["策划部"], ["C-1"], "基本工资")
    assert "all_departments" not in sent
    for link in (NEW, f"{NEW}/figures", f"{NEW}/edit"):
        assert f'href="{LINES}"' in drafted_page(world, link)


def drafted_page(world: World, path: str) -> str:
    return world.sign_in("hr").get(path)


def test_names_and_scope_are_changed_by_ticks(world: World) -> None:
    browser = drafted(world)
    sent = typed(browser.get(LINES)) | {"zh": "策划部方案", "en": "Planning", "departments": ["策划部", "客服部"]}
    sent |= {"all_positions": "y", "left_out": ["部长"], f"zh/{ALLOWANCE}": "生活补贴"}
    browser.post(LINES, sent)
    version = kept(world)
    scope = now(world).raw["scope"]
    assert (version.name, version.name_en) == ("策划部方案", "Planning")
    assert scope == {"departments": ["策划部", "客服部"], "positions": ["*"], "exclude_positions": ["部长"]}
    assert now(world).components[ALLOWANCE]["zh"] == "生活补贴"
    assert str(version.effective_from) == "2026-12-01", "the first day stays as it was"


def test_a_head_is_told_in_words_what_is_not_his_and_keeps_what_he_typed(world: World) -> None:
    browser = drafted(world, "head")
    sent = typed(browser.get(LINES)) | {"departments": ["策划部", "发货部"], "zh": "两个部门"}
    page = browser.post(LINES, sent, status=422)
    assert "部门负责人只能起草自己部门的方案；发货部不归您负责" in words(page)
    again = typed(page)
    assert (sorted(again["departments"]), again["zh"]) == (["发货部", "策划部"], "两个部门")
    told = json.loads(browser.post(f"{LINES}/check", sent, status=200))
    assert told["blocked"]
    assert "发货部不归您负责" in told["faults"]
    browser.post(LINES, again | {"departments": ["策划部"]})
    assert now(world).zh == "两个部门"
    world.sign_in("other_head").get(LINES, status=404)
    world.sign_in("cs").get(LINES, status=403)


FORMS = {
    "fixed": ({"value": "200"}, "200"),
    "attended": ({"value": "200"}, "交通补贴标准 200 × 实际出勤天数 ÷ 应出勤天数（最多 1）"),
    "scored": ({"standard": "bonus", "scale": "bonus_rate"}, "绩效奖金 300 × 绩效奖比例（按绩效分数）"),
    "scored_attended": ({"each": "y", "scale": "bonus_rate"}, "交通补贴标准 × 绩效奖比例"),
    "weighed": ({"value": "200", "figure_zh": "任务系数", "unit": "factor"}, "交通补贴标准 200 × 任务系数"),
    "counted": ({"value": "1.5", "figure_zh": "送货单数", "unit": "count"}, "送货单数 × 交通补贴单价 1.5"),
    "shared": ({"value": "2%", "figure": "sales"}, "销售额 × 交通补贴比例 0.02"),
    "entered": ({"figure_zh": "补发金额", "unit": "money"}, "补发金额"),
    "pool_share": ({}, "奖金池份额"),
}


@pytest.mark.parametrize(("form", "told"), FORMS.items(), ids=FORMS)
def test_a_line_is_added_from_an_everyday_form_and_says_that_it_is_the_companys_own(
    world: World, form: str, told: tuple[dict[str, str], str]
) -> None:
    browser = drafted(world)
    asked = {f"new-{form}-{name}": value for name, value in ({"zh": "交通补贴", "en": "Transport"} | told[0]).items()}
    page = browser.post(LINES, typed(browser.get(LINES)) | asked | {"row": f"line:{form}"}, status=200)
    assert told[1] in words(page)
    assert "components" in kept(world).source
    assert "交通补贴" not in kept(world).source, "nothing is stored before it is saved"
    browser.post(LINES, typed(page))
    line = now(world).components[-1]
    assert (line["zh"], line["en"], line["rules"]) == ("交通补贴", "Transport", ["company"])
    assert re.fullmatch(r"line\d+_1", line["code"])
    assert blocks(now(world)) == []
    shown = words(browser.get(NEW))
    assert told[1] in shown
    assert "依据 公司自定" in shown


def test_what_a_form_lacks_is_told_at_its_box_and_everything_typed_stays(world: World) -> None:
    browser = drafted(world)
    sent = typed(browser.get(LINES)) | {"new-counted-zh": "送货提成", "row": "line:counted", "new-fixed-zh": "餐补"}
    page = browser.post(LINES, sent | {"zh/0": "底薪项"}, status=422)
    told = words(page)
    assert "请给这项数据起个名称，或选用已有的数据" in told
    assert "请填写数值，或勾选“由公司逐人设定”" in told
    again = typed(page)
    assert (again["new-counted-zh"], again["new-fixed-zh"], again["zh/0"]) == ("送货提成", "餐补", "底薪项")
    page = browser.post(LINES, again | {"new-counted-value": "-3", "row": "line:counted"}, status=422)
    assert "请填写不小于 0 的数；要扣减请用“奖惩”" in words(page)
    good = typed(page) | {"new-counted-value": "3", "new-counted-figure_zh": "单数", "row": "line:counted"}
    page = browser.post(LINES, good, status=200)
    again = typed(page)
    assert (again["new-counted-zh"], again["new-fixed-zh"], again["zh/0"]) == ("", "餐补", "底薪项")
    page = browser.post(LINES, again, status=422)
    assert "“固定金额”里填写的还没有加上" in words(page)
    browser.post(LINES, typed(page) | {"new-fixed-zh": ""})
    assert [line["zh"] for line in now(world).components][-1] == "送货提成"


def test_the_same_money_is_never_paid_by_two_lines(world: World) -> None:
    browser = drafted(world)
    sent = typed(browser.get(LINES)) | {"new-rewards-zh": "奖惩", "row": "line:rewards"}
    assert "“特殊奖励”已经发放这笔金额；同一笔钱不能发两次" in words(browser.post(LINES, sent, status=422))


def test_a_scale_is_made_and_a_line_multiplied_by_it_and_its_bands_are_on_the_figures_page(world: World) -> None:
    browser = drafted(world)
    page = browser.post(LINES, typed(browser.get(LINES)) | SCALE | {"row": "scale"}, status=200)
    code = next(value for value in re.findall(r'value="(scale:[^"]*)"', page) if value != "scale:bonus_rate")
    page = browser.post(LINES, typed(page) | {f"add/{ALLOWANCE}": code, "row": f"factor:{ALLOWANCE}"}, status=200)
    assert "补贴 300 × 送货系数（按绩效分数）" in words(page)
    assert typed(page)["own"] == "allowance_proration"
    browser.post(LINES, typed(page))
    pieces = now(world).scales[code.removeprefix("scale:")]["pieces"]
    assert pieces == [{"lt": "60", "value": "0"}, {"lt": "80", "value": "0.6"}, {"value": "1"}]
    assert json.loads(kept(world).choices)["allowance_proration"] == "company"
    assert "送货系数" in words(browser.get(f"{NEW}/figures"))


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ({"scale-zh": ""}, "请填写这一项"),
        ({"scale-below_1": "50"}, "各档的分数须从低到高"),
        ({"scale-value_1": ""}, "每一档须同时填写分数和取值"),
        ({"scale-below_0": "", "scale-value_0": "", "scale-below_1": "", "scale-value_1": ""}, "至少填写一档"),
        ({"scale-last": "一"}, "“一”不是数字"),
        ({"scale-below_1": "101"}, "在 0 到 100 之间"),
    ],
)
def test_a_scale_that_does_not_hold_together_is_refused_with_the_remedy(
    world: World, bad: dict[str, str], why: str
) -> None:
    browser = drafted(world)
    page = browser.post(LINES, typed(browser.get(LINES)) | SCALE | bad | {"row": "scale"}, status=422)
    assert why in words(page)
    assert {name: typed(page)[name] for name in SCALE} == SCALE | bad


def test_a_factor_goes_and_a_constant_comes(world: World) -> None:
    browser = drafted(world)
    page = browser.post(LINES, typed(browser.get(LINES)) | {"row": f"drop:factor:{BONUS}:1"}, status=200)
    sent = typed(page) | {f"add/{BONUS}": "const", "row": f"factor:{BONUS}"}
    assert "请填写固定系数的数值" in words(browser.post(LINES, sent, status=422))
    fined = browser.post(LINES, sent | {f"const/{BONUS}": "-20"}, status=422)
    assert "要扣减请用“奖惩”" in words(fined), "a fine is no pay line"
    page = browser.post(LINES, sent | {f"const/{BONUS}": "1.2"}, status=200)
    assert "绩效奖金 300 × 1.2" in words(page)
    assert "没有用到的" in words(page)
    page = browser.post(LINES, typed(page) | {"row": "drop:part:scales:bonus_rate"}, status=200)
    assert "没有用到的" not in words(page)
    browser.post(LINES, typed(page))
    line = now(world).components[BONUS]
    assert line["rules"] == ["R138", "R140", "company"]
    assert now(world).scales == {}
    assert "tiers" not in {one.code for one in now(world).options}


def test_a_line_that_goes_takes_its_readings_and_what_only_it_asked_for(world: World) -> None:
    browser = drafted(world)
    page = browser.post(LINES, typed(browser.get(LINES)) | {"row": "drop:line:1"}, status=200)
    browser.post(LINES, typed(page))
    policy_ = now(world)
    assert [line["code"] for line in policy_.components] == ["base", "performance_bonus", "allowance", "special_reward"]
    assert not {"full_attendance", "absence_one_day", "fa_base"} & {one.code for one in policy_.options}
    assert not {"late", "early", "leave", "absent_days"} & policy_.inputs.keys()
    assert blocks(policy_) == []


def test_a_condition_is_taken_away(world: World) -> None:
    browser = drafted(world)
    page = browser.post(LINES, typed(browser.get(LINES)) | {"row": "drop:unless:1"}, status=200)
    assert "不发放的情形" not in words(page)
    browser.post(LINES, typed(page))
    assert "unless" not in now(world).components[1]


def test_somebody_elses_change_in_between_is_not_overwritten_unseen(world: World) -> None:
    browser = drafted(world)
    sent = typed(browser.get(LINES)) | {"zh": "我的名称"}
    version = kept(world)
    policy.edit_source(world.act("gm"), version, version.version, version.source.replace('"300"', '"310"', 1))
    world.session.commit()
    page = browser.post(LINES, sent, status=409)
    assert "别人刚刚改过" in page
    assert typed(page)["zh"] == "我的名称"
    browser.post(LINES, typed(page))
    assert now(world).zh == "我的名称"


def test_the_page_can_be_read_and_refuses_in_english(world: World) -> None:
    browser = drafted(world)
    browser.post("/language", {"locale": "en", "next": "/inbox"})
    page = browser.get(LINES)
    assert "Pay lines and scope" in page
    assert "Not paid" in words(page)
    form = page[page.index('id="h-lines"') : page.index("<aside")]
    assert set(re.findall("[\u4e00-\u9fff]+", re.sub(r'value="[^"]*"', "", form))) == set()
    sent = typed(browser.get(LINES)) | {"new-fixed-zh": "Meals", "row": "line:fixed"}
    refused = words(browser.post(LINES, sent, status=422).partition("<textarea")[0])
    assert "Set by the company for each person" in refused
    assert not re.search("请|填写", refused)


@pytest.mark.parametrize(
    "sent",
    [
        {"source": "a = = 1"},
        {"source": ""},
        {"row": "drop:line:99"},
        {"row": "drop:line:x"},
        {"row": "drop:factor:0"},
        {"row": "drop:factor:0:9"},
        {"row": "drop:factor:4:0"},
        {"row": "drop:unless:0"},
        {"row": "drop:part:params:base"},
        {"row": "drop:part:nothing:x"},
        {"row": "factor:0", "add/0": "param:nothing"},
        {"row": "factor:77"},
        {"row": "line:nothing"},
        {"row": "line:scored", "new-scored-zh": "x", "new-scored-scale": "nothing", "new-scored-value": "1"},
        {"row": "nonsense"},
        {"version": "x"},
        {"own": "nothing"},
        {"zh": ""},
        {"zh/1": "长" * 500},
        {"departments": "火星部"},
        {"departments": "", "positions": ""},
    ],
)
def test_whatever_is_sent_gets_an_answer_and_stores_nothing_in_part(world: World, sent: dict[str, str]) -> None:
    browser = drafted(world)
    before = kept(world).source
    data = typed(browser.get(LINES)) | sent
    status = browser.client.post(LINES, data={"csrf_token": browser.token(), **data}).status_code
    assert status in (200, 303, 409, 422)
    after = kept(world).source
    assert after == before or status == 303
    assert chosen(load(after), json.loads(kept(world).choices)).code == "planning-C-1"
