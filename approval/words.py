"""The English catalogue: every Chinese sentence of code and pages, kept complete by `python -m approval.words`.

Chinese is the msgid. Every string constant with a Chinese character counts, docstrings and the demo's data left out, so
nothing needs a marker and nothing can be forgotten. Names that carry their English beside them (columns, policies) bring it.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

from approval.rules.policy import Input, KpiItem, Param, read_shipped, shipped_codes
from approval.rules.sheet_catalogue import SHEETS

ROOT = Path(__file__).resolve().parent.parent
PO = ROOT / "approval" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
MO = PO.with_suffix(".mo")
SPOKEN = ("approval", "workflows", "forms")
SILENT = {
    "demo.py",
    "demo_company.py",
    "demo_files.py",
    "demo_founding.py",
    "demo_month.py",
    "demo_quarter.py",
    "golden.py",
    "words.py",
    "sheet_catalogue.py",
    "kpi_library_keys.py",
    "policy_key.py",
    "policy_keys.py",
    "policy_keys_pay.py",
    "policy_keys_score.py",
    "policy_doc.py",
}
ONLY_REFUSALS = {"pay.py", "factors.py", "explanation.py", "money.py", "column.py", "beside.py", "base_pay.py"}
MADE = datetime(2026, 11, 1, tzinfo=UTC)
CHINESE = re.compile(
    r"[\u4e00-\u9fff]|^(?:[、。：；，（）]|%\(\w+\)s)*[、。：；，（）](?:[、。：；，（）]|%\(\w+\)s)*$"
)
PLACE = re.compile(r"%\((\w+)\)s|%%")


def msgids() -> set[str]:
    """Every Chinese sentence that a user can meet."""
    found = set(told_in_english())
    for folder in SPOKEN:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if path.parent.name == "cli" or (path.name in ONLY_REFUSALS and path.parent.name == "rules"):
                found |= set(_refusals_of(path))
            elif path.name not in SILENT:
                found |= set(_of_code(path))
    for path in sorted((ROOT / "templates").rglob("*.*")):
        found |= set(_of_template(path))
    return found


def _of_code(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    silent = {id(node) for node in _docstrings(tree)} | {id(node) for node in _pieces(tree)}
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) and id(node) not in silent else None
        if isinstance(text, str) and CHINESE.search(text):
            yield text


def _docstrings(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value


def _pieces(tree: ast.AST) -> Iterator[ast.AST]:
    """Parts of f-strings: not sentences of their own."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield from (part for part in node.values if isinstance(part, ast.Constant))


def _refusals_of(path: Path) -> Iterator[str]:
    """What is not a msgid there: terms in both languages, amounts in words, patterns; refusals always are."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refused":
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


def _of_template(path: Path) -> Iterator[str]:
    extracted = babel_extract(
        BytesIO(path.read_bytes()), ("_", "gettext", "ngettext"), [], {"newstyle_gettext": "true"}
    )
    for _line, _function, message, _comments in extracted:
        for text in message if isinstance(message, tuple) else (message,):
            if isinstance(text, str) and CHINESE.search(text):
                yield text


def told_in_english() -> dict[str, str]:
    """Names of data that carry their English: sheets, columns, choices, and what policies call their parts."""
    pairs: dict[str, str] = {}
    for sheet in SHEETS.values():
        pairs[sheet.zh] = sheet.en
        for column in sheet.columns:
            pairs[column.zh] = column.en
            pairs |= {choice.zh: choice.en for choice in column.choices}
    for code in shipped_codes():
        policy = read_shipped(code)
        pairs[policy.zh] = policy.en
        named: list[Param | Input | KpiItem] = [*policy.params.values(), *policy.inputs.values(), *policy.kpi]
        for one in named:
            pairs[one.zh] = one.en
        proven = (one for one in policy.inputs.values() if one.evidence)
        cautions = (one["caution"] for one in policy.components if "caution" in one)
        pairs |= {one["zh"]: one["en"] for one in cautions}
        pairs |= {f"{one.zh}的凭证": f"Evidence of {one.en[:1].lower()}{one.en[1:]}" for one in proven}
    return {zh: en for zh, en in pairs.items() if CHINESE.search(zh) and not CHINESE.search(en)}


def read() -> Catalog:
    """The catalogue as it is kept."""
    if not PO.exists():
        return Catalog(locale="en", project="approval", fuzzy=False)
    with PO.open("rb") as file:
        return read_po(file, locale="en")


def missing(catalogue: Catalog) -> list[str]:
    """Sentences without an English one, or whose placeholders differ."""
    return sorted(text for text in msgids() if not _fits(text, catalogue.get(text)))


def _fits(text: str, message: object) -> bool:
    english = getattr(message, "string", "") or ""
    return bool(english) and set(PLACE.findall(english)) >= set(PLACE.findall(text)) and not CHINESE.search(english)


def refreshed(old: Catalog) -> Catalog:
    """The catalogue of today's sentences, with the English that is known."""
    known, fresh = (
        told_in_english(),
        Catalog(locale="en", project="approval", fuzzy=False, creation_date=MADE, revision_date=MADE),
    )
    for text in sorted(msgids()):
        kept = old.get(text)
        english = (kept.string if kept is not None else "") or known.get(text, "")
        fresh.add(text, str(english), flags=["python-format"] if PLACE.search(text) else [])
    return fresh


def compiled(catalogue: Catalog) -> bytes:
    """The .mo bytes of a catalogue."""
    out = BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def main() -> int:
    """Bring the catalogue up to date, compile it, and list what has no English yet."""
    fresh = refreshed(read())
    PO.parent.mkdir(parents=True, exist_ok=True)
    with PO.open("wb") as file:
        write_po(file, fresh, width=120, omit_header=False, sort_output=True, no_location=True)
    MO.write_bytes(compiled(fresh))
    without = missing(fresh)
    print("\n".join(without))
    print(f"{len(list(fresh)) - 1} sentences, {len(without)} without English", file=sys.stderr)
    return 1 if without else 0


if __name__ == "__main__":
    sys.exit(main())
