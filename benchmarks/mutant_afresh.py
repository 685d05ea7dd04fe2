"""Tries a change of a module of the rules in a child that imports everything of ours again and runs every test until one fails.

For what takes effect while modules are loaded: tables, names of fields, defaults. The tests that name the module come first.
"""

from __future__ import annotations

import importlib
import io
import os
import re
import resource
import sys
from contextlib import redirect_stderr, redirect_stdout, suppress
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from pathlib import Path
from types import ModuleType
from typing import Any

from .mutants import RULES, Mutant, changed_text

ROOT = Path(__file__).resolve().parent.parent
TESTS = (ROOT / "tests" / "rules", ROOT / "tests" / "test_calc.py", ROOT / "tests" / "golden" / "test_golden.py")
QUICK = (ROOT / "tests" / "rules" / "test_kept_views.py",)  # comes past most modules in two seconds
OURS = ("approval", "benchmarks", "forms", "test", "workflows")
ARGUMENTS = ("-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:terminal", "--noconftest", "-W", "ignore")
IMPORTS = ("-o", "addopts=--import-mode=importlib")


class _Changed(MetaPathFinder, Loader):
    """Gives one module of the rules in its changed form to whoever imports it."""

    def __init__(self, module: str, source: str) -> None:
        self._name, self._origin, self._source = f"approval.rules.{module}", str(RULES / f"{module}.py"), source

    def find_spec(self, name: str, path: Any, target: ModuleType | None = None) -> ModuleSpec | None:
        return spec_from_loader(name, self, origin=self._origin) if name == self._name else None

    def exec_module(self, module: ModuleType) -> None:
        module.__file__ = self._origin
        exec(compile(self._source, self._origin, "exec"), module.__dict__)  # noqa: S102  (our own code, changed)


class First:
    """Remembers the first test that failed."""

    name = ""

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed and not self.name:
            self.name = report.nodeid

    pytest_collectreport = pytest_runtest_logreport


def tests_for(module: str) -> tuple[list[str], list[str]]:
    """The tests of the rules in two parts: those that name the module, and all others with the worked cases."""
    every = [path for one in TESTS for path in (sorted(one.rglob("test_*.py")) if one.is_dir() else [one])]
    near = [one for one in every if re.search(rf"rules(\.| import .*){module}\b", one.read_text(encoding="utf-8"))]
    near = [*(one for one in every if one in QUICK), *(one for one in near if one not in QUICK)]
    return [str(one) for one in near], [str(one) for one in every if one not in near]


def tried_afresh(mutant: Mutant | None, seconds: int) -> str:
    """What noticed a mutant (None: the unchanged rules) in a child of its own; "" for nothing."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        os.write(writing, b"=" + _noticed(mutant).encode()[:200])
        os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    said = os.read(reading, 300).decode(errors="replace")
    os.close(reading)
    return said[1:] if said else "ran out of time"


def _noticed(mutant: Mutant | None) -> str:
    import pytest

    if mutant:
        sys.meta_path.insert(0, _Changed(mutant.module, changed_text(mutant)))
    first = First()
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        with suppress(Exception):
            importlib.import_module("tests.conftest")  # for its profiles of hypothesis
        for tests in tests_for(mutant.module if mutant else "pay"):
            code = pytest.main(["-x", *ARGUMENTS, *IMPORTS, *tests], plugins=[first]) if tests else 0
            if code != 0:
                return first.name or f"exit {int(code)}"
    return ""


def load_what_is_not_ours() -> None:
    """Import once, for every child, all that the tests import from elsewhere."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        import pytest

        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            pytest.main(["--collect-only", *ARGUMENTS, *IMPORTS, *map(str, TESTS)])
        with os.fdopen(writing, "w") as to:
            to.write("\n".join(sys.modules))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as told:
        names = told.read().split("\n")
    os.waitpid(child, 0)
    for name in names:
        if not name.startswith(OURS) and not name.startswith(("__", "_pytest.assertion")):
            with suppress(Exception):
                importlib.import_module(name)
