"""The handbook of the policy format: `python -m approval.rules.policy_doc` prints it.

Every row is made: keys and meanings from the catalogue, examples from the example policy, and what a wrong file is told by
breaking the example at that place and asking the checker.
"""

from __future__ import annotations

import copy
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from approval.rules.policy import chosen, load, read
from approval.rules.policy_key import ANY, Key
from approval.rules.policy_keys import KEYS, KINDS
from approval.rules.policy_keys_pay import GUARD
from approval.rules.policy_lint import lints
from approval.rules.refusal import Refused

NAME = "policy.toml"
EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "policy-example.toml"
Steps = tuple[str | int, ...]
Place = tuple[str, Key, list[Steps]]  # the path as written, the key, where the example has it
HEAD = """# 方案格式 · The policy format

<!-- python -m approval.rules.policy_doc > docs/policy-format.md -->

方案是一个 TOML 文件，UTF-8。数写成文字（`"0.5"`），任何程序都不会把它读成近似值。先选定读法，再补齐公司的数值，再锁定，再计算。
A policy is a TOML file in UTF-8. Numbers are text (`"0.5"`), so that no program can turn them into something near.
Readings are applied, the company's figures filled in, the whole is frozen, then computed.

**编辑器 · Editors.** 文件第一行写 · put on the first line: `#:schema ./policy.schema.json`
（Even Better TOML、Taplo；路径指向 · a path to `approval/policies/policy.schema.json`）。
产品自带的方案由 `.taplo.toml` 指明，不用写 · `.taplo.toml` says so for the shipped policies.
随后编辑器会补全、提示含义、标出错误。The editor then completes keys, shows what they mean and marks faults.
`python -m approval.cli policy check FILE` 做全部检查 · runs every check.

**出错时 · When something is wrong**：文件：路径 + 哪里不对 + 怎样才对，页面上还有行号。
File, path, what is wrong, what would be right; the page adds the line. 下表“写错时”一栏是检查程序的原话。
The last column of each table is what the checker really says when the value is wrong or missing.

**列表里的一项 · An element of a list** 用 `code` 指明 · is addressed by its `code`: `components.base.factors`。

**界限 · Bounds**：`lt` < · `le` ≤ · `gt` > · `ge` ≥。自上而下，先符合的一档为准 · the first that fits from the top counts.

**从不改旧账 · Never retroactive**：考核按开启时锁定的版本算 · a month runs under the version frozen when it was opened.

"""
KIND_HEAD = "| 键 key | 类型 type | 含义 meaning | 例 example | 写错时 when wrong |\n|---|---|---|---|---|\n"
LINTS = (
    ("block", "weights", "权重之和不是 1", "weights miss 1"),
    ("block", "kpi_sum", "满分之和不是 100", "points miss 100"),
    ("block", "said_twice", "指标权重与满分不一致", "weights and points disagree"),
    ("block", "no_parts no_sampling no_kpi no_scorer", "没有人或没有依据评分", "nobody or nothing to score by"),
    ("block", "overlap gap", "档位重叠或有空档", "bands overlap or leave a gap"),
    ("block", "not_monotone table_falls", "标明不得下降的档位或表格下降", "a marked scale or table falls"),
    ("block", "colliding_patches", "两个选项改动同一处", "two options touch one place"),
    ("block", "broken_reading", "选了就读不通的读法", "a reading that cannot be chosen"),
    (
        "block",
        "human_decision wording",
        "连续月规则不由人决定，或名称替人下了结论",
        "a streak no human decides, or worded so",
    ),
    ("block", "never_fires", "连续月规则永远不会成立", "a streak that can never be complete"),
    ("block", "paid_twice", "同一笔钱由两项发放", "one sum paid by two lines"),
    ("block", "to_fill missing_param", "公司的数值没有填", "a figure of the company is missing"),
    ("block", "misfit unknown_reference", "没有这一项、类型不对、引用不存在", "unknown key, other kind, no such thing"),
    ("block", "", "有读法没有选定", "a reading that nobody has chosen"),
    ("warn", "assumed", "分值为推定", "points are assumed"),
    ("warn", "never_reached", "一档永远轮不到", "a band that is never reached"),
    ("warn", "not_monotone", "没有标明的档位下降", "an unmarked scale falls"),
    ("warn", "table_falls", "表格的一列随数据上升而下降", "a column of a table falls while its figure rises"),
    ("block", "deduction", "扣减工资的工资项", "a pay line that cuts pay"),
    ("warn", "base_times_coefficient", "底薪乘以系数", "base pay times a coefficient"),
    ("warn", "caution", "原文的做法有法律风险", "a line with a legal caution"),
    ("warn", "unused", "收集了却没有用到", "collected and never used"),
    ("warn", "idle_deadline idle_void", "写了却不起作用", "written without effect"),
    ("warn", "work_time", "工时超过法定上限", "hours over the legal limit"),
    (
        "warn",
        "below_minimum_wage no_minimum_wage",
        "低于当地最低工资，或没有当地标准",
        "below the minimum wage, or none known",
    ),
    ("warn", "missing_figure", "有的岗位没有数值", "a post without its figure"),
    ("warn", "overlapping_versions", "会取代已发布的版本", "takes over from a published version"),
    ("warn", "same_grade_apart", "方案说同级同酬，而同岗同级的标准不同", "equal grades paid apart where it says equal"),
)


def handbook(example: str) -> str:
    """The whole document, from the example policy's text."""
    raw: dict[str, Any] = tomllib.loads(example)
    parts = [HEAD, *(_block(raw, key) for key in KEYS), _guard(raw), _lints()]
    return "".join(parts) + f"\n## 例 · An example with every key\n\n```toml\n{example}```\n"


