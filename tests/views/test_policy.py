"""The pages of policies: everybody reads what is published, authors draft, another reviews, the general manager publishes."""

from __future__ import annotations

import html
import re
from datetime import datetime
from io import BytesIO

import pytest

from approval.models.policy import PolicyVersion
from approval.rules.policy import shipped_text
from approval.services.act import Act, Actor
from tests.app_fixtures import ZONE, Browser, World, publish_shipped

SERVICE = "/policies/customer-service/1"
DRAFT = "/policies/customer-service/2"
FORM = {"shipped": "d08-customer-service", "effective_from": "2026-12-01"}


def words(page: str) -> str:
    """What a reader sees: the text of the page's main part, blanks folded."""
    main = page.partition("<main")[2]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None, name
    return found[1]


def drafted(world: World) -> Browser:
    """The general manager's browser after drafting the next version of the service policy."""
    browser = world.sign_in("gm")
    browser.post("/policies/new", FORM)
    return browser


def read_every_term(browser: Browser, path: str = DRAFT) -> None:
    """Choose the reading that holds of every term, one after the other, as the page asks for it."""
    for option in re.findall(r'name="option" value="([^"]*)"', browser.get(path)):
        page = browser.get(path)
        form = page[page.index(f'name="option" value="{option}"') :]
        choice = re.search(r'name="choice" value="([^"]*)" checked', form)
        assert choice is not None
        told = {"version": hidden(page, "version"), "option": option, "choice": choice[1]}
        browser.post(f"{path}/readings", told)


def test_everybody_reads_the_published_policies_and_finds_his_own_first(world: World) -> None:
    page = world.sign_in("cs").get("/policies")
    assert page.index("客服专员薪酬") < page.index("适用于您的岗位") < page.index("营销岗位薪酬")
    assert "起草方案" not in page


def test_a_policy_is_a_document_with_formulas_bands_and_the_source_beside(world: World) -> None:
    page = words(world.sign_in("cs").get(SERVICE))
    for told in (
        "底薪 500 × 绩效系数（按绩效分数） × 实际出勤天数 ÷ 应出勤天数（最多 1）",
        "≥ 65 < 80",
        "自评 25%",
        "R068",
    ):
        assert told in page
    assert "工资制度:500 (底薪)*绩效系数" in page


def test_every_published_policy_can_be_read_in_both_languages(world: World) -> None:
    browser = world.sign_in("cs")
    rows = world.session.query(PolicyVersion.code, PolicyVersion.number).all()
    for locale in ("zh", "en"):
        browser.post("/language", {"locale": locale, "back": "/policies"})
        for code, number in rows:
            assert "k-payline" in browser.get(f"/policies/{code}/{number}?try=1")


def test_a_worked_example_tells_every_line_and_the_sum(world: World) -> None:
    typed = "i.scheduled=22&i.actual=２２&i.score=85&i.sales=10,000&i.neutral_fixed=3&i.negative_fixed=1&i.rewards=-50"
    page = words(world.sign_in("cs").get(f"{SERVICE}?try=1&p.base=500&{typed}"))
    assert "¥800.00" in page, "500 × 1.2 + 200 + 30 + 20 − 50"


def test_an_example_sees_the_score_as_an_employee_does(world: World) -> None:
    month = "i.scheduled=22&i.actual=22&i.sales=0&i.neutral_fixed=0&i.negative_fixed=0&i.rewards=0"
    page = words(world.sign_in("cs").get(f"{SERVICE}?try=1&p.base=500&i.score=79.995&{month}"))
    assert "¥600.00" in page, "79.995 is seen as 80.00 (A-34)"


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("i.score=85", "缺少“实际出勤天数”"),
        ("i.score=abc", "不是数字"),
        ("i.score=101", "0 到 100"),
        ("i.magic=1", "不认识"),
    ],
)
def test_an_example_that_cannot_be_worked_says_why(world: World, query: str, why: str) -> None:
    page = words(world.sign_in("cs").get(f"{SERVICE}?try=1&p.base=500&{query}"))
    assert why in page
    assert "合计（税前）" not in page


def test_a_draft_is_not_there_for_those_who_do_not_make_policies(world: World) -> None:
    drafted(world)
    world.sign_in("auditor").get(DRAFT)
    world.sign_in("cs").get(DRAFT, status=404)
    assert DRAFT not in world.sign_in("cs").get("/policies")


def test_a_reading_is_chosen_one_by_one_while_it_is_a_draft(world: World) -> None:
    browser = drafted(world)
    page = browser.get(DRAFT)
    chosen = {"version": hidden(page, "version"), "option": "base_proration", "choice": "none"}
    page = browser.post(f"{DRAFT}/readings", chosen)
    assert "底薪 500 × 绩效系数（按绩效分数） " in words(page)
    assert "已选定" in words(page)
    browser.post(f"{DRAFT}/readings", {**chosen, "choice": "attendance"}, status=409)


