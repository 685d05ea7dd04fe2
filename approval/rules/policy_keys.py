"""Every block and key of the policy format, in both languages: the schema, the handbook and a lint are made of this."""

from __future__ import annotations

from dataclasses import dataclass, replace

from approval.rules.policy_format import BOUNDS, CYCLES, INPUT_TYPES, PARAM_TYPES

ANY = "*"  # a code that the file itself gives, or a column that it names


@dataclass(frozen=True)
class Key:
    """One key: its kind, its meaning in both languages, what it may hold.

    `inner` are the keys of a table (kinds table, tables, codes); `forms`: exactly one of these sets of keys must be there.
    """

    name: str
    kind: str
    zh: str
    en: str
    needed: bool = False
    among: tuple[str, ...] = ()
    inner: tuple[Key, ...] = ()
    forms: tuple[tuple[str, ...], ...] = ()


def _must(key: Key) -> Key:
    return replace(key, needed=True)


def _text(name: str, zh: str, en: str) -> Key:
    return Key(name, "text", zh, en)


def _texts(name: str, zh: str, en: str) -> Key:
    return Key(name, "texts", zh, en)


def _number(name: str, zh: str, en: str) -> Key:
    return Key(name, "number", zh, en)


def _whole(name: str, zh: str, en: str) -> Key:
    return Key(name, "whole", zh, en)


def _switch(name: str, zh: str, en: str) -> Key:
    return Key(name, "switch", zh, en)


def _choice(name: str, among: tuple[str, ...], zh: str, en: str) -> Key:
    return Key(name, "choice", zh, en, among=among)


CODE = _must(_text("code", "短代码，同一列表里不重复", "Short code, unlike every other of its list"))
ZH = _text("zh", "中文名称", "Name in Chinese")
EN = _text("en", "英文名称", "Name in English")
NOTE = _text("note", "给读方案的人的说明，不参与计算", "A remark for readers, never computed")
ASSUMED = _switch("assumed", "原文没有，由公司推定", "Not in the source: the company assumes it")
RULES = _texts("rules", "依据的规则编号，如 R068", "Ids of the rules it rests on, such as R068")
QUOTE = _text("quote", "原文的句子，逐字", "The source's own sentence, word for word")
NAMES = (ZH, EN, NOTE, ASSUMED)
BOUND_WORDS = {
    "lt": ("小于", "Less than"),
    "le": ("小于或等于", "At most"),
    "gt": ("大于", "More than"),
    "ge": ("大于或等于", "At least"),
}
BOUND_KEYS = tuple(_number(name, *BOUND_WORDS[name]) for name in BOUNDS)

