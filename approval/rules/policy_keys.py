"""Every block and key of the policy format, in both languages: the schema, the handbook and a lint are made of this."""

from __future__ import annotations

from approval.rules.policy_key import (
    ANY,
    BASIS,
    CODE,
    EN,
    NAMES,
    NOTE,
    QUOTE,
    RULES,
    ZH,
    Key,
    choice,
    must,
    number,
    switch,
    text,
    texts,
    whole,
)
from approval.rules.policy_keys_pay import COMPONENTS, POOLS, RATINGS, SCALES, STREAKS, TABLES
from approval.rules.policy_keys_score import APPRAISAL, INPUTS, KPI, PARAMS, POLICY, ROUNDING, SCOPE

PUBLICATION = Key(
    "publication",
    "table",
    "公示（R104）",
    "Publication of results (R104)",
    inner=(
        texts("channels", "在哪里公示", "Where"),
        choice(
            "content",
            ("result", "score"),
            "公示什么：result 只有档位或类别，score 另加得分；从不公示金额",
            "What is published: result is the band or class alone, score adds the score; amounts never",
        ),
        choice(
            "person",
            ("both", "name", "number"),
            "怎样写出人：both 姓名和工号（不写时如此），name 只写姓名，number 只写工号",
            "How people are named: both name and number (by default), name alone, number alone",
        ),
        whole("objection_days", "异议期，工作日", "Days for objections, working days"),
        *BASIS,
        NOTE,
    ),
)
DEADLINES = Key(
    "deadlines",
    "tables",
    "期限，如评估结束后一个月内发放（R103）；季度、年度的发薪日由 payout 从评定结束那天算出，遇休息日提前（A-42）",
    "Deadlines, such as payout within a month of the evaluation (R103); the payday of a quarter or a year follows from payout, "
    "counted from the day the evaluation closed, early where that day is not worked (A-42)",
    inner=(
        CODE,
        *NAMES,
        text(
            "anchor",
            "从哪件事算起；evaluation_closed 是最后一个公示结束",
            "What it is counted from; evaluation_closed is the end of the last publication",
        ),
        whole("offset_months", "几个月内", "Months"),
        whole("offset_days", "几天内", "Days"),
        *BASIS,
    ),
)
ADJUSTMENTS = Key(
    "adjustments",
    "table",
    "调整与违规（R105–R107）",
    "Adjustments and violations (R105–R107)",
    inner=(
        switch("allowed", "可以调整；false 时不收奖惩", "Adjustments are allowed; where false no rewards are taken"),
        switch("reason_required", "必须有理由（系统总是要求）", "A reason is required (it always is)"),
        switch("notify_employee", "必须通知本人（系统总是通知）", "The employee is told (he always is)"),
        switch(
            "violation_voids_bonus",
            "违规可以取消本方案的季度、年度奖金，由两个人决定；奖惩和奖金池份额照发（R107）",
            "A violation may void this policy's bonus of a quarter or a year, by two people; rewards, penalties and the share of "
            "the pool stay (R107)",
        ),
        *BASIS,
    ),
)
PROCESS = Key(
    "process",
    "table",
    "考核前后的流程（R110–R116）",
    "The process around the score (R110–R116)",
    inner=(
        texts(
            "steps",
            "各步，依次：target_setting、personal_targets、quarter、evaluation、one_to_one_feedback、reward，或公司自己的一步；"
            "有 one_to_one_feedback 时复核后须登记一对一反馈",
            "The steps in order: target_setting, personal_targets, quarter, evaluation, one_to_one_feedback, reward, or one of "
            "the company's own; one_to_one_feedback asks for a record of the talk after the review",
        ),
        texts("use_of_result", "结果用于什么", "What the result is used for"),
        switch("weekly_meeting", "每周例会", "A weekly meeting"),
        *BASIS,
    ),
)
WORK_TIME = Key(
    "work_time",
    "table",
    "工作时间（R060、R085）",
    "Working time (R060, R085)",
    inner=(
        Key("days", "wholes", "星期几上班，1 是星期一", "Working days, 1 is Monday"),
        text("from", "几点起", "From"),
        text("to", "几点止", "Until"),
        number("hours_per_day", "每天几小时", "Hours a day"),
        switch("clock", "打卡", "Clocking in"),
        *BASIS,
    ),
)
_OVER = (
    must(text("input", "inputs 之外由公司提供的数", "A figure that the company brings")),
    must(number("times", "乘以", "Times")),
)
WARNINGS = Key(
    "warnings",
    "tables",
    "只提示、不扣减（R027）",
    "Only flagged, never cut (R027)",
    inner=(
        CODE,
        *NAMES,
        *BASIS,
        text("of", "看哪一项工资", "Which pay line it watches"),
        Key("gt", "table", "提示的界限：一个数的几倍", "The bound: so many times a figure", inner=_OVER),
    ),
)
REFERENCE_RANGES = Key(
    "reference_ranges",
    "tables",
    "薪资参考区间：设定的数在所有区间之外时提示（R020–R026）",
    "Reference pay ranges: a figure outside all of a position's is flagged (R020–R026)",
    inner=(
        CODE,
        *NAMES,
        *BASIS,
        must(texts("positions", "岗位代码或名称", "Codes or names of positions")),
        texts(
            "grades",
            "只看这些职级；有区间写明某职级时，该职级只看这些区间",
            "Only these grades; a grade that some range names is held against those alone",
        ),
        choice(
            "of",
            ("base", "total"),
            "看基本工资，或一个月的应发合计；原文没有数额时不写，只供阅读",
            "The base, or the total of a month; left out where the source prints no amount: then it is only read",
        ),
        number("from", "从多少元，与 of 同写", "From, in yuan, beside of"),
        number("to", "到多少元，与 of 同写", "To, in yuan, beside of"),
    ),
)
LINT = Key(
    "lint",
    "table",
    "发布前要检查的",
    "What is checked before publication",
    inner=(
        texts(
            "non_decreasing",
            "不得越高越少的档位或表格，如 scales.factor、tables.rate（R102）",
            "Scales and tables that must not fall, such as scales.factor, tables.rate (R102)",
        ),
    ),
)
OPTIONS = Key(
    "options",
    "codes",
    "有多种读法的条款；发布前逐条选定",
    "Terms with several readings, each chosen before publication",
    inner=(
        must(ZH),
        EN,
        must(text("default", "不选时的读法", "The reading where none is chosen")),
        text("doc", "疑义编号，如 A-01", "Id of the ambiguity, such as A-01"),
        QUOTE,
        RULES,
        NOTE,
        Key("names", "codes", "每种读法的说明", "What each reading says", inner=(ZH, EN)),
        must(
            Key(
                "choices",
                "codes",
                "每种读法改动哪里：点分路径 = 新内容",
                "What each reading changes: dotted path = new content",
                inner=(Key(ANY, "open", "路径，列表里的一项用 code 指明", "A path; an element of a list by its code"),),
            )
        ),
    ),
)
FORMAT = choice("format", ("1",), "格式的版本，现在是 1", "Version of the format: 1 now")
KEYS = (
    FORMAT,
    POLICY,
    SCOPE,
    ROUNDING,
    PARAMS,
    INPUTS,
    APPRAISAL,
    KPI,
    SCALES,
    TABLES,
    COMPONENTS,
    RATINGS,
    STREAKS,
    POOLS,
    PUBLICATION,
    DEADLINES,
    ADJUSTMENTS,
    PROCESS,
    WORK_TIME,
    WARNINGS,
    REFERENCE_RANGES,
    LINT,
    OPTIONS,
)
FILE = Key("file", "table", "方案文件", "A policy file", inner=KEYS)

KINDS = {
    "text": ("文字", "text"),
    "texts": ("一列文字", "list of texts"),
    "number": ("数，写成文字", "number, as text"),
    "whole": ("整数", "whole number"),
    "wholes": ("一列整数", "list of whole numbers"),
    "day": ("日期", "day"),
    "switch": ("true 或 false", "true or false"),
    "choice": ("以下之一", "one of"),
    "table": ("表", "table"),
    "tables": ("一列表", "list of tables"),
    "codes": ("表，每项自定代码", "table by codes of its own"),
    "guard": ("条件", "condition"),
    "guards": ("一列条件", "list of conditions"),
    "open": ("任何内容", "anything"),
}
