"""Every single change of a module of approval/rules: a comparison, an operator, a number, a key, a condition, a refusal.

Words that people read are left out; everything that decides a number or a refusal counts.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

RULES = Path(__file__).resolve().parent.parent / "approval" / "rules"
KEY = re.compile(r"[a-z][a-z0-9_]*")
COMPARE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult, ast.Pow: ast.Mult, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr,
}  # fmt: skip


class Mutant(NamedTuple):
    """One change of one module: where, what it was and is now; its place in the tree, and which of the changes possible there."""

    module: str
    line: int
    before: str
    after: str
    place: int
    nth: int


def mutants_of(path: Path) -> Iterator[Mutant]:
    """Every mutant of a module, in the order of its tree."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    silent = _silent(tree)
    for place, node in enumerate(ast.walk(tree)):
        if id(node) not in silent:
            for nth, changed in enumerate(_changes(node)):
                after = ast.unparse(ast.fix_missing_locations(changed))
                yield Mutant(path.stem, getattr(node, "lineno", 0), ast.unparse(node)[:90], after[:90], place, nth)


def changed_text(mutant: Mutant) -> str:
    """The whole text of a module with this one change."""
    tree = ast.parse((RULES / f"{mutant.module}.py").read_text(encoding="utf-8"))
    target = list(ast.walk(tree))[mutant.place]
    changed = list(_changes(target))[mutant.nth]
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is target:
                setattr(parent, name, changed)
            elif isinstance(value, list) and any(one is target for one in value):
                setattr(parent, name, [changed if one is target else one for one in value])
    return ast.unparse(ast.fix_missing_locations(tree))


def _silent(tree: ast.AST) -> set[int]:
    """What is no behaviour: docstrings, annotations, imports, `__all__`, and the arguments of a refusal but its kind."""
    found: set[int] = set()
    for node in ast.walk(tree):
        quiet: list[ast.AST | None] = []
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            quiet = [node]
        elif isinstance(node, ast.AnnAssign):
            quiet = [node.annotation]
        elif isinstance(node, ast.ClassDef):
            quiet = list(node.decorator_list)  # frozen and slots keep us from a slip; they compute nothing
        elif isinstance(node, ast.FunctionDef):
            quiet = [node.returns, *(one.annotation for one in [*node.args.args, *node.args.kwonlyargs])]
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            quiet = [node]
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("Refused", "cast", "TypeVar", "Lint"):
            quiet = [*node.args, *(one for one in node.keywords)]
        elif isinstance(node, ast.keyword) and node.arg == "strict":
            quiet = [node]  # keeps us from a slip, too: where lengths are the same it computes nothing
        for one in quiet:
            found |= {id(child) for child in ast.walk(one)} if one is not None else set()
    return found


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARE:
        ops = [COMPARE[type(node.ops[0])](), *node.ops[1:]]
        yield ast.Compare(left=node.left, ops=ops, comparators=node.comparators)
    elif isinstance(node, ast.BinOp) and type(node.op) in ARITHMETIC and not _is_text(node):
        yield ast.BinOp(left=node.left, op=ARITHMETIC[type(node.op)](), right=node.right)
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(op=ast.And() if isinstance(node.op, ast.Or) else ast.Or(), values=node.values)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
        yield node.operand
    elif isinstance(node, ast.IfExp):
        yield ast.IfExp(test=ast.UnaryOp(op=ast.Not(), operand=node.test), body=node.body, orelse=node.orelse)
    elif isinstance(node, ast.Constant):
        yield from _constants(node.value)
    elif isinstance(node, ast.Raise):
        yield ast.Pass()
    elif isinstance(node, ast.If):
        yield ast.If(test=ast.UnaryOp(op=ast.Not(), operand=node.test), body=node.body, orelse=node.orelse)
    elif isinstance(node, ast.Return) and node.value is not None and not _says_no(node.value):
        yield ast.Return(value=ast.Constant(value=None))


def _says_no(node: ast.AST) -> bool:
    """None or False already: to whoever asks whether, None is the same."""
    return isinstance(node, ast.Constant) and (node.value is None or node.value is False)


def _is_text(node: ast.BinOp) -> bool:
    return any(isinstance(one, ast.JoinedStr) for one in (node.left, node.right))


def _constants(value: object) -> Iterator[ast.AST]:
    if isinstance(value, bool):
        yield ast.Constant(value=not value)
    elif isinstance(value, int):
        yield ast.Constant(value=value + 1)
    elif isinstance(value, str) and KEY.fullmatch(value):
        yield ast.Constant(value=value + "x")
