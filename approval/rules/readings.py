"""Readings: a chosen reading of an option is a patch on the policy's data (rules.md section 2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from approval.rules.refusal import Refused

Raw = Mapping[str, Any]


def patched(raw: Raw, choices: Mapping[str, str]) -> dict[str, Any]:
    """A copy of the data with the reading of every option applied, the chosen one or the default, and kept as its default."""
    made: dict[str, Any] = _copied(raw)
    options = made.get("options", {})
    for code in choices:
        if code not in options:
            raise Refused("方案没有选项“%(option)s”", fault="unknown option", option=code)
    taken: list[str] = []
    for code, option in options.items():
        choice = choices.get(code, option["default"])
        if choice not in option["choices"]:
            raise Refused("选项“%(option)s”没有读法“%(choice)s”", fault="unknown choice", option=code, choice=choice)
        patches = option["choices"][choice]
        for path in patches:
            if any(touch(path, other) for other in taken):
                raise Refused("两个选项改动同一处：%(path)s", fault="colliding patches", path=path)
        taken += patches
        for path, value in patches.items():
            _put(made, path.split("."), _copied(value), path)
        option["default"] = choice
    return made


def _copied(told: Any) -> Any:
    """A copy of plain data, table by table: nothing else is in a policy."""
    if isinstance(told, Mapping):
        return {key: _copied(value) for key, value in told.items()}
    return [_copied(one) for one in told] if isinstance(told, list | tuple) else told


def touch(path: str, other: str) -> bool:
    """Say whether two patches meet: the same place, or one inside the other."""
    return f"{path}.".startswith(f"{other}.") or f"{other}.".startswith(f"{path}.")


def collisions(raw: Raw) -> Iterator[tuple[str, str, str]]:
    """Pairs of options of which some reading patches one place, with that place."""
    paths = {
        code: {path for patches in option["choices"].values() for path in patches}
        for code, option in raw.get("options", {}).items()
    }
    for (one, ones), (other, others) in combinations(paths.items(), 2):
        met = sorted(path for path in ones if any(touch(path, place) for place in others))
        if met:
            yield one, other, met[0]


def _put(where: Any, steps: Sequence[str], value: Any, path: str) -> None:
    for step in steps[:-1]:
        where = where[_place(where, step, path)]
    where[_place(where, steps[-1], path, may_be_new=isinstance(where, dict))] = value


def _place(where: Any, step: str, path: str, *, may_be_new: bool = False) -> Any:
    """A key of a table, or the index of the element of a list with this code."""
    if isinstance(where, list):
        found = next((i for i, one in enumerate(where) if isinstance(one, dict) and one.get("code") == step), None)
        if found is not None:
            return found
    elif isinstance(where, dict) and (step in where or may_be_new):
        return step
    raise Refused("选项的路径不存在：%(path)s（在“%(step)s”处）", fault="unknown path", path=path, step=step)
