"""The format is told three times, to editors, to readers and to the checker: the three say the same of every policy."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis.strategies import DataObject, data, integers, sampled_from
from jsonschema import Draft202012Validator

from approval.rules import policy_doc, policy_schema
from approval.rules.policy import SHIPPED, chosen, load, read, read_shipped, shipped_codes, shipped_text
from approval.rules.policy_format import BESIDE, BLOCKS, COMPONENT, FACTORS, NOTE, WHERE
from approval.rules.policy_key import ANY, Key
from approval.rules.policy_keys import KEYS, KINDS
from approval.rules.policy_keys_pay import COMPONENTS, FACTOR_FORMS, FACTOR_KEYS
from approval.rules.policy_lines import line_of, line_of_fault
from approval.rules.policy_lint import lints
from approval.rules.policy_misfits import misfits
from approval.rules.refusal import Refused

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = (ROOT / "docs" / "policy-example.toml").read_text(encoding="utf-8")
C1 = shipped_text("d17-c1")
SCHEMA = Draft202012Validator(policy_schema.schema())


def complaints(text: str) -> list[str]:
    """What the schema says of a TOML text, as an editor would."""
    return [f"{one.json_path} {one.message}" for one in SCHEMA.iter_errors(tomllib.loads(text))]


def refusal(text: str) -> Refused:
    with pytest.raises(Refused) as refused:
        load(text, "pay.toml")
    return refused.value


def keys_of(key: Key) -> Iterator[Key]:
    for one in key.inner:
        yield one
        yield from keys_of(one)


def test_the_kept_schema_is_the_one_of_todays_format() -> None:
    kept = (SHIPPED / "policy.schema.json").read_text(encoding="utf-8")
    assert kept == policy_schema.text(), "python -m approval.rules.policy_schema > approval/policies/policy.schema.json"


def test_the_handbook_names_every_check_before_publication() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "approval").rglob("*.py")))
    given = set(re.findall(r"""Lint\(\s*(?:"(?:block|warn)"|severity),\s*"([a-z_]+)\"""", code))
    told = {one for _how, codes, _zh, _en in policy_doc.LINTS for one in codes.split()}
    assert {"weights", "work_time", "missing_figure"} <= given
    assert told == given


def test_the_kept_handbook_is_the_one_of_todays_format() -> None:
    kept = (ROOT / "docs" / "policy-format.md").read_text(encoding="utf-8")
    assert kept == policy_doc.handbook(EXAMPLE), "python -m approval.rules.policy_doc > docs/policy-format.md"


def test_the_schema_is_a_schema_that_editors_take() -> None:
    Draft202012Validator.check_schema(policy_schema.schema())
    assert "$id" not in policy_schema.schema(), "Taplo refuses a schema whose id is no address"
    assert json.loads(policy_schema.text())["$schema"] == policy_schema.DIALECT


def test_editors_find_the_schema_of_every_shipped_policy() -> None:
    told = tomllib.loads((ROOT / ".taplo.toml").read_text(encoding="utf-8"))
    assert (ROOT / told["schema"]["path"]).samefile(SHIPPED / "policy.schema.json")
    found = {path for pattern in told["include"] for path in ROOT.glob(pattern)}
    assert found == {SHIPPED / f"{code}.toml" for code in shipped_codes()} | {ROOT / "docs" / "policy-example.toml"}


@pytest.mark.parametrize("code", shipped_codes())
def test_every_shipped_policy_fits_the_schema_and_the_catalogue(code: str) -> None:
    assert complaints(shipped_text(code)) == []
    assert list(misfits(read_shipped(code).raw)) == []


def test_the_example_fits_and_nothing_blocks_it() -> None:
    assert complaints(EXAMPLE) == []
    assert [one for one in lints(load(EXAMPLE, "example.toml")) if one.severity == "block"] == []


def test_the_example_uses_every_key_once_at_least() -> None:
    assert policy_doc.unused(EXAMPLE) == []


def test_the_catalogue_knows_what_the_checker_knows() -> None:
    assert {key.name for key in KEYS} == set(BLOCKS)
    assert [form for (form,) in FACTOR_FORMS] == sorted((one for (one,) in FACTOR_FORMS), key=_place_of)
    assert {form for (form,) in FACTOR_FORMS} == set(FACTORS)
    beside = set().union(*BESIDE.values())
    assert {key.name for key in FACTOR_KEYS} == set(FACTORS) | beside | NOTE
    assert {key.name for key in COMPONENTS.inner} == COMPONENT
    where = next(key for key in FACTOR_KEYS if key.name == "where")
    assert {key.name for key in where.inner} == WHERE | {"lt", "le", "gt", "ge"} | NOTE


