"""The keys of what a policy is, whom it is for, what it collects and how it scores."""

from __future__ import annotations

from approval.rules.policy_format import CYCLES, INPUT_TYPES, PARAM_TYPES, POPULATIONS
from approval.rules.policy_key import (
    ASSUMED,
    BASIS,
    CODE,
    EN,
    NAMES,
    NOTE,
    TARGET,
    TO_FILL,
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

POLICY = Key(
    "policy",
    "table",
    "方案的身份：代码、名称、出处、执行期、周期（R017）",
    "What the policy is: code, name, source, dates, cycle (R017)",
    needed=True,
    inner=(
        must(
            text(
                "code",
                "方案代码：字母、数字、连字符，最多 60 位",
                "Code: letters, digits and hyphens, at most 60 signs",
            )
        ),
        whole("version", "文件自己的版本号，只供阅读", "The file's own version, for readers only"),
        Key("name", "table", "方案名称", "Name of the policy", needed=True, inner=(must(ZH), EN)),
        Key(
            "source",
            "table",
            "出自哪份文件",
            "Which document it comes from",
            inner=(
                text("doc", "文件编号，如 D08；公司自定写 company", "Document id, such as D08; company for its own"),
                text("lines", "行号", "Lines"),
            ),
        ),
        must(
            Key("effective_from", "day", "从哪一天起执行；不早于发布日", "First day in force; not before publication")
        ),
        Key("effective_to", "day", "执行到哪一天；不写则直到被取代", "Last day in force; without it, until superseded"),
        must(choice("cycle", CYCLES, "考核周期：每月、每季度、每年", "How often it appraises: month, quarter or year")),
    ),
)
SCOPE = Key(
    "scope",
    "table",
    "对谁适用；范围窄的先于宽的",
    "To whom it applies; a narrow scope goes before a wide one",
    needed=True,
    inner=(
        must(texts("departments", '部门名称；["*"] 是全公司', 'Names of departments; ["*"] is the whole company')),
        must(texts("positions", '岗位代码或名称；["*"] 是所有岗位', 'Codes or names of positions; ["*"] is all')),
        texts("exclude_positions", "不适用的岗位", "Positions left out"),
        switch(
            "adds",
            "在岗位自己的方案之外加发：各项加在同一张工资条上，自己不评分",
            "Adds its lines to the payslip of the post's own policy; scores nothing itself",
        ),
    ),
)
_MONEY_WHEN = choice("when", ("line",), "逐项舍入", "Each line is rounded by itself")
_MODE = choice("mode", ("half_up",), "四舍五入", "Half away from zero")
_FEN = choice("places", ("2",), "小数位数，只支持 2", "Decimal places: 2 only")
_POINTS = choice(
    "places",
    ("2", "0", "6"),
    "小数位数：2、0，或 6（不取整：存几位就显示几位，最多六位）（A-34）",
    "Decimal places: 2, 0, or 6 (not rounded: shown with the places that are kept, six at most) (A-34)",
)
ROUNDING = Key(
    "rounding",
    "table",
    "舍入；四舍五入，金额逐项到分，分数到两位小数、到整数或不取整",
    "Rounding, half up: money line by line to the fen, scores to two places, to whole points or not at all",
    inner=(
        Key("money", "table", "金额的舍入", "Rounding of money", inner=(_FEN, _MODE, _MONEY_WHEN)),
        Key("score", "table", "分数的舍入", "Rounding of the score", inner=(_POINTS, _MODE)),
    ),
)
PARAMS = Key(
    "params",
    "codes",
    "方案里的数值；没有印出来的由公司填写，填好之前不能发布（A-36）",
    "Figures of the policy; what is not printed the company fills in before it can be published (A-36)",
    forms=(("value",), ("per",)),
    inner=(
        number("value", "统一数值", "One figure for everybody"),
        texts(
            "per",
            "由公司填写，按 employee、position、grade",
            "Filled in by the company per employee, position or grade",
        ),
        choice(
            "type", PARAM_TYPES, "金额、系数或比例；不写是金额", "Money, factor or fraction; money where not written"
        ),
        *NAMES,
        *BASIS,
    ),
)
INPUTS = Key(
    "inputs",
    "codes",
    "每月要收集的数据，由谁提供",
    "What is collected every month, and from whom",
    inner=(
        must(choice("type", INPUT_TYPES, "数据的种类；rows 是一条条明细", "Kind of figure; rows are single records")),
        text("source", "由谁提供，如 attendance、data_department", "Who brings it: attendance, data_department …"),
        number("default", "没有数据时用的数值", "Used where none was brought"),
        switch("evidence", "必须附凭据", "Must come with evidence"),
        switch("signed", "可以是负数（会减少工资）", "May be negative: it may cut pay"),
        texts("fields", "明细有哪些栏", "The fields of a record"),
        texts("exclude", "不计入的，如 statutory（法定假）", "What does not count, such as statutory leave"),
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
                must(number("weight", '权重，如 "0.25"', 'Weight, such as "0.25"')),
                must(choice("by", ("employee", "supervisor"), "本人或主管", "The employee or the supervisor")),
                choice(
                    "from",
                    ("kpi", "sampling"),
                    "按考核指标或按抽查；不写是指标",
                    "From the KPI table or from samples; KPI where not written",
                ),
                *NAMES,
                *BASIS,
                TO_FILL,
            ),
        ),
        Key(
            "sampling",
            "table",
            "每周怎样抽查",
            "How a week is sampled",
            inner=(
                choice("period", ("week",), "每周一次", "Once a week"),
                must(
                    choice(
                        "population",
                        POPULATIONS,
                        "抽什么：客户服务记录、工作成果，或员工（抽中的人整周一起考察）（A-06）",
                        "What is drawn: customers' service records, pieces of work, or people, each drawn one's week "
                        "examined as a whole (A-06)",
                    )
                ),
                Key(
                    "per_period",
                    "table",
                    "每周抽几条；抽员工时是几个人",
                    "How many a week; people, where people are drawn",
                    inner=(whole("min", "至少", "At least"), whole("target", "一般", "As a rule")),
                ),
                choice("method", ("random_without_replacement",), "随机，不重复", "At random, none twice"),
                choice("seed", ("recorded_before_draw",), "种子先记录后抽", "The seed is recorded before the draw"),
                must(
                    choice(
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
            "按权重汇总的指标，权重之和为 1（R114）；季度单独考核时就是考核指标，满分 = 权重 × 100",
            "Indicators compiled by weight; the weights come to 1 (R114); in a quarter's own appraisal they are the KPI items, "
            "with weight × 100 as full points",
            inner=(CODE, must(number("weight", "权重", "Weight")), *NAMES, *BASIS, TARGET, TO_FILL),
        ),
        choice(
            "quarter_score",
            ("mean_of_months", "own"),
            "季度分数：各月平均，或单独考核（A-23）",
            "Quarter score: mean of its months, or an appraisal of its own (A-23)",
        ),
        text("compiled_by", "由谁汇总，如 performance_admin", "Who compiles it, such as performance_admin"),
    ),
)
_COUNT = must(text("count", "数的是什么，inputs 之外的计数代码", "What is counted, by its code"))
KPI = Key(
    "kpi",
    "tables",
    "考核指标，满分之和为 100",
    "The KPI table; the points come to 100",
    inner=(
        CODE,
        must(number("max", "满分", "Full points")),
        must(ZH),
        EN,
        *BASIS,
        ASSUMED,
        NOTE,
        TARGET,
        TO_FILL,
        Key(
            "measure",
            "table",
            "按数量计分：每个得几分，或每少一个扣几分（R135、R154）",
            "Points by count: so many for each, or minus for each one short (R135, R154)",
            forms=(("each",), ("below", "minus")),
            inner=(
                _COUNT,
                number("each", "每个得几分", "Points for each"),
                number("cap", "最多几分", "At most so many points"),
                number("below", "应有个数", "How many there should be"),
                number("minus", "每少一个扣几分", "Points off for each one short"),
                number("floor", "最少几分", "At least so many points"),
            ),
        ),
        switch(
            "all_or_nothing",
            "suggest 的数都达到才得满分，否则 0 分（A-29）",
            "Full points once every count of suggest is reached, else none (A-29)",
        ),
        Key(
            "suggest",
            "tables",
            "按数量建议分数（A-29）",
            "Points suggested by counts (A-29)",
            inner=(
                _COUNT,
                must(number("upto", "最多计几个", "How many count at most")),
                must(number("each", "每个得几分", "Points for each")),
            ),
        ),
    ),
)
