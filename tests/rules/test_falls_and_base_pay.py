"""Two findings before publication: figures that fall while their input rises, and an agreed wage that a coefficient cuts."""

from __future__ import annotations

import pytest

from approval.rules.policy import chosen, load, read_shipped, shipped_codes, shipped_text
from approval.rules.policy_lint import Lint, lints

Y1 = shipped_text("d17-y1")
MARKETING = shipped_text("d09-marketing")
HIGHEST = '{ normal = "0.020", high = "0.025"'


def told(text: str, *codes: str) -> list[Lint]:
    return [one for one in lints(load(text)) if one.code in codes]


def falling(text: str) -> list[Lint]:
    return told(text, "table_falls", "not_monotone")


def test_no_shipped_table_falls() -> None:
    for code in shipped_codes():
        assert not [one for one in lints(chosen(read_shipped(code), {})) if one.code == "table_falls"], code


def test_a_tier_of_commission_that_pays_more_partners_less_is_warned_of_by_its_column() -> None:
    assert HIGHEST in Y1
    (fall,) = falling(Y1.replace(HIGHEST, '{ normal = "0.002", high = "0.025"'))
    assert (fall.severity, fall.code, fall.path) == ("warn", "table_falls", "tables.rate")
    assert str(fall) == "从 5 起“普通产品提成”一列反而下降，请核对各档数值"


def test_each_column_that_falls_is_named() -> None:
    found = falling(Y1.replace(HIGHEST, '{ normal = "0.002", high = "0.001"'))
    assert [str(one.params["column"]) for one in found] == ["普通产品提成", "高利润产品提成"]


def test_a_table_that_is_marked_blocks_and_the_mark_is_known() -> None:
    marked = Y1 + '\n[lint]\nnon_decreasing = ["tables.rate"]\n'
    assert falling(marked) == []
    assert told(marked, "unknown_reference") == []
    (fall,) = falling(marked.replace(HIGHEST, '{ normal = "0.002", high = "0.025"'))
    assert (fall.severity, fall.path) == ("block", "tables.rate")


GRADIENT = """
format = 1
[policy]
code = "growth"
name = { zh = "增长奖" }
effective_from = "2026-01-01"
cycle = "month"
[scope]
departments = ["电商部"]
positions = ["*"]
adds = true
[rounding]
money = { places = 2, mode = "half_up", when = "line" }
[params]
amount = { value = "500", zh = "奖金" }
[inputs]
growth = { type = "fraction", zh = "销售额增长幅度", signed = true }
[tables.gradient]
key = "growth"
rows = [{ lt = "0.05", rate = "0" }, { lt = "0.10", rate = "1" }, { rate = "0.5" }]
[[components]]
code = "growth_bonus"
zh = "增长奖"
rules = ["company"]
factors = [{ param = "amount" }, { table = "gradient", column = "rate" }]
"""


def test_a_gradient_of_growth_that_falls_is_found_though_its_key_is_no_score() -> None:
    (fall,) = falling(GRADIENT)
    assert (fall.severity, str(fall)) == ("warn", "从 0.1 起“增长奖”一列反而下降，请核对各档数值")
    assert falling(GRADIENT.replace('rate = "0.5"', 'rate = "1.5"')) == []


def on(key: str, more: str = "") -> list[tuple[str, str]]:
    """What is found of a scale and a table that fall on a figure."""
    text = GRADIENT.replace("[inputs]", '[inputs]\nlate = { type = "count", zh = "迟到" }')
    text = text.replace("signed = true }", 'signed = true }\ndeals = { type = "count", zh = "成交" }')
    text = text.replace('key = "growth"', f'key = "{key}"')
    scale = f'[scales.steps]\ninput = "{key}"\npieces = [{{ lt = "5", value = "1" }}, {{ value = "0" }}]\n'
    return [
        (one.severity, one.path)
        for one in falling(text.replace("[tables.gradient]", f"{scale}[tables.gradient]") + more)
    ]


def test_a_scale_on_any_figure_is_seen_to_fall_and_one_on_faults_may() -> None:
    both = [("warn", "scales.steps"), ("warn", "tables.gradient")]
    assert on("growth") == on("deals") == both
    assert on("late") == []
    marked = '[lint]\nnon_decreasing = ["scales.steps", "tables.gradient"]\n'
    assert on("late", marked) == [("block", path) for _how, path in both]


