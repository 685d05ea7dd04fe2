"""A policy's text with whole parts added and taken away: standards, figures of the month, scales, and readings about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import tomlkit

from approval.rules.basis import OWN_RULE
from approval.rules.pay_line_forms import SCORE
from approval.rules.policy_place import Place, top
from approval.rules.policy_text import PolicyText, item_of
from approval.rules.policy_uses import FIGURES, KEPT, LADDERS, Use, uses
from approval.rules.refusal import Refused

STEMS = {"params": "std", "inputs": "fig", "scales": "scale", "components": "line"}
Raw = Mapping[str, Any]


class PartsText(PolicyText):
    """The text of a policy whose parts come and go, under the readings chosen so far.

    `mark` is what the codes made here bear, unlike those of any other policy: a figure that is brought in and a standard
    that is set for a person are known by their code in all policies.
    """

    def __init__(
        self, text: str, choices: Mapping[str, str], own: Mapping[str, str] | None = None, mark: str = ""
    ) -> None:
        super().__init__(text, own)
        self.choices, self.mark = dict(choices), mark

    @property
    def raw(self) -> Raw:
        """The data of the text as it stands now."""
        found: Raw = self._file.unwrap()
        return found

    def whole(self) -> Place:
        """The policy as its readings leave it, each value with its place in the text."""
        return top(self.raw, self.choices | self.own)

    def _new_code(self, block: str) -> str:
        """A short code that stands nowhere in the text."""
        stem, number, text = f"{STEMS[block]}{self.mark}_", 1, self.text
        while f"{stem}{number}" in text:
            number += 1
        return f"{stem}{number}"

    def add_part(self, block: str, code: str, told: Raw) -> None:
        """Write a standard or a figure of the month, unless the policy has it."""
        if block not in self._file:
            self._file[block] = tomlkit.table()
        if code not in self._at((block,)):
            self._at((block,))[code] = item_of(told)

    def add_scale(self, zh: str, en: str, steps: Sequence[tuple[str, str]], last: str) -> str:
        """Write a scale on the score: below each bound its value, from the last bound on `last`; gives its code."""
        self.add_part("inputs", "score", SCORE)
        code, table = self._new_code("scales"), tomlkit.table()
        pieces = [{"lt": bound, "value": value} for bound, value in steps] + [{"value": last}]
        names = {"zh": zh, "en": en} if en else {"zh": zh}
        for key, value in {**names, "rules": [OWN_RULE], "input": "score", "pieces": pieces}.items():
            table.add(key, item_of(value))
        if "scales" not in self._file:
            self._file["scales"] = tomlkit.table(is_super_table=True)
        self._at(("scales",))[code] = table
        return code

    def drop_part(self, block: str, code: str) -> None:
        """Take away a standard, a figure, a scale or a table that nothing asks for, with the readings about it alone."""
        if (block, code) in {*uses(self.raw), *KEPT} or code not in self.raw.get(block, {}):
            raise Refused("还有条款用到它，或它已经去掉；请刷新页面", fault="part in use")
        before = set(uses(self.raw[block][code]))
        del self._at((block,))[code]
        self._forget(f"{block}.{code}")
        self._unmark(f"{block}.{code}")
        self._sweep(before)

    def _sweep(self, candidates: Iterable[Use]) -> None:
        """Take away those of the parts that nothing asks for any more: the month would collect them for nothing."""
        order = (*LADDERS, *FIGURES)
        for block, code in sorted(set(candidates) - KEPT, key=lambda use: (order.index(use[0]), use[1])):
            if (block, code) not in set(uses(self.raw)):
                if code in self.raw.get(block, {}):
                    self.drop_part(block, code)
                else:
                    self._forget(f"{block}.{code}")

    def _patched(self, name: str) -> bool:
        options = self.raw.get("options", {}).values()
        return any(name in reading for option in options for reading in option["choices"].values())

    def _forget(self, name: str) -> None:
        """Take away what readings say of a place; an option of which nothing is left goes with its readings."""
        for code, option in list(self._file.get("options", {}).items()):
            readings = option["choices"].values()
            gone = [(reading, one) for reading in readings for one in list(reading) if within(one, name)]
            for reading, one in gone:
                del reading[one]
            if gone and not any(len(reading) for reading in readings):
                del self._file["options"][code]
                self.own.pop(code, None)

    def _unmark(self, path: str) -> None:
        """A scale or table that is gone must not fall any more either."""
        marked = self._file.get("lint", {}).get("non_decreasing", [])
        for place in reversed([at for at, one in enumerate(marked) if one == path]):
            del marked[place]


def within(name: str, other: str) -> bool:
    """Whether a patch's path is a place, or lies in it."""
    return f"{name}.".startswith(f"{other}.")
