"""Where a path of a policy stands in its text: the line to go to when something there is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator

from approval.rules.refusal import Refused

Steps = tuple[str, ...]
_LIST_HEAD = re.compile(r"\s*\[\[\s*([^\]]+?)\s*\]\]")
_HEAD = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*([\w.-]+|"[^"]+"|'[^']+')\s*=""")
_ITEM = re.compile(r"\s*\{")
_CODE = re.compile(r'\bcode\s*=\s*"([^"]+)"')


def line_of(text: str, path: str) -> int | None:
    """The line (from 1) of a path such as components.base.factors[0], or of the nearest thing around it."""
    asked = _steps(path)
    found = [(len(steps), line) for steps, line in _marks(text) if steps and steps == asked[: len(steps)]]
    return max(found, key=lambda one: (one[0], -one[1]))[1] if found else None


def line_of_fault(text: str, refused: Refused) -> int | None:
    """The line of a refusal: what tomllib named, else that of its path."""
    line = refused.params.get("line")
    return line if isinstance(line, int) else line_of(text, str(refused.params.get("path", "")))


def _steps(path: str) -> Steps:
    return tuple(re.findall(r"[^.\[\]\"']+", path))


def _marks(text: str) -> Iterator[tuple[Steps, int]]:
    """Every section, key and element of a list that begins on a line, by index and by its code."""
    head: tuple[Steps, ...] = ((),)
    within: Steps = ()
    counts: dict[Steps, int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if found := _LIST_HEAD.match(line):
            name = _steps(found[1])
            counts[name] = counts.get(name, -1) + 1
            head, within = ((*name, str(counts[name])),), ()
            yield head[0], number
        elif found := _HEAD.match(line):
            head, within = (_steps(found[1]),), ()
            yield head[0], number
        elif found := _KEY.match(line):
            within = _steps(found[1])
            counts[(*head[0], *within)] = -1
            if within == ("code",) and head[0][-1:] and head[0][-1].isdigit() and (code := _CODE.search(line)):
                head = (head[0], (*head[0][:-1], code[1]))
                yield head[1], number
            for top in head:
                yield (*top, *within), number
        elif within and _ITEM.match(line):
            counts[(*head[0], *within)] += 1
            code = _CODE.search(line)
            for last in (str(counts[(*head[0], *within)]), *([code[1]] if code else [])):
                for top in head:
                    yield (*top, *within, last), number