def _place_of(name: str) -> int:
    return [key.name for key in FACTOR_KEYS].index(name)


def test_every_key_is_told_in_both_languages_and_has_a_known_kind() -> None:
    for block in KEYS:
        for key in (block, *keys_of(block)):
            assert key.zh, key.name
            assert key.en, key.name
            assert key.kind in KINDS, key.name


BROKEN = [
    ('cycle = "month"', 'cycle = "week"'),
    ('cycle = "month"\n', ""),
    ('code = "planning-C-1"\n', ""),
    ("[policy]", "[polici]"),
    ('departments = ["策划部"]', 'departments = "策划部"'),
    ('weight = "0.75"', 'weight = "3/4"'),
    ('by = "supervisor"', 'by = "boss"'),
    ('bonus = { value = "300",', "bonus = {"),
    ('special = { type = "money"', 'special = { type = "cash"'),
    ('{ const = "0.1" }', '{ const = "0,1" }'),
    ('{ const = "0.1" }', '{ constant = "0.1" }'),
    ('{ const = "0.1" }', '{ const = "0.1", max = "1" }'),
    ('{ lt = "60"', '{ lte = "60"'),
    ('value = "0.4"', 'slope = "0.4"'),
    ("\nunless = ", "\nunles = "),
    ('sum = ["absent_days"], ge', 'sum = ["absent_days"], gte'),
    ("money = { places = 2", "money = { places = 0"),
    ('when = "line"', 'when = "total"'),
    ('test = { lt = "60" }', "test = { }"),
    ("run = 3", 'run = "many"'),
    ("human_decision = true", 'human_decision = "yes"'),
]


@pytest.mark.parametrize(("old", "new"), BROKEN)
def test_what_the_checker_refuses_for_its_shape_the_schema_marks_too(old: str, new: str) -> None:
    assert old in C1
    text = C1.replace(old, new, 1)
    assert refusal(text).fault == "policy format"
    assert complaints(text) != []


@pytest.mark.parametrize(
    ("old", "new", "path", "told"),
    [
        ("objection_days = 3", "objection_day = 3", "publication.objection_day", "没有这一项；可以写：channels"),
        ('content = "result"', "content = 3", "publication.content", "应为以下之一：result / score"),
        ('zh = "全勤奖金"\n', 'zh = "全勤奖金"\n', "", ""),
        ("min = 3", "minimum = 3", "appraisal.sampling.per_period.minimum", "没有这一项；可以写：min、target"),
        ('action = "dismissal_advice"', 'action = "dismiss"', "streaks.three_months_below_60.action", "以下之一"),
        ('doc = "A-01"', 'docs = "A-01"', "options.tiers.docs", "没有这一项"),
    ],
)
def test_a_slip_that_nothing_reads_blocks_publication_and_is_told_by_path(
    old: str, new: str, path: str, told: str
) -> None:
    assert old in C1
    found = [one for one in lints(load(C1.replace(old, new, 1))) if one.code == "misfit"]
    assert [one.path for one in found] == ([path] if path else [])
    assert all(one.severity == "block" and told in str(one) for one in found)
    assert bool(complaints(C1.replace(old, new, 1))) == bool(path)


@pytest.mark.parametrize("text", [f"{old}|{new}" for old, new in BROKEN])
def test_every_refusal_names_file_path_and_line(text: str) -> None:
    old, new = text.split("|")
    broken = C1.replace(old, new, 1)
    refused = refusal(broken)
    assert str(refused).startswith("pay.toml：")
    assert line_of_fault(broken, refused) is not None or str(refused.params["path"]) in ("policy", "polici")


@pytest.mark.parametrize(
    ("old", "new", "line", "remedy"),
    [
        ('cycle = "month"', "cycle = month", 'cycle = "month"', "文字要放在引号里"),
        ('cycle = "month"', 'cycle "month"', 'cycle = "month"', "应写成 key = 值"),
        ('cycle = "month"', 'cycle = "month', 'cycle = "month"', "引号没有关上"),
        ("[scope]", "[scope", "[scope]", "缺少右方括号"),
        ("[[components]]", "[[components]", "[[components]]", "两个右方括号"),
        ("run = 3", "run = 3 months", "run = 3", "一行只能写一项"),
        ("[scope]", "[scope]\n[scope]", "[scope]", "同一节写了两次"),
    ],
)
def test_a_text_that_is_no_toml_is_told_by_line_and_remedy(old: str, new: str, line: str, remedy: str) -> None:
    broken = C1.replace(old, new, 1)
    refused = refusal(broken)
    at = line_of_fault(broken, refused)
    expected = C1[: C1.index(line)].count("\n") + 1
    assert at in (expected, expected + 1)
    assert remedy in str(refused)


