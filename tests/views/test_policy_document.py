"""The page of a policy is a whole document: every block of a shipped policy in words, in both languages, with its source."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from approval.rules.policy import Policy, read_shipped
from approval.views.policy_blocks import Block, blocks_of, scorers_of
from approval.views.policy_collected import collected_of, figures_of
from approval.views.policy_words import ladders_of
from tests.app_fixtures import Browser, World
from tests.crawl import CHINESE, LATIN, spoken
from tests.views.test_policy import words

POOL = (
    (
        "团队奖金池",
        "月度团队奖金池",
        "每期录入的金额",
        "¥4,400,000 × 2% + 固定金额 ¥24,000",
        "A + B + C，不封顶",
        "2024-01-30 以前离职的不参加，当天离职的参加",
        "部门负责人参加分配（A-31）",
        "由部门负责人设计分配方案",
        "总经理，在发放款项之前",
    ),
    (
        "Team bonus pools",
        "Monthly team bonus pool",
        "The amount entered every period",
        "A fixed amount of ¥24,000",
        "A + B + C, without a cap",
        "leaving on the day itself keeps it",
        "The department head takes part (A-31)",
        "Designed by: Department head",
        "General manager, before payout",
    ),
)
DOCUMENTS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "d01-ec-department": POOL,
    "d08-shipping-supervisor": (
        ("工作时间", "周一至周六，共 6 天", "11:00–23:00", "每周合计 72 小时", "公示", "3 个工作日", "必须附凭据"),
        ("Working time", "Monday to Saturday, 6 days", "72 hours a week are more than", "Must come with evidence"),
    ),
    "d08-customer-service": (
        (
            "自我鉴定 评分人 本人评分",
            "只提示的界限",
            "销售提成2%超过 商品利润 × 0.05 时提示，不扣减",
            "每月收集的数据",
            "可以是负数",
            "方案的数值",
            "¥500",
        ),
        (
            "Bounds that only warn",
            "more than Product profit × 0.05",
            "Data collected every month",
            "May be negative",
            "¥500",
        ),
    ),
    "d10-planning-house-rules": (
        (
            "流程",
            "只供阅读，系统不据此计算",
            "晋升、奖惩、薪酬调整",
            "每周例会 每周开",
            "每周合计 40 小时",
            "上下班打卡",
        ),
        (
            "Process",
            "For reading only",
            "Promotion, Rewards and penalties, Change of pay",
            "Weekly meeting Every week",
            "40 hours",
        ),
    ),
    "d13-quarterly-bonus": (
        (
            "公司内部公告栏、电子商务部门的内部沟通平台",
            "考核结果",
            "期限",
            "发放期限",
            "考核结束后 1 个月内",
            "调整与违规",
            "调整必须写明理由",
            "以不正当手段取得的奖金取消",
            "季度内各月已复核得分的平均",
            "由公司逐人填写",
        ),
        (
            "Company notice board",
            "Within 1 month of the end of the evaluation",
            "Adjustments and violations",
            "A bonus won by improper means is void",
            "Filled in by the company per employee",
        ),
    ),
    "d14-quarterly-category": (
        ("谁评分", "由谁汇总 绩效管理员", "目标设定 → 个人目标 → 季度考核 → 汇总评估 → 一对一反馈 → 激励"),
        (
            "Who scores",
            "Compiled by Performance administrator",
            "Target setting → Personal targets → Quarterly appraisal",
        ),
    ),
    "d17-y1": (
        ("主管按抽查评分", "25%", "不计入：法定假", "没有数据时按 0", "每条写明：金额、产品类型、利润率、合作方"),
        ("The supervisor, by samples", "Not counted: statutory leave", "Counts as 0 where there is none"),
    ),
}
CODE = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")


def document(world: World, shipped: str) -> tuple[Browser, str]:
    """HR drafts a shipped policy and stands before its page."""
    browser = world.sign_in("hr")
    browser.post("/policies/new", {"shipped": shipped, "effective_from": "2026-12-01"})
    assert browser.last is not None
    return browser, browser.last.request.path


def in_english(browser: Browser, path: str) -> str:
    browser.post("/language", {"locale": "en", "next": path})
    return browser.get(path)


@pytest.mark.parametrize("shipped", DOCUMENTS)
def test_every_block_of_a_shipped_policy_is_told_in_both_languages(world: World, shipped: str) -> None:
    browser, path = document(world, shipped)
    chinese, english = DOCUMENTS[shipped]
    page = words(browser.get(path))
    assert [told for told in chinese if told not in page] == []
    page = words(in_english(browser, path))
    assert [told for told in english if told not in page] == []


def sections(page: str) -> str:
    """The document itself, without heading and findings, which name departments and the places where they stand.

    The header of the controlled document, which names people, is left out too.
    """
    inner = page.partition('<div class="k-grid2')[2].partition("<aside")[0]
    before, _, rest = inner.partition('<section class="k-cd" id="control"')
    return '<body><div class="' + before + rest.partition("</section>")[2]


@pytest.mark.parametrize("shipped", DOCUMENTS)
def test_no_code_and_no_other_language_shows_in_the_document(world: World, shipped: str) -> None:
    browser, path = document(world, shipped)
    chinese, english = spoken(sections(browser.get(path))), spoken(sections(in_english(browser, path)))
    assert [piece for piece in chinese + english if CODE.search(piece)] == []
    assert [piece for piece in english if CHINESE.search(piece)] == []
    assert [piece for piece in chinese if set(LATIN.findall(piece)) - {"KPI"}] == []
    assert len(chinese) > 15


def test_a_week_of_seventy_two_hours_is_warned_of_in_the_section_and_in_the_findings(world: World) -> None:
    browser, path = document(world, "d08-shipping-supervisor")
    assert (
        words(browser.get(path)).count("每周 72 小时，超过法定每日 8 小时、每周平均 44 小时（劳动法第三十六条）") == 2
    )
    assert "每周 72 小时" in words(browser.get(f"{path}/edit"))
    browser, path = document(world, "d10-planning-house-rules")
    assert "劳动法第三十六条" not in browser.get(path)


def test_a_section_that_the_policy_does_not_have_is_not_there(world: World) -> None:
    browser, path = document(world, "d10-planning-house-rules")
    page = browser.get(path)
    headings = set(re.findall(r'<h2 id="h-(\w+)"', page))
    assert {"process", "work_time"} <= headings
    assert not headings & {
        "pools",
        "publication",
        "deadlines",
        "adjustments",
        "warnings",
        "scorers",
        "figures",
        "collected",
    }


def block(policy: Policy, code: str) -> Block:
    return next(one for one in blocks_of(policy) if one.code == code)


def changed(shipped: str, **blocks: Any) -> Policy:
    return Policy({**read_shipped(shipped).raw, **blocks})


SOURCE = {"rules": ["R104"], "quote": "奖励结果将进行公示"}


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("publication", {"objection_days": 0}),
        ("adjustments", {"allowed": False}),
        ("process", {"steps": ["reward", "dinner"]}),
        ("work_time", {"days": [1]}),
        ("pools", [{"code": "one", "period": "year"}]),
        ("deadlines", [{"code": "one", "anchor": "evaluation_closed"}]),
        ("warnings", [{"code": "one", "of": "bonus", "gt": {"input": "score", "times": "2"}}]),
    ],
)
def test_each_section_tells_its_rules_and_its_sentence(world: World, code: str, told: Any) -> None:
    sourced = [{**told[0], **SOURCE}] if isinstance(told, list) else {**told, **SOURCE}
    (entry,) = block(changed("d13-quarterly-bonus", **{code: sourced}), code).entries
    assert (entry.rules, entry.quote) == (("R104",), "奖励结果将进行公示")


def test_parts_figures_data_and_bands_carry_their_source_too(world: World) -> None:
    raw = read_shipped("d08-customer-service").raw
    part = {**raw["appraisal"]["parts"][0], **SOURCE, "assumed": True}
    pieces = [{**one, **SOURCE} for one in raw["scales"]["coefficient"]["pieces"]]
    policy = changed(
        "d08-customer-service",
        appraisal={**raw["appraisal"], "parts": [part]},
        params={"base": {**raw["params"]["base"], **SOURCE}},
        inputs={**raw["inputs"], "score": {**raw["inputs"]["score"], **SOURCE}},
        scales={"coefficient": {**raw["scales"]["coefficient"], "pieces": pieces}},
    )
    scorer = scorers_of(policy).entries[0]
    assert (scorer.quote, scorer.tag) == (SOURCE["quote"], "原文没有，由公司推定")
    assert [one.quote for one in figures_of(policy)] == [SOURCE["quote"]]
    assert [one.name for one in collected_of(policy) if one.rules] == ["绩效分数"]
    assert {band.quote for band in ladders_of(policy)[0].rows} == {SOURCE["quote"]}


def test_columns_of_a_table_do_not_take_its_source_for_a_figure() -> None:
    raw = read_shipped("d17-y1").raw
    rows = [{**one, **SOURCE} for one in raw["tables"]["rate"]["rows"]]
    policy = changed("d17-y1", tables={"rate": {**raw["tables"]["rate"], "rows": rows}})
    (table,) = [one for one in ladders_of(policy) if one.name == "提成比例"]
    assert [band.value for band in table.rows] == [
        f"普通产品提成 {normal}；\n高利润产品提成 {high}"
        for normal, high in (("0.010", "0.020"), ("0.015", "0.020"), ("0.020", "0.025"))
    ]


def facts(policy: Policy, code: str, label: str) -> list[str]:
    return [text for entry in block(policy, code).entries for name, text in entry.facts if name == label]


def test_an_unknown_code_is_shown_as_it_is_written() -> None:
    policy = changed("d14-quarterly-category", process={"steps": ["reward", "dinner"], "weekly_meeting": False})
    assert facts(policy, "process", "步骤") == ["激励 → dinner"]
    assert facts(policy, "process", "每周例会") == ["不开"]


def test_without_days_for_objections_publication_ends_at_once() -> None:
    policy = changed("d13-quarterly-bonus", publication={"objection_days": 0, "channels": ["企业微信群"]})
    assert facts(policy, "publication", "异议期") == ["没有，公示后立即结束"]
    assert facts(policy, "publication", "公示渠道") == ["企业微信群"]


def test_a_pool_tells_its_cap_its_last_day_and_that_the_head_takes_no_part() -> None:
    pool = {
        "code": "one",
        "period": "quarter",
        "completion": {"parts": ["shops"], "cap": "1.0"},
        "eligible": [{"field": "left_on", "rule": "after", "date": "2026-01-30"}],
        "include_head": False,
        "split": {"by": "hr"},
        "approve": {"by": "hr"},
        "assumed": True,
    }
    policy = changed("d13-quarterly-bonus", pools=[pool])
    assert block(policy, "pools").entries[0].tag == "原文没有，由公司推定"
    assert facts(policy, "pools", "目标实际完成率") == ["shops，最多 100%"]
    assert facts(policy, "pools", "谁可以分") == ["2026-01-30 及以前离职的不参加；部门负责人不参加分配（A-31）"]
    assert facts(policy, "pools", "怎样分配") + facts(policy, "pools", "由谁批准") == ["由人事设计分配方案", "人事"]


@pytest.mark.parametrize(
    ("offsets", "says"),
    [
        ({"offset_days": 5}, "考核结束后 5 天内"),
        ({"offset_months": 1, "offset_days": 5}, "考核结束后 1 个月零 5 天内"),
    ],
)
def test_a_deadline_is_counted_in_months_and_days(offsets: Mapping[str, int], says: str) -> None:
    told = {"code": "payout", "anchor": "evaluation_closed", **offsets}
    (entry,) = block(changed("d13-quarterly-bonus", deadlines=[told]), "deadlines").entries
    assert (entry.name, entry.says) == ("奖金发放", [says])


def test_switches_that_are_off_are_told_as_well() -> None:
    switches = dict.fromkeys(("allowed", "reason_required", "notify_employee", "violation_voids_bonus"), False)
    (entry,) = block(changed("d13-quarterly-bonus", adjustments=switches), "adjustments").entries
    assert entry.says == [
        "不调整奖金",
        "方案不要求写明理由；系统仍一律要求",
        "方案不要求通知本人；系统仍一律通知",
        "违规不取消奖金",
    ]


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("work_time", {"days": "all", "from": 9}),
        ("publication", {"objection_days": "three"}),
        ("deadlines", [{"code": "one", "anchor": ["x"]}]),
        ("warnings", [{"code": "one", "gt": "0.05"}]),
        ("pools", [{"code": "one", "period": "year", "sources": [{"amount": "much"}]}]),
        ("process", {"steps": 7}),
        ("adjustments", {"allowed": "yes"}),
    ],
)
def test_a_block_with_a_value_of_another_kind_is_left_to_the_findings(code: str, told: Any) -> None:
    assert code not in [one.code for one in blocks_of(changed("d13-quarterly-bonus", **{code: told}))]
