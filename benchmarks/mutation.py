"""Mutation testing of approval/rules: `python -m benchmarks.mutation [--jobs 2] [--module score,money] [--sample 300]`.

Changes one thing at a time (a comparison, an operator, a number, a key, a condition, a refusal) and runs the tests of the
rules and the worked cases in a forked child until one fails. A mutant that no test notices is listed as a survivor.
Words that people read are left out; everything that decides a number or a refusal counts.
"""

from __future__ import annotations

import argparse
import ast
import copy
import io
import json
import os
import random
import re
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from functools import partial
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from multiprocessing.pool import ThreadPool
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
RULES = ROOT / "approval" / "rules"
TESTS = ROOT / "tests" / "rules"
# Data and words: the columns of sheets and what a schema says of them decide no number.
LEFT_OUT = {"__init__", "sheet_catalogue", "policy_doc", "policy_schema", "policy_keys"}
SECONDS = 150
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
    """One changed module: where, what it was and what it is now, and its whole text."""

    module: str
    line: int
    before: str
    after: str
    source: str


class Outcome(NamedTuple):
    mutant: Mutant
    killed_by: str  # empty for a survivor


def mutants_of(path: Path) -> Iterator[Mutant]:
    """Every mutant of a module, in the order of its lines."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    silent = _silent(tree)
    nodes = list(ast.walk(tree))
    for place, node in enumerate(nodes):
        if id(node) in silent:
            continue
        for changed in _changes(node):
            fresh = copy.deepcopy(tree)
            target = list(ast.walk(fresh))[place]
            before = ast.unparse(node)[:90]
            after = _put(fresh, target, changed)
            yield Mutant(path.stem, getattr(node, "lineno", 0), before, after[:90], ast.unparse(fresh))


def _put(tree: ast.AST, target: ast.AST, changed: ast.AST) -> str:
    """Put a changed node in the place of another; what it reads as."""
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is target:
                setattr(parent, name, changed)
            elif isinstance(value, list) and any(one is target for one in value):
                setattr(parent, name, [changed if one is target else one for one in value])
    ast.fix_missing_locations(tree)
    return ast.unparse(changed)


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
    elif isinstance(node, ast.Return) and node.value is not None and not _is_none(node.value):
        yield ast.Return(value=ast.Constant(value=None))


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_text(node: ast.BinOp) -> bool:
    return any(isinstance(one, ast.JoinedStr) for one in (node.left, node.right))


def _constants(value: object) -> Iterator[ast.AST]:
    if isinstance(value, bool):
        yield ast.Constant(value=not value)
    elif isinstance(value, int):
        yield ast.Constant(value=value + 1)
    elif isinstance(value, str) and KEY.fullmatch(value):
        yield ast.Constant(value=value + "x")


class _Changed(MetaPathFinder, Loader):
    """Gives one module of the rules in its changed form to whoever imports it."""

    def __init__(self, mutant: Mutant) -> None:
        self._name, self._mutant = f"approval.rules.{mutant.module}", mutant

    def find_spec(self, name: str, path: Any, target: ModuleType | None = None) -> ModuleSpec | None:
        if name != self._name:
            return None
        return spec_from_loader(name, self, origin=str(RULES / f"{self._mutant.module}.py"))

    def exec_module(self, module: ModuleType) -> None:
        module.__file__ = str(RULES / f"{self._mutant.module}.py")
        exec(compile(self._mutant.source, module.__file__, "exec"), module.__dict__)  # noqa: S102  (our own code, changed)


def tests_for(module: str) -> tuple[list[str], list[str]]:
    """The tests of the rules in two parts: those that name the module, and all others with the worked cases."""
    every = [
        *sorted(TESTS.rglob("test_*.py")),
        ROOT / "tests" / "test_calc.py",
        ROOT / "tests" / "golden" / "test_golden.py",
    ]
    near = [one for one in every if re.search(rf"rules(\.| import .*){module}\b", one.read_text(encoding="utf-8"))]
    return [str(one) for one in near], [str(one) for one in every if one not in near]


def tried(mutant: Mutant, seconds: int = SECONDS) -> Outcome:
    """Run the tests against a mutant in a child; what killed it."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        os.setpgid(0, 0)
        os.write(writing, _noticed(mutant).encode()[:200])
        os._exit(0)
    os.close(writing)
    told = _wait(child, reading, seconds)
    os.close(reading)
    return Outcome(mutant, told)


