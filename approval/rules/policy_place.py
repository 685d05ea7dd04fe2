"""Where what a policy says stands in its file: every value as the chosen readings leave it, with its path there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Raw = Mapping[str, Any]
Path = tuple[str | int, ...]
OWN = "company"  # the reading that stands for the company's own figures, beside those of the source


@dataclass(frozen=True)
class Place:
    """A value of a policy, its path in the file, and its name as a reading's patch gives it (components.base.factors.0)."""

    value: Any
    path: Path
    name: str
    patches: Mapping[str, tuple[Path, Any]]

    def get(self, key: Any) -> Place | None:
        """The value under a key or at a place of a list; None where there is none."""
        if isinstance(self.value, Mapping):
            step = str(key)
            if key not in self.value:
                return self._new(step)
        elif isinstance(key, int) and isinstance(self.value, list) and key < len(self.value):
            code = self.value[key].get("code") if isinstance(self.value[key], Mapping) else None
            step = str(key if code is None else code)
        else:
            return None
        return self._new(step) or Place(self.value[key], (*self.path, key), self._named(step), self.patches)

    def _new(self, step: str) -> Place | None:
        """What a reading puts here, if one does."""
        name = self._named(step)
        if name not in self.patches:
            return None
        path, value = self.patches[name]
        return Place(value, path, name, self.patches)

    def _named(self, step: str) -> str:
        return f"{self.name}.{step}" if self.name else step

    def each(self) -> Iterator[tuple[str | int, Place]]:
        """The values of a table by key, or of a list by place."""
        keys: Any = self.value.keys() if isinstance(self.value, Mapping) else range(len(self.value))
        for key in keys:
            found = self.get(key)
            if found is not None:
                yield key, found

    def within(self, *keys: str | int) -> Place | None:
        """What stands below, key after key; None where something on the way is not there."""
        found: Place | None = self
        for key in keys:
            found = found.get(key) if found is not None else None
        return found


def top(raw: Raw, choices: Mapping[str, str]) -> Place:
    """The whole of a policy's file as its chosen readings leave it, the defaults where none is chosen."""
    patches: dict[str, tuple[Path, Any]] = {}
    for code, option in raw.get("options", {}).items():
        chosen = choices.get(code, option["default"])
        for name, value in option["choices"].get(chosen, {}).items():
            patches[name] = (("options", code, "choices", chosen, name), value)
    return Place(raw, (), "", patches)


def reading_of(path: Path) -> tuple[str, str] | None:
    """The option and the reading inside which a path lies; None outside of every reading."""
    return (str(path[1]), str(path[3])) if len(path) > 4 and path[0] == "options" and path[2] == "choices" else None
