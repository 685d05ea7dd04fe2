"""The format of the library of KPI templates (approval/kpi_library): what a file may hold, and what it must."""

from __future__ import annotations

from approval.rules.policy_key import BASIS, CODE, EN, QUOTE, RULES, ZH, Key, choice, must, text, whole

KINDS = ("function", "post", "indicator")
FUNCTIONS = ("sales", "promotion", "operations", "product", "service", "data", "general")
_BOTH = (must(ZH), must(EN))
_WORDS = {
    "measure": ("怎样计算", "How it is measured"),
    "focus": ("考核重点", "What it looks at"),
    "method": ("考核方法", "How it is appraised"),
}
_SOURCE = Key(
    "source",
    "table",
    "出自哪份文件",
    "Which document it comes from",
    needed=True,
    inner=(must(text("doc", "文件编号", "Document id")), must(text("lines", "行号", "Lines"))),
)
_LIBRARY = Key(
    "library",
    "table",
    "这一份指标库的身份",
    "What this part of the library is",
    needed=True,
    inner=(
        CODE,
        Key("name", "table", "名称", "Name", needed=True, inner=_BOTH),
        _SOURCE,
        Key("notes", "tables", "说明", "Remarks", inner=(*_BOTH, *BASIS)),
    ),
)
_POINT = Key(
    "points",
    "tables",
    "指标；分值、权重和目标由公司填写",
    "KPI points; points, weight and target are the company's",
    needed=True,
    inner=(
        CODE,
        *_BOTH,
        must(RULES),
        must(QUOTE),
        *(Key(name, "table", *words, inner=_BOTH) for name, words in _WORDS.items()),
    ),
)
_GROUPS = Key(
    "groups",
    "tables",
    "职能、岗位或指标类别",
    "Functions, posts or kinds of indicators",
    needed=True,
    inner=(
        CODE,
        must(choice("kind", KINDS, "种类", "Kind")),
        must(choice("function", FUNCTIONS, "属于哪个职能", "Which function it belongs to")),
        *_BOTH,
        must(RULES),
        QUOTE,
        _POINT,
        Key("duties", "tables", "工作职责，不是规则", "Duties; they are no rules", inner=(*_BOTH, RULES, must(QUOTE))),
    ),
)
LIBRARY_FILE = Key(
    "file",
    "table",
    "指标库",
    "Library of KPI templates",
    inner=(must(whole("format", "格式版本", "Format")), _LIBRARY, _GROUPS),
)