def test_reviewed_by_another_published_by_the_general_manager_and_then_fixed(world: World) -> None:
    gm, hr = drafted(world), world.sign_in("hr")
    read_every_term(gm)
    seen = {"fingerprint": hidden(hr.get(DRAFT), "fingerprint")}
    assert "自己的方案" in gm.post(f"{DRAFT}/review", seen, status=409)
    hr.post(f"{DRAFT}/review", seen)
    hr.post(f"{DRAFT}/publish", seen, status=403)
    page = words(gm.post(f"{DRAFT}/publish", {**seen, "document": "薪字〔2026〕3号"}, status=422))
    assert "请先确认公司正式文件也是这样规定的" in page
    assert 'value="薪字〔2026〕3号"' in gm.text, "what was typed is kept"
    page = words(gm.post(f"{DRAFT}/publish", {**seen, "official": "y", "document": "薪字〔2026〕3号"}))
    assert "已发布" in page
    assert "我确认：本公司的正式文件就是这样规定的" in page
    assert "薪字〔2026〕3号" in page
    assert "已被取代" in words(hr.get(SERVICE))
    version = hidden(hr.get(DRAFT), "version") if 'name="version"' in hr.text else "0"
    hr.post(f"{DRAFT}/readings", {"version": version, "option": "base_proration", "choice": "none"}, status=409)


def test_what_was_changed_since_it_was_read_is_not_reviewed_unseen(world: World) -> None:
    gm, hr = drafted(world), world.sign_in("hr")
    read_every_term(gm)
    seen = {"fingerprint": hidden(hr.get(DRAFT), "fingerprint")}
    page = gm.get(DRAFT)
    gm.post(f"{DRAFT}/readings", {"version": hidden(page, "version"), "option": "base_proration", "choice": "none"})
    assert "别人刚刚改过" in hr.post(f"{DRAFT}/review", seen, status=409)


def test_a_return_without_a_reason_keeps_the_page_and_says_so(world: World) -> None:
    read_every_term(drafted(world))
    hr = world.sign_in("hr")
    hr.post(f"{DRAFT}/review", {"fingerprint": hidden(hr.get(DRAFT), "fingerprint")})
    assert "请填写这一项" in hr.post(f"{DRAFT}/return", {"reason": " "}, status=422)
    assert "权重不对" in hr.post(f"{DRAFT}/return", {"reason": "权重不对"})


def test_a_text_that_is_no_policy_is_kept_and_its_fault_named(world: World) -> None:
    hr = world.sign_in("hr")
    broken = shipped_text("d09-marketing").replace('weight = "0.25"', 'weight = "a quarter"')
    page = html.unescape(hr.post("/policies/new", {"source": broken}, status=422))
    assert "appraisal.parts[0]" in page
    assert "a quarter" in page
    assert "不是正确的 TOML" in html.unescape(hr.post("/policies/new", {"source": "= nonsense <b>"}, status=422))
    assert "请选择随产品提供的方案" in hr.post("/policies/new", {}, status=422)


@pytest.mark.parametrize("data", [b"\xff\xfe\x00\x01", b"PK\x03\x04zip", b"\x00" * 50, b"a = " * 9000])
def test_a_file_that_is_no_text_is_refused_in_words(world: World, data: bytes) -> None:
    hr = world.sign_in("hr")
    assert hr.post("/policies/new", {"file": (BytesIO(data), "x.toml")}, status=422)
    assert "请先改好下面的问题" in hr.text


def test_a_file_is_drafted_and_can_be_read_back_as_written(world: World) -> None:
    hr = world.sign_in("hr")
    text = shipped_text("d09-marketing").replace('code = "marketing"', 'code = "市场/营销"')
    hr.post("/policies/new", {"file": (BytesIO(text.encode()), "x.toml")}, status=422)
    text = shipped_text("d09-marketing").replace('code = "marketing"', 'code = "marketing-2"')
    hr.post("/policies/new", {"file": (BytesIO(text.encode()), "x.toml")})
    assert hr.get("/policies/marketing-2/1/source.toml") == text


def test_a_bad_day_is_refused_in_words(world: World) -> None:
    page = world.sign_in("hr").post("/policies/new", {**FORM, "effective_from": "2026-13-45"}, status=422)
    assert "请填写日期" in page


def test_a_policy_that_is_not_there_is_404(world: World) -> None:
    assert "没有" in world.sign_in("cs").get("/policies/none/1", status=404)


def test_a_policy_of_classes_shows_its_weighted_indicators_and_classes_in_words(world: World) -> None:
    early = Act(world.session, Actor(None, frozenset({"hr", "admin"})), datetime(2026, 1, 1, 9, tzinfo=ZONE))
    publish_shipped(early, ("d14-quarterly-category",))
    world.session.commit()
    page = world.sign_in("hr").get("/policies/quarterly-category/1")
    for word in ("评价指标", "销售目标完成情况", "20%", "人员分类", "待提高员工", "演示公司填写的数值"):
        assert word in page
    for word in (">high<", ">category<", "to_improve"):
        assert word not in page


def test_the_list_costs_as_many_statements_however_many_policies_there_are(world: World) -> None:
    browser = world.sign_in("cs")
    browser.get("/policies")
    before = world.statements(lambda: browser.get("/policies"))
    early = Act(world.session, Actor(None, frozenset({"hr", "admin"})), datetime(2026, 1, 1, 9, tzinfo=ZONE))
    publish_shipped(early, ("d14-quarterly-category", "d15-planning-linear"))
    world.session.commit()
    assert "planning" in browser.get("/policies")
    assert world.statements(lambda: browser.get("/policies")) == before < 20
