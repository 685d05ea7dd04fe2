"""Tries a change inside a function in a child of one process that has collected the tests, on the tests that come past it.

The code of the changed function is put into the function object itself, so that whoever imported it runs the change; nothing
is imported or collected again. Which tests come past which line is seen once, in a run with every kept result forgotten
between tests. A change outside of functions cannot be tried so (`None`), and what no test notices of a change in a line that
also ran while modules and tests were loaded is left open (`None`).
"""

from __future__ import annotations

import ast
import functools
import gc
import importlib
import os
import pickle
import resource
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import coverage

from .mutants import RULES, Mutant, changed_text

LOADING = ""  # the name under which lines stand that ran before the first test


class Seen:
    """Which tests came past which line, and how long each took."""

    def __init__(self) -> None:
        self.tests: dict[tuple[str, int], set[str]] = defaultdict(set)
        self.seconds: dict[str, float] = {}

    def past(self, module: str, lines: range) -> set[str]:
        return set().union(*(self.tests.get((module, line), set()) for line in lines))


class InPlace:
    """A plugin of pytest that takes the place of its loop: look once, then try every change in a child."""

    def __init__(self, mutants: list[Mutant], jobs: int, told: Callable[[Mutant, str | None], None]) -> None:
        self._mutants, self._jobs, self._told = mutants, jobs, told
        self._failed = ""
        self._keepers: list[Any] = []
        self._loading = coverage.Coverage(data_file=None, include=[f"{RULES}/*.py"], config_file=False)
        self._loading.start()

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed and not self._failed:
            self._failed = report.nodeid

    def pytest_runtestloop(self, session: Any) -> bool:
        self._loading.stop()
        self._keepers = keepers()
        seen = self._looked(session)
        items = {item.nodeid: item for item in session.items}
        waiting: dict[int, tuple[Mutant, int, bool]] = {}
        for mutant in self._mutants:
            past = tests_past(mutant, seen)
            if past is None:
                self._told(mutant, None)
                continue
            tests = sorted(past - {LOADING}, key=lambda test: seen.seconds[test])
            while len(waiting) >= self._jobs:
                self._one_ends(waiting)
            allowed = 60 + 20 * sum(seen.seconds[test] for test in tests)
            child, reading = self._begun(
                functools.partial(self.tried, mutant, [items[test] for test in tests], allowed)
            )
            waiting[child] = (mutant, reading, LOADING in past)
        while waiting:
            self._one_ends(waiting)
        return True

    def _begun(self, run: Callable[[], str | None]) -> tuple[int, int]:
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            said = None
            try:
                said = run()
            finally:  # whatever happened: a child never goes on as its parent
                os.write(writing, (b"?" if said is None else b"=" + said.encode()[:200]))
                os._exit(0)
        os.close(writing)
        return child, reading

    def _one_ends(self, waiting: dict[int, tuple[Mutant, int, bool]]) -> None:
        child, _ = os.wait()
        mutant, reading, while_loading = waiting.pop(child)
        said = os.read(reading, 300).decode(errors="replace")
        os.close(reading)
        # A child that ended without a word ran out of its time: the change was noticed.
        noticed = None if said == "?" else said[1:] if said else "ran out of time"
        self._told(mutant, None if noticed == "" and while_loading else noticed)

    def tried(self, mutant: Mutant, items: list[Any], allowed: float) -> str | None:
        """In a child: put the change in place and run these tests; the one that fails, "" for none, None if it cannot be put."""
        if not put_in_place(mutant):
            return None
        resource.setrlimit(resource.RLIMIT_CPU, (int(allowed), int(allowed) + 1))
        self._forget()
        for item, after in zip(items, [*items[1:], None], strict=False):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
            if self._failed:
                return self._failed
        return ""

    def _forget(self) -> None:
        for one in self._keepers:
            one.cache_clear()

    def _looked(self, session: Any) -> Seen:
        """Run every test once in a child (so that this process keeps nothing of it); what was seen."""
        with tempfile.TemporaryDirectory() as folder:
            kept = Path(folder) / "seen"
            child, reading = self._begun(lambda: self._look(session, kept))
            os.waitpid(child, 0)
            said = os.read(reading, 300).decode()
            if said != "=":
                sys.exit(f"the tests fail on the unchanged rules: {said}")
            seen: Seen = pickle.loads(kept.read_bytes())  # noqa: S301  (our own child wrote it)
        return seen

    def _look(self, session: Any, to: Path) -> str:
        seen = Seen()
        cover = coverage.Coverage(data_file=None, include=[f"{RULES}/*.py"], config_file=False)
        cover.start()
        for item, after in zip(session.items, [*session.items[1:], None], strict=True):
            cover.switch_context(item.nodeid)
            self._forget()
            began = time.process_time()
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
            seen.seconds[item.nodeid] = time.process_time() - began
            if self._failed:
                return self._failed
        cover.stop()
        for data, name in ((cover.get_data(), None), (self._loading.get_data(), LOADING)):
            for path in data.measured_files():
                for line, contexts in data.contexts_by_lineno(path).items():
                    seen.tests[Path(path).stem, line] |= {name if name is not None else one for one in contexts}
        to.write_bytes(pickle.dumps(seen))
        return ""