def _lints() -> str:
    """What is checked before publication, with the code of each finding."""
    severity = {"block": "必须改 · blocks", "warn": "提醒 · warns"}
    rows = [
        f"| {severity[how]} | {' '.join(f'`{one}`' for one in codes.split()) or '–'} | {zh} · {en} |"
        for how, codes, zh, en in LINTS
    ]
    head = ["", "## 发布前的检查 · Checks before publication", "", "| | code | |", "|---|---|---|"]
    return "\n".join([*head, *rows, ""])


def unused(example: str) -> list[str]:
    """The keys that the example policy does not show."""
    raw = tomllib.loads(example)
    return [path for key in KEYS for path, _, places in _places(key, key.name, [(key.name,)], raw) if not places]


def _block(raw: Mapping[str, Any], key: Key) -> str:
    mark = {"tables": f"[[{key.name}]]", "codes": f"[{key.name}.…]"}.get(key.kind, f"[{key.name}]")
    plain = not key.inner
    title = key.name if plain else mark
    told = f"## `{title}`{' *' if key.needed else ''}\n\n{key.zh}。{key.en}.\n\n"
    if key.forms:
        told += f"只写其中一种 · exactly one of: {_forms(key)}。\n\n"
    rows = list(_places(key, key.name, [(key.name,)], raw))
    return told + KIND_HEAD + "".join(_row(raw, *row) for row in (rows if plain else rows[1:])) + "\n"


def _guard(raw: Mapping[str, Any]) -> str:
    told = f"## 条件 · Conditions (`unless`, `when`)\n\n只写其中一种 · exactly one of: {_forms(GUARD)}。\n\n"
    rows = "".join(f"| `{one.name}` | {_kind(one)} | {one.zh} · {one.en} |\n" for one in GUARD.inner)
    return f"{told}| 键 key | 类型 type | 含义 meaning |\n|---|---|---|\n{rows}"


def _forms(key: Key) -> str:
    return " / ".join(" + ".join(f"`{name}`" for name in form) for form in key.forms)


def _places(key: Key, path: str, places: list[Steps], raw: Any) -> Iterator[Place]:
    """A key and all below it: the path as written, and where the example policy has it."""
    here = [steps for steps in places if _at(raw, steps) is not None]
    yield path, key, here
    within = here
    if key.kind == "codes":
        within = [(*steps, code) for steps in here for code in _at(raw, steps)]
        path = f"{path}.…"
    elif key.kind == "tables":
        within = [(*steps, n) for steps in here for n in range(len(_at(raw, steps)))]
        path = f"{path}[]"
    for one in key.inner:
        names = [(*steps, name) for steps in within for name in _names(one, key, _at(raw, steps))]
        yield from _places(one, f"{path}.{'…' if one.name == ANY else one.name}", names, raw)


def _names(one: Key, key: Key, told: Any) -> list[str]:
    if one.name != ANY:
        return [one.name]
    return [name for name in told if name not in {other.name for other in key.inner}]


def _at(raw: Any, steps: Steps) -> Any:
    for step in steps:
        raw = raw[step] if isinstance(step, int) or step in raw else None
        if raw is None:
            return None
    return raw


def _row(raw: Mapping[str, Any], path: str, key: Key, places: list[Steps]) -> str:
    name = path.partition(".")[2] or path
    told = f"{key.zh} · {key.en}" + (f"。只写其中一种 · exactly one of: {_forms(key)}" if key.forms else "")
    cells = (
        f"`{name}`{' *' if key.needed else ''}",
        _kind(key),
        told,
        f"`{_toml(_at(raw, places[0]))}`",
        _when_wrong(raw, key, places[0]),
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _kind(key: Key) -> str:
    zh, en = KINDS[key.kind]
    among = "：" + " / ".join(f"`{one}`" for one in key.among) if key.among else ""
    return f"{zh} {en}{among}"


def _toml(value: Any) -> str:
    text = _written(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, list):
        return "[" + ", ".join(_written(one) for one in value) + "]"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_name(name)} = {_written(one)}" for name, one in value.items()) + " }"
    return str(value)


def _name(key: str) -> str:
    return f'"{key}"' if "." in key else key


WRONG_VALUES: Mapping[str, Any] = {
    "text": 7,
    "texts": "one",
    "number": "many",
    "whole": "many",
    "wholes": "many",
    "day": "soon",
    "switch": "yes",
    "choice": "other",
    "table": "text",
    "tables": "text",
    "codes": "text",
    "guard": {"sum": []},
}


def _when_wrong(raw: Mapping[str, Any], key: Key, steps: Steps) -> str:
    """What the checker says of the example with this key missing, where it is needed, and with a wrong value in it."""
    found = [_broken(raw, steps, None)] if key.needed else []
    if key.kind in WRONG_VALUES:
        found.append(_broken(raw, steps, WRONG_VALUES[key.kind]))
    return "<br>".join(dict.fromkeys(one for one in found if one)) or "—"


def _broken(raw: Mapping[str, Any], steps: Steps, value: Any) -> str:
    """The words for one fault: a refusal, else what blocks publication."""
    broken: Any = copy.deepcopy(dict(raw))
    inner = _at(broken, steps[:-1])
    if value is None:
        del inner[steps[-1]]
    else:
        inner[steps[-1]] = value
    try:
        policy = chosen(read(broken, NAME), {})
    except Refused as refused:
        return str(refused)
    blocks = [one for one in lints(policy) if one.severity == "block"]
    return f"{blocks[0].path}：{blocks[0]}" if blocks else ""


def main() -> None:
    """Print the handbook of the example that lies in docs."""
    example = EXAMPLE.read_text(encoding="utf-8")
    load(example, EXAMPLE.name)
    sys.stdout.write(handbook(example))


if __name__ == "__main__":
    main()