def _wait(child: int, reading: int, seconds: int) -> str:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if os.waitpid(child, os.WNOHANG)[0]:
            return os.read(reading, 200).decode(errors="replace")
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "timeout"


class _First:
    """Remembers the first test that failed."""

    name = ""

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed and not self.name:
            self.name = report.nodeid

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed and not self.name:
            self.name = report.nodeid


def _noticed(mutant: Mutant) -> str:
    import pytest

    sys.meta_path.insert(0, _Changed(mutant))
    first = _First()
    args = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-W", "ignore", "--no-header", "-o", "addopts="]
    for tests in tests_for(mutant.module):
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            code = pytest.main([*args, *tests], plugins=[first]) if tests else 0
        if code != 0:
            return first.name or f"exit {int(code)}"
    return ""


def chosen(modules: str, sample: int, seed: int = 1) -> list[Mutant]:
    """The mutants of these modules (names with commas, "" for all), or a sample of them by a fixed seed."""
    names = {one.strip() for one in modules.split(",") if one.strip()}
    paths = [one for one in sorted(RULES.glob("*.py")) if one.stem not in LEFT_OUT and (not names or one.stem in names)]
    if missing := names - {one.stem for one in paths}:
        sys.exit(f"no such module, or one that is left out: {', '.join(sorted(missing))}")
    found = [mutant for path in paths for mutant in mutants_of(path)]
    return random.Random(seed).sample(found, sample) if 0 < sample < len(found) else found  # noqa: S311  (no secret)


def report(outcomes: list[Outcome], to: Path) -> None:
    """Print the figures by module and every survivor; the same as JSON."""
    killed = sum(bool(one.killed_by) for one in outcomes)
    for module in sorted({one.mutant.module for one in outcomes}):
        mine = [one for one in outcomes if one.mutant.module == module]
        print(f"{module:20} {sum(bool(one.killed_by) for one in mine):4} of {len(mine):4}")
    for one in outcomes:
        if not one.killed_by:
            print(_told(one.mutant))
    print(f"{killed} killed of {len(outcomes)} ({100 * killed / max(1, len(outcomes)):.1f} %)")
    told = [{**one.mutant._asdict(), "killed_by": one.killed_by, "source": ""} for one in outcomes]
    to.write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")


def _told(mutant: Mutant) -> str:
    return f"survived {mutant.module}.py:{mutant.line}: {mutant.before}  →  {mutant.after}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--module", default="", help="only these, names with commas")
    parser.add_argument(
        "--seconds",
        type=int,
        default=SECONDS,
        help="a mutant whose tests take longer counts as noticed; more on a busy machine",
    )
    parser.add_argument("--sample", type=int, default=0, help="only so many, chosen by a fixed seed")
    parser.add_argument("--seed", type=int, default=1, help="another sample of the same size")
    parser.add_argument("--out", type=Path, default=ROOT / "var" / "mutation.json")
    told = parser.parse_args()
    import hypothesis  # noqa: F401  (loaded once here, shared by every child)

    os.nice(10)
    os.environ["HYPOTHESIS_PROFILE"] = "mutation"
    mutants = chosen(told.module, told.sample, told.seed)
    print(f"{len(mutants)} mutants", flush=True)
    told.out.parent.mkdir(parents=True, exist_ok=True)
    unchanged = tried(Mutant("streak", 0, "", "", (RULES / "streak.py").read_text(encoding="utf-8")), told.seconds)
    if unchanged.killed_by:
        sys.exit(f"the tests fail on the unchanged rules: {unchanged.killed_by}")
    outcomes = []
    with ThreadPool(told.jobs) as pool:
        for outcome in pool.imap(partial(tried, seconds=told.seconds), mutants):
            outcomes.append(outcome)
            if not outcome.killed_by:
                print(_told(outcome.mutant), flush=True)
            if len(outcomes) % 100 == 0:
                print(f"{len(outcomes)} tried", flush=True)
    report(outcomes, told.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