def tests_past(mutant: Mutant, seen: Seen) -> set[str] | None:
    """The tests that come past the line of a change, or else past its function; None where it is outside of functions."""
    lines = _lines(mutant)
    if lines is None:
        return None
    at_line, inside = (seen.past(mutant.module, span) for span in lines)
    return at_line or inside


def _lines(mutant: Mutant) -> tuple[range, range] | None:
    """The lines of the smallest statement around a change (its head, where it has a body), and those of its function's body."""
    tree = ast.parse((RULES / f"{mutant.module}.py").read_text(encoding="utf-8"))
    around = [one for one in ast.walk(tree) if isinstance(one, ast.stmt) and _holds(one, mutant.line)]
    inside = [one for one in around if isinstance(one, ast.FunctionDef) and one.body[0].lineno <= mutant.line]
    if not inside:
        return None
    smallest = max(around, key=lambda one: one.lineno)
    body = getattr(smallest, "body", None)
    last = body[0].lineno - 1 if body else smallest.end_lineno
    span = range(smallest.lineno, max(last or 0, smallest.lineno) + 1)
    outer = max(inside, key=lambda one: one.lineno)
    return span, range(outer.body[0].lineno, (outer.end_lineno or 0) + 1)


def _holds(statement: ast.stmt, line: int) -> bool:
    return statement.lineno <= line <= (statement.end_lineno or statement.lineno)


def keepers() -> list[Any]:
    """The product's own functions that keep their results."""
    wrapped = [one for one in gc.get_objects() if isinstance(one, functools._lru_cache_wrapper)]
    return [one for one in wrapped if str(one.__module__).startswith(("approval", "tests"))]


def put_in_place(mutant: Mutant) -> bool:
    """Give the changed functions of a module their new code; False if something else than functions differs."""
    path = RULES / f"{mutant.module}.py"
    before = compile(ast.unparse(ast.parse(path.read_text(encoding="utf-8"))), str(path), "exec")
    after = compile(changed_text(mutant), str(path), "exec")
    if _outside(before) != _outside(after):
        return False
    old, new = dict(_functions(before)), dict(_functions(after))
    live = _live(importlib.import_module(f"approval.rules.{mutant.module}"))
    for name in [name for name in old if old[name] != new.get(name)]:
        target = live.get(name)
        if target is None or target.__code__.co_freevars != new[name].co_freevars:
            return False
        target.__code__ = new[name]
    return True


def _outside(code: CodeType) -> Any:
    """What a module or class does outside of its functions."""
    inner = [one for one in code.co_consts if isinstance(one, CodeType)]
    plain = [one for one in code.co_consts if not isinstance(one, CodeType)]
    return (
        code.co_code,
        code.co_names,
        [(type(one), one) for one in plain],
        [_outside(one) for one in inner if _is_class(one)],
        [one for one in inner if "<" in one.co_name],
    )


def _is_class(code: CodeType) -> bool:
    return "__qualname__" in code.co_names and code.co_consts[:1] == (code.co_qualname,)


def _functions(code: CodeType) -> Iterator[tuple[str, CodeType]]:
    for one in code.co_consts:
        if isinstance(one, CodeType):
            if _is_class(one):
                yield from _functions(one)
            elif "<" not in one.co_name:
                yield one.co_qualname, one


def _live(module: ModuleType) -> dict[str, FunctionType]:
    found: dict[str, FunctionType] = {}
    for value in vars(module).values():
        for one in (value, *(vars(value).values() if isinstance(value, type) else ())):
            if (inner := _function(one)) is not None and inner.__module__ == module.__name__:
                found[inner.__qualname__] = inner
    return found


def _function(one: object) -> FunctionType | None:
    """The function inside a property, a method of a class, or what keeps its results."""
    for name in ("fget", "func", "__func__", "__wrapped__"):
        one = getattr(one, name, one)
    return one if isinstance(one, FunctionType) else None
