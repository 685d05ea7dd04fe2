"""What a policy says, written out line by line: kept beside the tests, so that no name, figure, place or default moves unseen.

`python -m tests.rules.kept_views` writes the files again; whoever does so reads the difference before it is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from approval.rules.explanation import PayResult
from approval.rules.line_basis import asked_by, places_of, sentences_of
from approval.rules.pay import evaluate
from approval.rules.pay_line_forms import FORMS, Given, NewLine, figure, known_figures, standard
from approval.rules.pay_lines_text import LinesText
from approval.rules.policy import Policy, chosen, load, read_shipped, shipped_codes
from approval.rules.policy_blank import Blank, blank_text
from approval.rules.policy_figures import Figure, figures
from approval.rules.policy_lint import lints
from approval.rules.policy_uses import idle
from approval.rules.refusal import Refused

KEPT = Path(__file__).parent / "kept"
WRITTEN = Path(__file__).parent / "written"  # one says only what it must, in the other nearly everything is wrong
FIGURES = {"scheduled": "22", "absent_days": "0", "late": 1, "early": 0, "leave": 0, "days_out_of_post": "0"}
FILLED = {"score": "72.5", "money": "5000", "count": 2, "days": "20", "factor": "0.9", "fraction": "0.05"}
POOR = {"amount": "100", "kind": "high", "margin": "0.01", "partner": "乙"}
RECORD = {"amount": "1000", "kind": "normal", "margin": "0.2", "partner": "甲"}


def names() -> set[str]:
    """What is kept: each shipped policy, two written for it, blank ones, and a line of every form."""
    return {*(code.replace("/", "-") for code in shipped_codes()), "bare", "spoilt", "blank", "forms"}


def view(name: str) -> str:
    """What a kept file says today."""
    if name in ("blank", "forms"):
        return "\n".join(_blanks() if name == "blank" else _forms())
    shipped = {code.replace("/", "-"): code for code in shipped_codes()}
    path = WRITTEN / f"{name}.toml"
    policy = read_shipped(shipped[name]) if name in shipped else load(path.read_text(encoding="utf-8"))
    return "\n".join(_policy(policy)) + "\n"


def _policy(policy: Policy) -> Iterator[str]:
    yield f"{policy.code} {policy.version} {policy.zh} / {policy.en}: {policy.effective_from} … {policy.effective_to}"
    yield f"source {policy.source}"
    yield f"pays {policy.pays}, adds {policy.adds}, score places {policy.score_places}, objection {policy.objection_days}"
    yield "\n== what is read"
    for block in (policy.parts, [policy.sampling], policy.kpi, policy.streaks):
        yield from map(str, block)
    yield from map(str, (*policy.params.values(), *policy.inputs.values()))
    yield from (f"option {one.code} {one.default} of {one.choices}: {one.zh} / {one.en}" for one in policy.options)
    yield from map(str, policy.options[-1].readings if policy.options else ())
    yield f"idle {idle(policy.raw)}"
    yield "\n== what may be changed in boxes"
    yield from _boxes(policy)
    yield "\n== findings"
    for one in lints(policy):
        names = {key: (str(value), getattr(value, "en", "")) for key, value in one.params.items()}
        yield f"{one.severity} {one.code} {one.path}: {one.text} {names or ''}".rstrip()
    yield "\n== a month"
    result = _paid(policy)
    yield from _month(policy, result)
    yield "\n== under other readings"
    yield from _otherwise(policy, result)


def _boxes(policy: Policy) -> Iterator[str]:
    found = figures(policy.raw, {})
    for block in (found.params, found.score, found.counts, found.pay, found.streaks, found.rest):
        yield from map(_box, block)
    for path, items in ((found.items_path, found.items), (found.indicators_path, found.indicators)):
        yield f"{path}: {len(items)}"
        for item in items:
            yield f"  {item.path}"
            yield from (f"  {_box(one)}" for one in item.each())
    for ladder in found.ladders:
        yield f"{ladder.path} {ladder.of} by {ladder.asks}, gives {ladder.columns}, plain {ladder.plain}"
        for row in ladder.rows:
            yield f"  {row.path} {row.lower} {row.upper} {row.label}"
            yield from (f"    {_box(one)}" for one in row.cells)
    yield from (f"to fill {path} {words}" for path, words in found.to_fill)


def _box(one: Figure) -> str:
    return f"{one.path} ({one.place.name}) {one.of} {one.what} {one.sign} {one.kind} = {one.text}"


def _paid(policy: Policy) -> PayResult:
    """One month like any other, every figure that the company sets at the same amount."""
    params = {
        code: Decimal("0.05") if one.type == "fraction" else Decimal(3000)
        for code, one in policy.params.items()
        if one.value is None
    }
    inputs: dict[str, Any] = {
        code: [RECORD, POOR] if one.type == "rows" else FIGURES.get(code, FILLED.get(one.type))
        for code, one in policy.inputs.items()
    }
    return evaluate(policy, params, inputs)


def _month(policy: Policy, result: PayResult) -> Iterator[str]:
    for component, line in zip(policy.components, result.lines, strict=True):
        yield f"{line.code} {line.zh} / {line.en}: {line.formula} outside {line.outside_minimum}"
        yield from (f"  {term}" for term in line.terms)
        yield from (f"  {one}" for one in sentences_of(policy, component, line))
        yield f"  asks {asked_by(policy, component)}; at {sorted(places_of(policy, component))}"
    yield from (f"note {note}" for note in result.notes)
    yield f"total {result.total_fen}"


def _otherwise(policy: Policy, usual: PayResult) -> Iterator[str]:
    """What of the month differs under each reading that is not the default one; or why it cannot be chosen."""
    for option in policy.options:
        for reading in option.choices:
            if reading != option.default:
                yield f"{option.code} {reading}"
                yield from _difference(policy, {option.code: reading}, usual)


def _difference(policy: Policy, choices: dict[str, str], usual: PayResult) -> Iterator[str]:
    try:
        other = chosen(policy, choices)
        result = _paid(other)
    except Refused as refused:
        yield f"  {refused}"
        return
    before = {str(one) for one in lints(policy)}
    yield from (
        f"  found {one.severity} {one.code} {one.path}: {one}" for one in lints(other) if str(one) not in before
    )
    for line in result.lines:
        if line not in usual.lines:
            yield f"  {line.formula} {[str(one) for one in line.terms if one.detail]} {line.rules} {line.quote}"
    yield from (f"  note {note}" for note in result.notes if note not in usual.notes)


def _blanks() -> Iterator[str]:
    begins = date(2026, 12, 1)
    for told in (
        Blank("policy-1", "新方案", "New", ["发货部"], ["*"], begins, "items", "3000"),
        Blank("policy-2", "按客户", "", ["*"], ["客服"], begins, "customers"),
        Blank("policy-3", "按成果", "", ["*"], ["*"], begins, "work_items"),
    ):
        yield f"===== {told.code}"
        yield blank_text(told)


def _forms() -> Iterator[str]:
    """One line of every form, added one behind the other; then all of it read again."""
    changed = LinesText(blank_text(Blank("p", "新", "", ["*"], ["*"], date(2026, 12, 1), "items")), {}, mark="k")
    scale = changed.add_scale("系数", "Rate", [("60", "0"), ("80", "0.5")], "1")
    changed.add_scale("另一系数", "", [], "2")
    changed.add_item(("kpi",), "新指标")
    parts = {
        "standard": Given("", standard("标准", "Standard", None)),
        "rate": Given("", standard("比例", "Rate", "0.05", "fraction")),
        "scale": Given(scale),
    }
    for form in FORMS:
        kinds = form.types or ("money",)
        given = parts | {"figure": Given("", figure("数", "Figure", kinds[0], "data_department"))}
        code = changed.add_line(NewLine(form, form.name, "", {one: given[one] for one in form.asks if one in given}))
        yield f"{form.code} {form.name} {form.types} {form.takes} → {code}"
    yield changed.text
    yield from (f"brought in {code}: {told}" for code, told in known_figures([]).items())


def main() -> None:
    """Write every kept file again."""
    for name in names():
        (KEPT / f"{name}.txt").write_text(view(name), encoding="utf-8")


if __name__ == "__main__":
    main()
