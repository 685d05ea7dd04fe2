"""The keys of what a policy pays, rates and advises."""

from __future__ import annotations

from dataclasses import replace

from approval.rules.policy_format import BOUNDS, CYCLES
from approval.rules.policy_key import (
    ANY,
    BASIS,
    BOUND_KEYS,
    CODE,
    EN,
    NAMES,
    NOTE,
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

_PIECE_WORTH = (
    number("value", "这一档的数值", "What the band gives"),
    number("slope", "每一分的增减", "How much for each point"),
    number("intercept", "起点", "Where the line begins"),
)
SCALES = Key(
    "scales",
    "codes",
    "分数到系数：档位或直线，自上而下，先符合的为准",
    "From score to factor: bands or lines, the first that fits from the top counts",
    inner=(
        must(text("input", "按哪一项数据", "Which input it asks")),
        must(
            Key(
                "pieces",
                "tables",
                "各档",
                "The bands",
                forms=(("value",), ("slope", "intercept")),
                inner=(*BOUND_KEYS, *_PIECE_WORTH, replace(CODE, needed=False), *NAMES, *BASIS),
            )
        ),
        *NAMES,
        *BASIS,
        TO_FILL,
    ),
)
TABLES = Key(
    "tables",
    "codes",
    "多列的档位表，如提成比例（R159）",
    "Bands with several columns, such as rates of commission (R159)",
    inner=(
        must(text("key", "按哪一项数据", "Which input it asks")),
        choice(
            "mode",
            ("whole", "marginal"),
            "整体按一档，或按名次分段累进（A-21）",
            "The whole amount by one band, or each record by the band of its rank (A-21)",
        ),
        text("by", "分段累进时按明细的哪一栏排名次", "Where marginal: the field of the records that is ranked"),
        must(
            Key(
                "rows",
                "tables",
                "各档；除界限外都是列",
                "The bands; every key besides the bounds is a column",
                inner=(
                    *BOUND_KEYS,
                    replace(CODE, needed=False),
                    *NAMES,
                    *BASIS,
                    number(ANY, "一列的数值，列名自定", "A column's figure; the file names it"),
                ),
            )
        ),
        *NAMES,
        *BASIS,
        TO_FILL,
    ),
)
_GUARD_INNER = (
    Key("any", "guards", "任何一条成立", "One of them holds"),
    Key("all", "guards", "每一条都成立", "All of them hold"),
    texts("sum", "几项数据之和，再写界限", "The sum of these inputs, with a bound"),
    *BOUND_KEYS,
    replace(CODE, needed=False),
    *NAMES,
)
GUARD = Key("guard", "table", "条件", "Condition", inner=_GUARD_INNER, forms=(("any",), ("all",), ("sum",)))
FACTOR_KEYS = (
    text("param", "params 里的一项", "One of params"),
    text("input", "inputs 里的一项", "One of inputs"),
    number("const", "固定数", "A constant"),
    text("scale", "scales 里的一项", "One of scales"),
    texts("ratio", "两项数据：实际、应有", "Two inputs: actual and scheduled"),
    number("max", "比例最多是多少，只与 ratio 同用", "The ratio's cap; only beside ratio"),
    switch("round_day", "日工资先舍入到分，只与 ratio 同用", "Round the day's rate first; only beside ratio"),
    text("rows", "inputs 里的一组明细", "Records of one of inputs"),
    text("field", "明细的哪一栏相加，只与 rows 同用", "Which field is summed; only beside rows"),
    Key(
        "where",
        "tables",
        "哪些明细计入，只与 rows 同用",
        "Which records count; only beside rows",
        inner=(
            must(text("field", "看哪一栏", "Which field is asked")),
            text("eq", "等于", "Equals"),
            *BOUND_KEYS,
            switch("missing", "没有填写的也计入", "A record without it counts as well"),
            switch("warn", "不满足的仍计入，只提示", "One that fails counts, and is flagged"),
            text("ge_param", "不低于 params 里的一项（A-22）", "At least one of params (A-22)"),
            text("lt_param", "低于 params 里的一项（A-22）", "Less than one of params (A-22)"),
            replace(CODE, needed=False),
            *NAMES,
        ),
    ),
    text("table", "tables 里的一项", "One of tables"),
    text("column", "表的哪一列，只与 table 同用", "Which column; only beside table"),
    switch("off", "这个位置没有因子；另一种读法会放一个", "No factor here; another reading puts one"),
    replace(CODE, needed=False),
    *NAMES,
)
FACTOR_FORMS = (("param",), ("input",), ("const",), ("scale",), ("ratio",), ("rows",), ("table",), ("off",))
COMPONENTS = Key(
    "components",
    "tables",
    "每一项工资，是各因子的乘积",
    "Every pay line, the product of its factors",
    inner=(
        CODE,
        *NAMES,
        *BASIS,
        text("doc", "文件编号", "Document id"),
        text("source", "出处", "Where it comes from"),
        text("lines", "行号", "Lines"),
        must(
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
        switch(
            "outside_minimum",
            "不计入最低工资：加班费、中班夜班高温等津贴、法定福利",
            "Not held against the minimum wage: overtime, shift and heat allowances, statutory benefits",
        ),
        Key(
            "caution",
            "table",
            "法律提示：发布前给人看，不参与计算",
            "A legal caution for whoever publishes; never computed",
            inner=(must(ZH), EN),
        ),
    ),
)
RATINGS = Key(
    "ratings",
    "codes",
    "分数到等级或人员分类（R127、R116）",
    "From score to rating or class (R127, R116)",
    inner=(
        must(text("input", "按哪一项数据", "Which input it asks")),
        must(
            Key(
                "pieces",
                "tables",
                "各档",
                "The bands",
                inner=(
                    *BOUND_KEYS,
                    must(text("label", "等级的代码", "The rating's code")),
                    replace(CODE, needed=False),
                    *NAMES,
                    *BASIS,
                ),
            )
        ),
        *NAMES,
        *BASIS,
        TO_FILL,
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
        *BASIS,
        must(
            Key(
                "test",
                "table",
                "怎样的月份计入，写一个界限",
                "Which months count: one bound",
                inner=BOUND_KEYS,
                forms=tuple((name,) for name in BOUNDS),
            )
        ),
        must(whole("run", "几个月", "How many months")),
        choice("mode", ("consecutive", "cumulative"), "连续，或累计（A-04）", "In a row, or cumulative (A-04)"),
        whole("window", "累计时看最近几个月，不写是 12", "Months looked at where cumulative; 12 where not written"),
        choice(
            "gap",
            ("break", "skip"),
            "没有分数的月份：中断，或跳过",
            "A month without a score breaks the run, or is skipped",
        ),
        must(
            choice("action", ("warning", "dismissal_advice", "year_end_award_advice"), "建议的种类", "Kind of advice")
        ),
        switch("human_decision", "必须是 true：由人决定", "Must be true: a human decides"),
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
        *BASIS,
        must(choice("period", CYCLES, "每月、每季度或每年", "Every month, quarter or year")),
        Key(
            "sources",
            "tables",
            "总额的来源，相加",
            "Where the total comes from, added up",
            forms=(("input",), ("amount",), ("base", "rate")),
            inner=(
                text("input", "每期录入的金额", "An amount entered every period"),
                number("amount", "固定金额", "A fixed amount"),
                number("base", "基数，元", "A base, in yuan"),
                number("rate", "比例", "A rate"),
                NOTE,
            ),
        ),
        Key(
            "completion",
            "table",
            "目标实际完成率",
            "The completion rate",
            inner=(
                texts("parts", "由哪几部分组成", "Its parts"),
                choice("combine", ("sum",), "相加", "Added up"),
                Key("cap", "open", '最多是多少；"" 是不封顶', 'Its cap; "" is none'),
                *NAMES,
                TO_FILL,
                NOTE,
            ),
        ),
        Key(
            "eligible",
            "tables",
            "谁可以分（A-16）",
            "Who takes part (A-16)",
            inner=(
                must(text("field", "看哪一项，如 left_on", "Which field, such as left_on")),
                must(choice("rule", ("not_before", "after"), "不早于，或晚于", "Not before, or after")),
                must(Key("date", "day", "日期", "The day")),
                NOTE,
            ),
        ),
        switch(
            "include_head",
            "部门负责人是否参加分配，不写是参加（A-31）",
            "Whether the head takes part; does where not written (A-31)",
        ),
        Key(
            "split",
            "table",
            "怎样分配（R009）",
            "How it is split (R009)",
            inner=(
                text("by", "由谁设计", "Who designs it"),
                text("method", "方法", "The method"),
                choice("remainder", ("largest_remainder",), "零头给余数最大的人", "The rest by largest remainder"),
            ),
        ),
        Key(
            "approve",
            "table",
            "由谁批准",
            "Who approves it",
            inner=(text("by", "由谁", "Who"), text("before", "在什么之前", "Before what")),
        ),
    ),
)