def test_an_unknown_fault_of_toml_keeps_its_own_words() -> None:
    assert "Invalid" in str(refusal('a = "\\uD800"')) or "Escaped" in str(refusal('a = "\\uD800"'))


@pytest.mark.parametrize(
    ("path", "starts"),
    [
        ("kpi.training", '  { code = "training"'),
        ("kpi[0]", '  { code = "plan"'),
        ("components.base.factors[1]", 'factors = [{ param = "base" }'),
        ("streaks[0]", "[[streaks]]"),
        ("streaks.three_months_below_60.run", "run = 3"),
        ("options.tiers.choices.shifted", "[options.tiers.choices.shifted]"),
        ("params.bonus", "bonus = {"),
        ("policy.name.fr", "name = {"),
    ],
)
def test_a_path_leads_to_its_line(path: str, starts: str) -> None:
    line = line_of(C1, path)
    assert line is not None
    assert C1.split("\n")[line - 1].startswith(starts)


def test_a_path_that_is_nowhere_has_no_line() -> None:
    assert line_of(C1, "nothing.here") is None


def test_the_schema_leaves_open_what_the_file_names_itself() -> None:
    named: Any = policy_schema.schema()["properties"]
    assert named["params"]["additionalProperties"]["type"] == "object"
    row = named["tables"]["additionalProperties"]["properties"]["rows"]["items"]
    assert row["additionalProperties"]["anyOf"]
    assert ANY not in row["properties"]


def lines_told(text: str) -> list[int | None]:
    """The line of every fault of a text: of its refusal, else of each lint."""
    try:
        return [line_of(text, one.path) for one in lints(chosen(load(text, "pay.toml"), {}))]
    except Refused as refused:
        return [line_of_fault(text, refused)]


@settings(deadline=None, max_examples=200)
@given(text=sampled_from([C1, shipped_text("d17-y1"), EXAMPLE]), data=data())
def test_however_a_file_is_spoilt_it_is_read_or_refused_with_a_line(text: str, data: DataObject) -> None:
    tokens = re.split(r'(\s+|"[^"]*"|[\[\]{}=,])', text)
    for _ in range(data.draw(integers(1, 3))):
        place = data.draw(integers(0, len(tokens) - 1))
        tokens[place] = data.draw(
            sampled_from(["", "[", "]", "{", "}", "=", ",", '""', '"x"', "1", "true", *tokens[::7]])
        )
    spoilt = "".join(tokens)
    assert all(line is None or 1 <= line <= spoilt.count("\n") + 1 for line in lines_told(spoilt))


def nodes(told: Any, steps: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The steps to everything inside the data of a policy."""
    inner = told.items() if isinstance(told, dict) else enumerate(told) if isinstance(told, list) else ()
    for step, one in inner:
        yield (*steps, step)
        yield from nodes(one, (*steps, step))


ODD: list[Any] = [
    "",
    "x",
    "7",
    0,
    -1,
    True,
    [],
    {},
    ["a"],
    [{}],
    [1],
    [[]],
    {"a": 1},
    {"code": "x"},
    {"code": {}},
    None,
]
PLACES = list(nodes(tomllib.loads(EXAMPLE)))


@settings(deadline=None, max_examples=600)
@given(place=sampled_from(PLACES), odd=sampled_from(ODD))
def test_whatever_stands_in_the_place_of_a_value_is_read_or_refused_in_words(place: tuple[Any, ...], odd: Any) -> None:
    raw = tomllib.loads(EXAMPLE)
    inner: Any = raw
    for step in place[:-1]:
        inner = inner[step]
    if odd is None:
        del inner[place[-1]]
    else:
        inner[place[-1]] = odd
    try:
        policy = chosen(read(raw, "pay.toml"), {})
        found = [str(one) for one in lints(policy)]
    except Refused as refused:
        found = [str(refused)]
    else:
        assert policy.effective_from.year >= 1
        assert policy.zh
    assert all(found)


@pytest.mark.parametrize("days", ['["1", 2]', '"1"', "1"])
def test_working_days_are_a_list_of_whole_numbers(days: str) -> None:
    spoilt = re.sub(r"^days = .*$", f"days = {days}", EXAMPLE, flags=re.MULTILINE)
    assert spoilt != EXAMPLE
    told = {(one.path, one.text) for one in misfits(load(spoilt).raw)}
    assert told == {("work_time.days", "这里应为一列整数，例如 [1, 2]")}
