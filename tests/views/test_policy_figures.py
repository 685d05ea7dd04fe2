"""A policy written without a programmer: the next version drafted at a button, its figures changed in boxes, checked, kept."""

from __future__ import annotations

import html
import json
import re

import pytest

from approval.models.policy import PolicyVersion
from approval.rules.policy import chosen, load
from approval.rules.policy_lint import lints
from approval.services import policy
from approval.services.versions import policy_with_readings, ticks_of, unread
from tests.app_fixtures import Browser, World
from tests.views.test_policy import words

OLD, NEW = "/policies/planning-C-1/1", "/policies/planning-C-1/2"
FIGURES = f"{NEW}/figures"
TIERS = "options/tiers/choices/monotone/scales.bonus_rate.pieces"
OWN = TIERS.replace("monotone", "company")


def drafted(world: World, name: str = "hr") -> Browser:
    browser = world.sign_in(name)
    browser.post(f"{OLD}/next")
    return browser


def boxes(page: str) -> dict[str, str]:
    """Every box of the form as a browser would send it."""
    form = page[page.index('id="edit"') :]
    found = {}
    for tag in re.findall(r"<input [^>]*>", form):
        told = dict(re.findall(r'(\w[\w-]*)="([^"]*)"', tag))
        if told.get("type") != "checkbox" and "name" in told and told["name"] not in ("csrf_token", "once"):
            found[html.unescape(told["name"])] = html.unescape(told.get("value", ""))
    for name, inner in re.findall(r'<select [^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.S):
        picked = re.search(r'<option selected value="([^"]*)"', inner) or re.search(r'value="([^"]*)"', inner)
        found[html.unescape(name)] = picked[1] if picked else ""
    source = re.search(r'<textarea name="source" hidden>\n(.*?)</textarea>', form, re.S)
    assert source is not None
    return found | {"source": html.unescape(source[1])}


def kept(world: World) -> PolicyVersion:
    world.fresh()
    return world.session.query(PolicyVersion).filter_by(code="planning-C-1", number=2).one()


def test_the_next_version_begins_with_the_next_month_and_keeps_text_and_readings(world: World) -> None:
    browser = drafted(world)
    assert "草稿已建立" in browser.text
    assert "满分之和须为 100" in words(browser.text)
    version, old = kept(world), world.session.query(PolicyVersion).filter_by(code="planning-C-1", number=1).one()
    assert (version.source, version.choices, version.state) == (old.source, old.choices, "draft")
    assert str(version.effective_from) == "2026-12-01"
    assert unread(version) == ()
    assert "第 2 版还是草稿" in browser.post(f"{OLD}/next", status=409)


def test_figures_are_changed_in_boxes_and_pay_from_then_on(world: World) -> None:
    browser = drafted(world)
    typed = boxes(browser.get(FIGURES))
    typed |= {
        "f/params/bonus/value": "３５０",
        "f/appraisal/parts/0/weight": "30%",
        "f/appraisal/parts/1/weight": "0.7",
    }
    page = browser.post(FIGURES, typed | {"effective_from": "2027-01-01"})
    assert "草稿已保存" in page
    version = kept(world)
    now = policy_with_readings(version)
    assert (str(now.params["bonus"].value), [str(one.weight) for one in now.parts]) == ("350", ["0.3", "0.7"])
    assert str(version.effective_from) == "2027-01-01"


def test_a_band_added_and_filled_in_becomes_the_companys_own_reading(world: World) -> None:
    browser = drafted(world)
    page = browser.post(FIGURES, boxes(browser.get(FIGURES)) | {"row": f"add:{TIERS}:2"}, status=200)
    assert "第 4 档永远轮不到" in words(page)
    assert "choices.company" not in kept(world).source, "nothing is stored before it is saved"
    typed = boxes(page)
    assert typed["own"] == "tiers"
    typed |= {f"f/{OWN}/3/upper": "90", f"f/{OWN}/3/value": "0.8"}
    browser.post(FIGURES, typed)
    version = kept(world)
    assert json.loads(version.choices)["tiers"] == "company"
    tick = ticks_of(world.session, version)["tiers"]
    assert (tick.reading, tick.who.name if tick.who else "") == ("company", "何静")
    pieces = policy_with_readings(version).scales["bonus_rate"]["pieces"]
    assert [(one.get("lt", ""), one["value"]) for one in pieces] == [
        ("60", "0"),
        ("70", "0.4"),
        ("80", "0.6"),
        ("90", "0.8"),
        ("", "1"),
    ]
    assert "公司自定" in browser.get(NEW)


def test_what_is_wrong_is_told_at_its_box_and_nothing_typed_is_lost(world: World) -> None:
    browser = drafted(world)
    typed = boxes(browser.get(FIGURES)) | {
        "f/params/bonus/value": "三百",
        "f/params/allowance/value": "",
        "f/kpi/0/max": "45",
        f"s/{TIERS}/1/upper": "le",
        f"f/{TIERS}/1/upper": "七十",
    }
    page = browser.post(FIGURES, typed, status=422)
    assert "“三百”不是数字；请写成 0.25 或 25%" in words(page)
    assert "没有填写不等于 0" in words(page)
    again = boxes(page)
    assert {name: again[name] for name in typed if name.startswith("f/")} == {
        name: value for name, value in typed.items() if name.startswith("f/")
    }
    assert again[f"s/{TIERS}/1/upper"] == "le"
    assert kept(world).source == boxes(browser.get(FIGURES))["source"]


def test_figures_are_checked_while_they_are_typed_and_nothing_is_stored(world: World) -> None:
    browser = drafted(world)
    typed = boxes(browser.get(FIGURES)) | {"f/appraisal/parts/0/weight": "0.35"}
    typed |= {"i.scheduled": "22", "i.actual": "22", "i.score": "85", "i.late": "0", "i.early": "0", "i.leave": "0"}
    typed |= {"i.absent_days": "0", "i.special": "0", "p.base": "3000", "f/params/bonus/value": "400"}
    told = json.loads(browser.post(f"{FIGURES}/check", typed, status=200))
    assert told["blocked"] is True
    assert "评分权重之和是 1.10，必须等于 1" in told["faults"]
    assert "scales." not in told["faults"], "no code of the file where there is no text"
    assert "¥4,000.00" in told["result"]
    assert "0.35" not in kept(world).source


def test_somebody_elses_change_in_between_is_not_overwritten_unseen(world: World) -> None:
    browser = drafted(world)
    typed = boxes(browser.get(FIGURES)) | {"f/params/bonus/value": "350"}
    version = kept(world)
    policy.edit_source(world.act("gm"), version, version.version, version.source.replace('"300"', '"310"', 1))
    world.session.commit()
    page = browser.post(FIGURES, typed, status=409)
    assert "别人刚刚改过" in page
    assert boxes(page)["f/params/bonus/value"] == "350"
    browser.post(FIGURES, boxes(page))
    assert str(policy_with_readings(kept(world)).params["bonus"].value) == "350"


def test_a_head_writes_for_his_own_department_and_for_no_other(world: World) -> None:
    browser = drafted(world, "head")
    browser.post(FIGURES, boxes(browser.get(FIGURES)) | {"f/params/bonus/value": "320"})
    assert str(policy_with_readings(kept(world)).params["bonus"].value) == "320"
    other = world.sign_in("other_head")
    assert "不归您负责" in other.post(f"{OLD}/next", status=409)
    other.get(FIGURES, status=404)
    world.sign_in("cs").get(FIGURES, status=403)
    world.sign_in("cs").post(f"{OLD}/next", status=403)


@pytest.mark.parametrize(
    "typed",
    [
        {"source": "a = = 1"},
        {"source": ""},
        {"source": "x" * 300_000},
        {"row": "drop:nothing:9"},
        {"row": "add:kpi:-1"},
        {"row": f"drop:{TIERS}:99"},
        {"own": "tiers nothing"},
        {"version": "x"},
        {"effective_from": "2026-13-40"},
        {"f/params/bonus/value": "9" * 60},
        {"f/kpi/0/zh": "长" * 500},
        {"f/kpi/0/max": "1e9"},
    ],
)
def test_whatever_is_sent_gets_an_answer_and_stores_nothing_in_part(world: World, typed: dict[str, str]) -> None:
    browser = drafted(world)
    before = kept(world).source
    sent = boxes(browser.get(FIGURES)) | typed
    status = browser.client.post(FIGURES, data={"csrf_token": browser.token(), **sent}).status_code
    assert status in (200, 303, 409, 422)
    after = kept(world).source
    assert after == before or status == 303
    assert chosen(load(after), json.loads(kept(world).choices)).code == "planning-C-1"


def test_what_the_source_does_not_print_is_filled_in_and_ticked_and_then_published(world: World) -> None:
    browser = world.sign_in("hr")
    browser.post("/policies/new", {"shipped": "d15-planning-linear", "effective_from": "2026-12-01"})
    page = browser.get("/policies/planning-linear/1/figures")
    assert "网站的推广成本已由公司确定" in words(page)
    ticks = re.findall(r'name="(x/[^"]*)" type="checkbox"', page)
    assert len(ticks) == 5
    some = boxes(page) | dict.fromkeys(ticks[:4], "y") | {"f/kpi/0/max": "20", "f/kpi/1/max": "40"}
    browser.post("/policies/planning-linear/1/figures", some)
    version = world.session.query(PolicyVersion).filter_by(code="planning-linear").one()
    codes = [lint.path for lint in lints(policy_with_readings(version)) if lint.severity == "block"]
    assert len(codes) == 1
    last = browser.get("/policies/planning-linear/1/figures")
    browser.post("/policies/planning-linear/1/figures", boxes(last) | {ticks[4]: "y"})
    world.fresh()
    version = world.session.query(PolicyVersion).filter_by(code="planning-linear").one()
    policy.choose_readings(world.act("hr"), version, policy.default_readings(version.source))
    policy.review_policy(world.act("gm"), version)
    policy.publish_policy(world.act("gm"), version, official=True)
    assert version.state == "published"


def test_a_point_of_the_library_is_added_filled_in_and_published_with_its_rule_and_target(world: World) -> None:
    browser = drafted(world)
    page = browser.post(FIGURES, boxes(browser.get(FIGURES)) | {"row": "take:kpi:d07/service/resolution"}, status=200)
    assert "问题解决率已由公司确定" in words(page)
    assert "考核指标满分之和是 101，必须等于 100" in words(page)
    typed = boxes(page) | {"f/kpi/6/max": "10", "f/kpi/0/max": "30", "f/kpi/6/target": "九成以上", "x/kpi/6": "y"}
    assert "考核指标满分之和" not in words(browser.post(FIGURES, typed | {"check": "1"}, status=200))
    browser.post(FIGURES, typed)
    item = policy_with_readings(kept(world)).kpi[-1]
    assert (item.zh, str(item.max), item.target, item.rules) == ("问题解决率", "10", "九成以上", ("R058",))
    document = words(browser.get(NEW))
    assert "目标：九成以上" in document
    assert "问题解决率:高效解决客户问题,提高客户满意度" in document
    assert "满分之和须为 100" in words(
        browser.post(FIGURES, boxes(browser.get(FIGURES)) | {"row": "drop:kpi:6"}, status=200)
    )


def test_a_template_that_is_not_there_is_refused_and_what_was_typed_stays(world: World) -> None:
    browser = drafted(world)
    typed = boxes(browser.get(FIGURES)) | {"f/params/bonus/value": "350", "row": "take:kpi:d07/nothing"}
    page = browser.post(FIGURES, typed, status=422)
    assert "指标库里没有" in page
    assert boxes(page)["f/params/bonus/value"] == "350"


def test_an_indicator_of_the_library_is_added_and_another_taken_away(world: World) -> None:
    browser = world.sign_in("hr")
    browser.post("/policies/new", {"shipped": "d14-quarterly-category", "effective_from": "2027-01-01"})
    place = "/policies/quarterly-category/1/figures"
    page = browser.post(
        place, boxes(browser.get(place)) | {"row": "take:indicators:d07/operations/retention"}, status=200
    )
    page = browser.post(place, boxes(page) | {"row": "drop:indicators:4"}, status=200)
    typed = boxes(page) | {"f/appraisal/indicators/4/weight": "20%"}
    browser.post(place, typed)
    world.fresh()
    version = world.session.query(PolicyVersion).filter_by(code="quarterly-category").one()
    told = load(version.source).raw["appraisal"]["indicators"]
    assert [(one["zh"], one["weight"]) for one in told][-1] == ("用户留存率", "0.2")
    assert len(told) == 5


def test_everybody_reads_the_library_in_his_language(world: World) -> None:
    browser = world.sign_in("cs")
    page = words(browser.get("/policies/library"))
    assert "问题解决率" in page
    assert "R058" in page
    assert "50 项" in page
    browser.post("/language", {"locale": "en", "back": "/policies/library"})
    assert "Resolution rate" in words(browser.get("/policies/library"))