POLICY = Key(
    "policy",
    "table",
    "方案的身份：代码、名称、出处、执行期、周期（R017）",
    "What the policy is: code, name, source, dates, cycle (R017)",
    needed=True,
    inner=(
        _must(
            _text(
                "code",
                "方案代码：字母、数字、连字符，最多 60 位",
                "Code: letters, digits and hyphens, at most 60 signs",
            )
        ),
        _whole("version", "文件自己的版本号，只供阅读", "The file's own version, for readers only"),
        Key("name", "table", "方案名称", "Name of the policy", needed=True, inner=(_must(ZH), EN)),
        Key(
            "source",
            "table",
            "出自哪份文件",
            "Which document it comes from",
            inner=(
                _text("doc", "文件编号，如 D08；公司自定写 company", "Document id, such as D08; company for its own"),
                _text("lines", "行号", "Lines"),
            ),
        ),
        _must(
            Key("effective_from", "day", "从哪一天起执行；不早于发布日", "First day in force; not before publication")
        ),
        Key("effective_to", "day", "执行到哪一天；不写则直到被取代", "Last day in force; without it, until superseded"),
        _must(
            _choice("cycle", CYCLES, "考核周期：每月、每季度、每年", "How often it appraises: month, quarter or year")
        ),
    ),
)
SCOPE = Key(
    "scope",
    "table",
    "对谁适用；范围窄的先于宽的",
    "To whom it applies; a narrow scope goes before a wide one",
    needed=True,
    inner=(
        _must(_texts("departments", '部门名称；["*"] 是全公司', 'Names of departments; ["*"] is the whole company')),
        _must(_texts("positions", '岗位代码或名称；["*"] 是所有岗位', 'Codes or names of positions; ["*"] is all')),
        _texts("exclude_positions", "不适用的岗位", "Positions left out"),
    ),
)
_MONEY_WHEN = _choice("when", ("line",), "逐项舍入", "Each line is rounded by itself")
_PLACES = (
    _choice("places", ("2",), "小数位数，只支持 2", "Decimal places: 2 only"),
    _choice("mode", ("half_up",), "四舍五入", "Half away from zero"),
)
ROUNDING = Key(
    "rounding",
    "table",
    "舍入；只支持四舍五入到两位小数，逐项",
    "Rounding: half up to two places, line by line; nothing else is supported",
    inner=(
        Key("money", "table", "金额的舍入", "Rounding of money", inner=(*_PLACES, _MONEY_WHEN)),
        Key("score", "table", "分数的舍入", "Rounding of the score", inner=_PLACES),
    ),
)
PARAMS = Key(
    "params",
    "codes",
    "方案里的数值；没有印出来的由公司填写，填好之前不能发布（A-36）",
    "Figures of the policy; what is not printed the company fills in before it can be published (A-36)",
    forms=(("value",), ("per",)),
    inner=(
        _number("value", "统一数值", "One figure for everybody"),
        _texts(
            "per",
            "由公司填写，按 employee、position、grade",
            "Filled in by the company per employee, position or grade",
        ),
        _choice(
            "type", PARAM_TYPES, "金额、系数或比例；不写是金额", "Money, factor or fraction; money where not written"
        ),
        *NAMES,
    ),
)
INPUTS = Key(
    "inputs",
    "codes",
    "每月要收集的数据，由谁提供",
    "What is collected every month, and from whom",
    inner=(
        _must(_choice("type", INPUT_TYPES, "数据的种类；rows 是一条条明细", "Kind of figure; rows are single records")),
        _text("source", "由谁提供，如 attendance、data_department", "Who brings it: attendance, data_department …"),
        _number("default", "没有数据时用的数值", "Used where none was brought"),
        _switch("evidence", "必须附凭据", "Must come with evidence"),
        _switch("signed", "可以是负数（会减少工资）", "May be negative: it may cut pay"),
        _texts("fields", "明细有哪些栏", "The fields of a record"),
        _texts("exclude", "不计入的，如 statutory（法定假）", "What does not count, such as statutory leave"),
        *NAMES,
    ),
)
APPRAISAL = Key(
    "appraisal",
    "table",
    "由谁评分、各占多少（R073、R074）",
    "Who scores, and with what weight (R073, R074)",
    inner=(
        Key(
            "parts",
            "tables",
            "分数的组成，权重之和为 1",
            "The parts of the score; their weights come to 1",
            inner=(
                CODE,
                _must(_number("weight", '权重，如 "0.25"', 'Weight, such as "0.25"')),
                _must(_choice("by", ("employee", "supervisor"), "本人或主管", "The employee or the supervisor")),
                _choice(
                    "from",
                    ("kpi", "sampling"),
                    "按考核指标或按抽查；不写是指标",
                    "From the KPI table or from samples; KPI where not written",
                ),
                *NAMES,
            ),
        ),
        Key(
            "sampling",
            "table",
            "每周怎样抽查",
            "How a week is sampled",
            inner=(
                _choice("period", ("week",), "每周一次", "Once a week"),
                _must(_text("population", "从什么记录里抽", "Which records are drawn from")),
                Key(
                    "per_period",
                    "table",
                    "每周抽几条",
                    "How many a week",
                    inner=(_whole("min", "至少", "At least"), _whole("target", "一般", "As a rule")),
                ),
                _choice("method", ("random_without_replacement",), "随机，不重复", "At random, none twice"),
                _choice("seed", ("recorded_before_draw",), "种子先记录后抽", "The seed is recorded before the draw"),
                _must(
                    _choice(
                        "aggregate",
                        ("mean_of_weeks", "mean_of_samples"),
                        "先算每周平均，或所有样本一起平均（A-07）",
                        "Mean of the weekly means, or of all samples (A-07)",
                    )
                ),
            ),
        ),
        Key(
            "indicators",
            "tables",
            "按权重汇总的指标，权重之和为 1（R114）",
            "Indicators compiled by weight; the weights come to 1 (R114)",
            inner=(CODE, _must(_number("weight", "权重", "Weight")), *NAMES),
        ),
        _choice(
            "quarter_score",
            ("mean_of_months", "own"),
            "季度分数：各月平均，或单独考核（A-23）",
            "Quarter score: mean of its months, or an appraisal of its own (A-23)",
        ),
        _text("compiled_by", "由谁汇总，如 performance_admin", "Who compiles it, such as performance_admin"),
    ),
)
_COUNT = _must(_text("count", "数的是什么，inputs 之外的计数代码", "What is counted, by its code"))
KPI = Key(
    "kpi",
    "tables",
    "考核指标，满分之和为 100",
    "The KPI table; the points come to 100",
    inner=(
        CODE,
        _must(_number("max", "满分", "Full points")),
        _must(ZH),
        EN,
        RULES,
        QUOTE,
        ASSUMED,
        NOTE,
        Key(
            "measure",
            "table",
            "按数量计分：每个得几分，或每少一个扣几分（R135、R154）",
            "Points by count: so many for each, or minus for each one short (R135, R154)",
            forms=(("each",), ("below", "minus")),
            inner=(
                _COUNT,
                _number("each", "每个得几分", "Points for each"),
                _number("cap", "最多几分", "At most so many points"),
                _number("below", "应有个数", "How many there should be"),
                _number("minus", "每少一个扣几分", "Points off for each one short"),
                _number("floor", "最少几分", "At least so many points"),
            ),
        ),
        Key(
            "suggest",
            "tables",
            "按数量建议分数（A-29）",
            "Points suggested by counts (A-29)",
            inner=(
                _COUNT,
                _must(_number("upto", "最多计几个", "How many count at most")),
                _must(_number("each", "每个得几分", "Points for each")),
            ),
        ),
    ),
)
_PIECE_WORTH = (
    _number("value", "这一档的数值", "What the band gives"),
    _number("slope", "每一分的增减", "How much for each point"),
    _number("intercept", "起点", "Where the line begins"),
)
SCALES = Key(
    "scales",
    "codes",
    "分数到系数：档位或直线，自上而下，先符合的为准",
    "From score to factor: bands or lines, the first that fits from the top counts",
    inner=(
        _must(_text("input", "按哪一项数据", "Which input it asks")),
        _must(
            Key(
                "pieces",
                "tables",
                "各档",
                "The bands",
                forms=(("value",), ("slope", "intercept")),
                inner=(*BOUND_KEYS, *_PIECE_WORTH, replace(CODE, needed=False), *NAMES),
            )
        ),
        *NAMES,
    ),
)
TABLES = Key(
    "tables",
    "codes",
    "多列的档位表，如提成比例（R159）",
    "Bands with several columns, such as rates of commission (R159)",
    inner=(
        _must(_text("key", "按哪一项数据", "Which input it asks")),
        _choice("mode", ("whole",), "整体按一档，不分段累进", "The whole amount by one band, not marginal"),
        _must(
            Key(
                "rows",
                "tables",
                "各档；除界限外都是列",
                "The bands; every key besides the bounds is a column",
                inner=(
                    *BOUND_KEYS,
                    replace(CODE, needed=False),
                    *NAMES,
                    _number(ANY, "一列的数值，列名自定", "A column's figure; the file names it"),
                ),
            )
        ),
        *NAMES,
    ),
)
_GUARD_INNER = (
    Key("any", "guards", "任何一条成立", "One of them holds"),
    Key("all", "guards", "每一条都成立", "All of them hold"),
    _texts("sum", "几项数据之和，再写界限", "The sum of these inputs, with a bound"),
    *BOUND_KEYS,
    replace(CODE, needed=False),
    *NAMES,
)
GUARD = Key("guard", "table", "条件", "Condition", inner=_GUARD_INNER, forms=(("any",), ("all",), ("sum",)))
FACTOR_KEYS = (
    _text("param", "params 里的一项", "One of params"),
    _text("input", "inputs 里的一项", "One of inputs"),
    _number("const", "固定数", "A constant"),
    _text("scale", "scales 里的一项", "One of scales"),
    _texts("ratio", "两项数据：实际、应有", "Two inputs: actual and scheduled"),
    _number("max", "比例最多是多少，只与 ratio 同用", "The ratio's cap; only beside ratio"),
    _switch("round_day", "日工资先舍入到分，只与 ratio 同用", "Round the day's rate first; only beside ratio"),
    _text("rows", "inputs 里的一组明细", "Records of one of inputs"),
    _text("field", "明细的哪一栏相加，只与 rows 同用", "Which field is summed; only beside rows"),
    Key(
        "where",
        "tables",
        "哪些明细计入，只与 rows 同用",
        "Which records count; only beside rows",
        inner=(
            _must(_text("field", "看哪一栏", "Which field is asked")),
            _text("eq", "等于", "Equals"),
            *BOUND_KEYS,
            _switch("missing", "没有填写的也计入", "A record without it counts as well"),
            _switch("warn", "不满足的仍计入，只提示", "One that fails counts, and is flagged"),
            replace(CODE, needed=False),
            *NAMES,
        ),
    ),
    _text("table", "tables 里的一项", "One of tables"),
    _text("column", "表的哪一列，只与 table 同用", "Which column; only beside table"),
    replace(CODE, needed=False),
    *NAMES,
)
FACTOR_FORMS = (("param",), ("input",), ("const",), ("scale",), ("ratio",), ("rows",), ("table",))
COMPONENTS = Key(
    "components",
    "tables",
    "每一项工资，是各因子的乘积",
    "Every pay line, the product of its factors",
    inner=(
        CODE,
        *NAMES,
        RULES,
        QUOTE,
        _text("doc", "文件编号", "Document id"),
        _text("source", "出处", "Where it comes from"),
        _text("lines", "行号", "Lines"),
        _must(
            Key(
                "factors",
                "tables",
                "因子，依次相乘",
                "Factors, multiplied in turn",
                inner=FACTOR_KEYS,
                forms=FACTOR_FORMS,
            )
        ),
        Key("unless", "guard", "成立时不发放", "Not paid where this holds"),
        Key("when", "guard", "成立时才发放", "Paid only where this holds"),
    ),
)
RATINGS = Key(
    "ratings",
    "codes",
    "分数到等级或人员分类（R127、R116）",
    "From score to rating or class (R127, R116)",
    inner=(
        _must(_text("input", "按哪一项数据", "Which input it asks")),
        _must(
            Key(
                "pieces",
                "tables",
                "各档",
                "The bands",
                inner=(
                    *BOUND_KEYS,
                    _must(_text("label", "等级的代码", "The rating's code")),
                    replace(CODE, needed=False),
                    *NAMES,
                ),
            )
        ),
        *NAMES,
    ),
)
STREAKS = Key(
    "streaks",
    "tables",
    "连续或累计几个月，提出建议；总由人决定",
    "Months in a row or within a year that propose advice; a human always decides",
    inner=(
        CODE,
        *NAMES,
        RULES,
        QUOTE,
        _must(
            Key(
                "test",
                "table",
                "怎样的月份计入，写一个界限",
                "Which months count: one bound",
                inner=BOUND_KEYS,
                forms=tuple((name,) for name in BOUNDS),
            )
        ),
        _must(_whole("run", "几个月", "How many months")),
        _choice("mode", ("consecutive", "cumulative"), "连续，或累计（A-04）", "In a row, or cumulative (A-04)"),
        _whole("window", "累计时看最近几个月，不写是 12", "Months looked at where cumulative; 12 where not written"),
        _choice(
            "gap",
            ("break", "skip"),
            "没有分数的月份：中断，或跳过",
            "A month without a score breaks the run, or is skipped",
        ),
        _must(
            _choice("action", ("warning", "dismissal_advice", "year_end_award_advice"), "建议的种类", "Kind of advice")
        ),
        _switch("human_decision", "必须是 true：由人决定", "Must be true: a human decides"),
    ),
)
POOLS = Key(
    "pools",
    "tables",
    "团队奖金池（R006–R010）",
    "Team bonus pools (R006–R010)",
    inner=(
        CODE,
        *NAMES,
        RULES,
        QUOTE,
        _must(_choice("period", CYCLES, "每月、每季度或每年", "Every month, quarter or year")),
        Key(
            "sources",
            "tables",
            "总额的来源，相加",
            "Where the total comes from, added up",
            forms=(("input",), ("amount",), ("base", "rate")),
            inner=(
                _text("input", "每期录入的金额", "An amount entered every period"),
                _number("amount", "固定金额", "A fixed amount"),
                _number("base", "基数，元", "A base, in yuan"),
                _number("rate", "比例", "A rate"),
                NOTE,
            ),
        ),
        Key(
            "completion",
            "table",
            "目标实际完成率",
            "The completion rate",
            inner=(
                _texts("parts", "由哪几部分组成", "Its parts"),
                _choice("combine", ("sum",), "相加", "Added up"),
                Key("cap", "open", '最多是多少；"" 是不封顶', 'Its cap; "" is none'),
            ),
        ),
        Key(
            "eligible",
            "tables",
            "谁可以分（A-16）",
            "Who takes part (A-16)",
            inner=(
                _must(_text("field", "看哪一项，如 left_on", "Which field, such as left_on")),
                _must(_choice("rule", ("not_before", "after"), "不早于，或晚于", "Not before, or after")),
                _must(Key("date", "day", "日期", "The day")),
                NOTE,
            ),
        ),
        Key(
            "split",
            "table",
            "怎样分配（R009）",
            "How it is split (R009)",
            inner=(
                _text("by", "由谁设计", "Who designs it"),
                _text("method", "方法", "The method"),
                _choice("remainder", ("largest_remainder",), "零头给余数最大的人", "The rest by largest remainder"),
            ),
        ),
        Key(
            "approve",
            "table",
            "由谁批准",
            "Who approves it",
            inner=(_text("by", "由谁", "Who"), _text("before", "在什么之前", "Before what")),
        ),
    ),
)
PUBLICATION = Key(
    "publication",
    "table",
    "公示（R104）",
    "Publication of results (R104)",
    inner=(
        _texts("channels", "在哪里公示", "Where"),
        _text("content", "公示什么，如 result", "What is published, such as result"),
        _whole("objection_days", "异议期，工作日", "Days for objections, working days"),
    ),
)
DEADLINES = Key(
    "deadlines",
    "tables",
    "期限，如评估结束后一个月内发放（R103）",
    "Deadlines, such as payout within a month of the evaluation (R103)",
    inner=(
        CODE,
        *NAMES,
        _text("anchor", "从哪件事算起，如 evaluation_closed", "What it is counted from, such as evaluation_closed"),
        _whole("offset_months", "几个月内", "Months"),
        _whole("offset_days", "几天内", "Days"),
    ),
)
ADJUSTMENTS = Key(
    "adjustments",
    "table",
    "调整与违规（R105–R107）",
    "Adjustments and violations (R105–R107)",
    inner=(
        _switch("allowed", "可以调整", "Adjustments are allowed"),
        _switch("reason_required", "必须有理由", "A reason is required"),
        _switch("notify_employee", "必须通知本人", "The employee is told"),
        _switch("violation_voids_bonus", "违规取消奖金", "A violation voids the bonus"),
    ),
)
PROCESS = Key(
    "process",
    "table",
    "流程，供阅读（R110–R116）",
    "The process, for readers (R110–R116)",
    inner=(
        _texts("steps", "各步", "The steps"),
        _texts("use_of_result", "结果用于什么", "What the result is used for"),
        _switch("weekly_meeting", "每周例会", "A weekly meeting"),
    ),
)
WORK_TIME = Key(
    "work_time",
    "table",
    "工作时间（R060、R085）",
    "Working time (R060, R085)",
    inner=(
        Key("days", "wholes", "星期几上班，1 是星期一", "Working days, 1 is Monday"),
        _text("from", "几点起", "From"),
        _text("to", "几点止", "Until"),
        _number("hours_per_day", "每天几小时", "Hours a day"),
        _switch("clock", "打卡", "Clocking in"),
    ),
)
_OVER = (
    _must(_text("input", "inputs 之外由公司提供的数", "A figure that the company brings")),
    _must(_number("times", "乘以", "Times")),
)
WARNINGS = Key(
    "warnings",
    "tables",
    "只提示、不扣减（R027）",
    "Only flagged, never cut (R027)",
    inner=(
        CODE,
        *NAMES,
        RULES,
        QUOTE,
        _text("of", "看哪一项工资", "Which pay line it watches"),
        Key("gt", "table", "提示的界限：一个数的几倍", "The bound: so many times a figure", inner=_OVER),
    ),
)
LINT = Key(
    "lint",
    "table",
    "发布前要检查的",
    "What is checked before publication",
    inner=(
        _texts("non_decreasing", "不得越高分越少的档位，如 scales.factor（R102）", "Scales that must not fall (R102)"),
    ),
)
OPTIONS = Key(
    "options",
    "codes",
    "有多种读法的条款；发布前逐条选定",
    "Terms with several readings, each chosen before publication",
    inner=(
        _must(ZH),
        EN,
        _must(_text("default", "不选时的读法", "The reading where none is chosen")),
        _text("doc", "疑义编号，如 A-01", "Id of the ambiguity, such as A-01"),
        QUOTE,
        RULES,
        NOTE,
        Key("names", "codes", "每种读法的说明", "What each reading says", inner=(ZH, EN)),
        _must(
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
FORMAT = _choice("format", ("1",), "格式的版本，现在是 1", "Version of the format: 1 now")
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