def test_rows_written_from_the_top_down_are_no_fall() -> None:
    rows = '{ lt = "0.05", rate = "0" }, { lt = "0.10", rate = "1" }, { rate = "0.5" }'
    rising = GRADIENT.replace(rows, '{ ge = "0.10", rate = "2" }, { gt = "0.05", rate = "1" }, { rate = "0" }')
    assert falling(rising) == []
    (fall,) = falling(rising.replace('rate = "2"', 'rate = "0.9"'))
    assert fall.params["value"] == "0.1"


LINE = '\n[[components]]\ncode = "more"\nzh = "{zh}"\nrules = ["company"]\nfactors = {factors}\n'
PAID_IN_FULL = LINE.format(zh="每月金额", factors='[{ const = "2000" }]')


def base(text: str) -> list[str]:
    return [one.path for one in told(text, "base_times_coefficient")]


def renamed(zh: str, en: str, code: str = "post_standard") -> str:
    """The marketing policy with its base under another code and name, the line's as well."""
    text = MARKETING.replace('param = "base"', f'param = "{code}"').replace("\nbase = {", f"\n{code} = {{")
    start = text.index(f"\n{code} = {{")
    end = text.index("\n", start + 1)
    text = text[:start] + f'\n{code} = {{ value = "1800", zh = "{zh}", en = "{en}" }}' + text[end:]
    head, line, rest = text.partition('[[components]]\ncode = "base"')
    before, factors, after = rest.partition("factors = ")
    kept = [one for one in before.splitlines() if not one.startswith(("zh", "en"))]
    return head + line + "\n".join([*kept, f'zh = "{zh}"', f'en = "{en}"', ""]) + factors + after


@pytest.mark.parametrize(
    ("zh", "en"),
    [
        ("固定工资", "Fixed pay"),
        ("基本薪资", "Standard"),
        ("岗位工资", "Post pay"),
        ("月薪", "Monthly"),
        ("标准", "Basic wage"),
    ],
)
def test_a_base_under_another_name_is_known_by_it_beside_a_wage_paid_in_full_too(zh: str, en: str) -> None:
    assert base(renamed(zh, en)) == ["components.base"]
    assert base(renamed(zh, en) + PAID_IN_FULL) == ["components.base"]


def test_a_base_that_no_name_tells_is_known_by_its_part_in_the_month() -> None:
    assert base(renamed("职等金额", "Amount by grade")) == ["components.base"]
    assert base(renamed("职等金额", "Amount by grade") + PAID_IN_FULL) == [], "a wage is paid in full beside it"


def test_a_printed_amount_that_is_the_whole_wage_is_known_without_a_name() -> None:
    text = MARKETING.replace('{ param = "base" }', '{ const = "1800" }').replace('zh = "底薪×系数"', 'zh = "每月金额"')
    assert base(text) == ["components.base"]


def more(zh: str, factors: str) -> str:
    """The clerk's policy Y-1, which pays its base in full, with one line more."""
    return Y1 + LINE.format(zh=zh, factors=factors)


def test_performance_pay_beside_a_base_paid_in_full_is_no_base() -> None:
    assert base(more("绩效工资", '[{ const = "1000" }, { scale = "bonus_rate" }]')) == []
    assert base(more("月度考核金额", '[{ const = "1000" }, { scale = "bonus_rate" }]')) == []


def test_a_share_of_a_base_that_is_paid_in_full_beside_it_is_performance_pay() -> None:
    share = '[{ param = "base" }, { const = "0.2" }, { scale = "bonus_rate" }]'
    assert base(more("绩效奖", share)) == []
    assert base(more("绩效奖", share.replace('{ const = "0.2" }, ', ""))) == ["components.more"]


def test_allowances_beside_it_do_not_make_a_weighted_wage_a_bonus() -> None:
    allowance = LINE.format(zh="交通补贴", factors='[{ const = "200" }]')
    assert base(renamed("职等金额", "Amount by grade") + allowance) == ["components.base"]


def test_a_bonus_of_a_quarter_or_one_that_is_added_is_no_wage() -> None:
    for code in ("d13-quarterly-bonus", "d03-gradient-bonus", "d08-shipping-supervisor", "d15-planning-linear"):
        assert base(shipped_text(code)) == [], code
    assert base(GRADIENT) == []
