"""What the house style forbids and a linter does not know: each check takes a text and tells where it is broken."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

MSGID_TAKERS = {"_", "_l", "gettext", "lazy_gettext", "ngettext", "lazy_ngettext", "Refused", "No"}
HAN = "[\u3400-\u9fff]"
ASCII_MARK_BESIDE_HAN = re.compile(rf"{HAN}[,:;()?!]|[,:;()?!]{HAN}")
TEETH = re.compile(r"\bassert\b|\braises\(|\bexpect\(|\b(?:assert|check|must)_\w+\(|run_state_machine|\bstatus=\d")
SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)", re.IGNORECASE)
INLINE = re.compile(r"""<[a-z][^<>]*?\s(style|on[a-z]+)\s*=""", re.IGNORECASE)
JINJA_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
JINJA_TAG = re.compile(r"\{[{%].*?[}%]\}", re.DOTALL)
ENTITY = re.compile(r"&#?\w+;")
INLINE_TAG = re.compile(r"</?(?:a|b|em|i|small|span|strong)\b[^>]*>")


def states_assigned(source: str) -> list[str]:
    """Lines that give a thing a new state by hand."""
    return [f"line {line}" for node in ast.walk(ast.parse(source)) for line in _sets_state(node)]


def _sets_state(node: ast.AST) -> Iterator[int]:
    if isinstance(node, ast.Attribute) and node.attr == "state" and isinstance(node.ctx, ast.Store | ast.Del):
        yield node.lineno
    if isinstance(node, ast.Call) and _called(node) == "setattr" and len(node.args) > 1:
        name = node.args[1]
        if isinstance(name, ast.Constant) and name.value == "state":
            yield node.lineno


def commits(source: str) -> list[str]:
    """Lines that call `commit()` on anything."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return [
        f"line {call.lineno}" for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "commit"
    ]


def floats(source: str) -> list[str]:
    """Lines with a float: a literal, or the type used for anything but to refuse one with isinstance.

    How alike two headings are (difflib's `cutoff`) is neither money nor score.
    """
    return [f"line {line}" for line in _float_lines(ast.parse(source))]


def _float_lines(node: ast.AST) -> Iterator[int]:
    if isinstance(node, ast.Call) and _called(node) == "isinstance":
        return
    if isinstance(node, ast.keyword) and node.arg == "cutoff":
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
        yield node.lineno
    if isinstance(node, ast.Name) and node.id == "float":
        yield node.lineno
    for child in ast.iter_child_nodes(node):
        yield from _float_lines(child)


def toothless_tests(source: str) -> list[str]:
    """Test functions in which nothing can fail."""
    return [
        f"line {node.lineno} {node.name}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
        if not TEETH.search(ast.unparse(_without_docstring(node)))
    ]


def _without_docstring(node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.Module:
    return ast.Module(body=node.body[1:] if ast.get_docstring(node) else node.body, type_ignores=[])


def inline_code(template: str) -> list[str]:
    """Places in a template that the Content-Security-Policy would stop: script without src, style=, on…=."""
    text = JINJA_TAG.sub(_blank, JINJA_COMMENT.sub(_blank, template))
    found = [*SCRIPT.finditer(text), *INLINE.finditer(text), *re.finditer(r"<style\b", text)]
    return [_place(text, match) for match in found]


def ascii_marks_in_template(template: str) -> list[str]:
    """Places in a template where an ASCII mark stands beside a Chinese character (U19)."""
    text = template
    for noise in (JINJA_COMMENT, ENTITY, INLINE_TAG):
        text = noise.sub(_blank if noise is not INLINE_TAG else "", text)
    return [_place(text, match) for match in ASCII_MARK_BESIDE_HAN.finditer(text)]


def ascii_marks_in_msgids(source: str) -> list[str]:
    """Msgids in code, and first words of a refusal, where an ASCII mark stands beside a Chinese character (U19)."""
    return [
        f"line {said.lineno} {said.value!r}"
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call) and _called(call) in MSGID_TAKERS and call.args
        for said in ast.walk(call.args[0])
        if isinstance(said, ast.Constant) and isinstance(said.value, str) and ASCII_MARK_BESIDE_HAN.search(said.value)
    ]


def _called(call: ast.Call) -> str:
    if isinstance(call.func, ast.Name):
        return call.func.id
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _blank(match: re.Match[str]) -> str:
    """As many lines as before, so that the line told is the line meant."""
    return " " + "\n" * match[0].count("\n")


def _place(text: str, match: re.Match[str]) -> str:
    return f"line {text.count(chr(10), 0, match.start()) + 1} {match[0]!r}"
