"""A policy's text with its pay lines, its scope and its names changed; everything else stays as somebody wrote it.

What stands inside a reading of the source is left there, as in PolicyText: the company's own list of factors becomes a
reading of its own. A line that goes takes along the readings that are about it alone and what only it asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import tomlkit

from approval.rules.basis import OWN_RULE
from approval.rules.pay_line_forms import (
    ATTENDANCE,
    FIGURE,
    RATE,
    RATIO,
    RECORDED,
    STANDARD,
    Given,
    NewLine,
    factor_of,
)
from approval.rules.policy_parts_text import PartsText, within
from approval.rules.policy_place import OWN, Path, Place, reading_of
from approval.rules.policy_text import item_of
from approval.rules.policy_uses import uses
from approval.rules.refusal import Refused

BLOCK_OF = {STANDARD: "params", RATE: "params", FIGURE: "inputs"}
Raw = Mapping[str, Any]


class LinesText(PartsText):
    """The text of a policy whose lines, scope and names are being changed."""

    def put_names(self, path: Path, zh: str, en: str) -> None:
        """Write the two names of the policy or of a line; without an English one the Chinese one stands for both."""
        for key, name in (("zh", zh), ("en", en or None)):
            place = self.whole().within(*path)
            if place is None:
                raise Refused("方案里没有这一处，请刷新页面", fault="unknown place")
            if name != place.value.get(key):
                self.put((*place.path, key), name)

    def put_scope(self, key: str, names: Sequence[str]) -> None:
        """Write whom the policy is for: departments, positions, or the positions left out; an empty list takes the key away."""
        scope = self.whole().within("scope", key)
        before = list(scope.value if scope else ())
        names = [one for one in before if one in names] + [one for one in names if one not in before]
        if names == before:
            return
        path = self._outside_readings(scope.path if scope else ("scope", key))
        if names:
            self._at(path[:-1])[path[-1]] = item_of(list(names))
        else:
            del self._at(path[:-1])[path[-1]]

    def add_line(self, new: NewLine) -> str:
        """Put a line of one of the everyday forms behind the others, with what it asks for; gives its code."""
        self._must_be_free(new)
        codes = {kind: self._known(BLOCK_OF.get(kind, "scales"), part) for kind, part in new.parts.items()}
        for code in new.form.takes[:1]:
            self.add_part("inputs", code, RECORDED[code])
        factors = [factor_of(kind, codes.get(kind, "")) for kind in new.form.asks]
        factors += [{"input": code} for code in new.form.takes[:1]]
        if RATIO in new.form.asks:
            self._add_attendance()
        code = self._new_code("components")
        names = {"zh": new.zh, "en": new.en} if new.en else {"zh": new.zh}
        self._append_line({"code": code, **names, "rules": [OWN_RULE], "factors": factors})
        return code

    def _must_be_free(self, new: NewLine) -> None:
        """One sum is paid by one line: that of the month's rewards, or the share of the pool."""
        for line in self.raw.get("components", ()):
            if any(one.get("input") in new.form.takes for one in line["factors"]):
                raise Refused("“%(line)s”已经发放这笔金额；同一笔钱不能发两次", fault="paid twice", line=_name(line))

    def _append_line(self, line: Raw) -> None:
        lines = self._file.get("components")
        if lines is None:
            lines = self._file["components"] = tomlkit.aot()
        if isinstance(lines, tomlkit.items.AoT):
            table = tomlkit.table()
            for key, value in line.items():
                table.add(key, item_of(value))
            lines.append(table)
        else:
            lines.append(item_of(line))

    def _known(self, block: str, part: Given) -> str:
        """The code of a part, which is written into the policy first where it is new there."""
        code = part.code or self._new_code(block)
        if part.told is not None:
            self.add_part(block, code, part.told)
        return code

    def _add_attendance(self) -> None:
        for code, told in ATTENDANCE.items():
            self.add_part("inputs", code, told)

    def add_factor(self, line: int, factor: Raw) -> None:
        """Multiply a line by one more factor."""
        if "ratio" in factor:
            self._add_attendance()
        path = self._outside_readings(self._factors(line).path)
        self._at(path).append(item_of(factor))
        self._say_own(line, path)

    def drop_factor(self, line: int, factor: int) -> None:
        """Take a factor away; the last one stays. One that a reading puts is switched off in the company's own reading."""
        factors = self._factors(line)
        place = factors.get(factor)
        if place is None or "off" in place.value:
            raise Refused("方案里没有这一处，请刷新页面", fault="unknown place")
        self._must_stand_without(factors, factor)
        code = place.value.get("code")
        if code is not None and self._patched(place.name):
            path = self._outside_readings(place.path)
            self._at(path[:-1])[path[-1]] = item_of({"code": code, "off": True})
        else:
            path = self._outside_readings(factors.path)
            del self._at(path)[factor]
            if code is not None:
                self._forget(place.name)
        self._say_own(line, path)

    def _must_stand_without(self, factors: Place, factor: int) -> None:
        left = [one.value for at, one in factors.each() if at != factor and "off" not in one.value]
        if not left:
            raise Refused("每一项工资至少要有一个因子；不再发放请去掉整项", fault="last factor")
        following = factors.get(factor + 1)
        if "rows" in factors.value[factor] and following is not None and "table" in following.value:
            raise Refused("档位表按前面的明细计算；请先去掉档位表", fault="records of a table")
        if left[0].get("round_day") is True:
            raise Refused("日工资先取整到分，前面须有金额；请先去掉出勤比例", fault="no amount to round")

    def drop_guard(self, line: int, word: str) -> None:
        """Take the condition of a line away (`unless` or `when`), with the readings that are about it alone."""
        place = self._line(line)
        if word not in place.value:
            raise Refused("方案里没有这一处，请刷新页面", fault="unknown place")
        before = set(uses(self._about(place)))
        del self._at(place.path)[word]
        self._forget(f"{place.name}.{word}")
        self._say_own(line, place.path)
        self._sweep(before)

    def drop_line(self, line: int) -> None:
        """Take a line away, with the readings that are about it alone and what only it asked for; the last one stays."""
        place = self._line(line)
        if len(self._at(("components",))) < 2:
            raise Refused("至少保留一项工资；要换成别的，请先加上新的一项", fault="last line")
        before = set(uses(self._about(place)))
        del self._at(("components",))[line]
        self._forget(place.name)
        self._drop_warnings(str(place.value["code"]))
        self._sweep(before)

    def _about(self, place: Place) -> list[Any]:
        """A line, and all that readings put into it or beside it."""
        options = self.raw.get("options", {}).values()
        readings = [reading for option in options for reading in option["choices"].values()]
        own = [one for one in readings if any(within(name, place.name) for name in one)]
        beside = {name: value for reading in own for name, value in reading.items()}
        named = [{NAMES_OF[name.split(".")[0]]: name.split(".")[1]} for name in beside if _is_part(name)]
        return [place.value, *(value for name, value in beside.items() if within(name, place.name)), *named]

    def _drop_warnings(self, line: str) -> None:
        told = self._file.get("warnings", [])
        for place in reversed([at for at, one in enumerate(told) if one.get("of") == line]):
            del told[place]
        if "warnings" in self._file and not len(told):
            del self._file["warnings"]

    def _say_own(self, line: int, changed: Path) -> None:
        """A line that the company builds otherwise than the source says so, where it was changed.

        Where another term says what the line rests on, that one is left alone: the company's own reading tells it.
        """
        place = self._line(line)
        rules, name, own = place.get("rules"), f"{place.name}.rules", _option_of(changed)
        told, held = list(rules.value) if rules else [], _option_of(rules.path) if rules else None
        if OWN_RULE in told or (own and held and held != own):
            return
        path: Path = (*place.path, "rules")
        if rules is not None and held:
            path = self._outside_readings(rules.path)
        elif own and not self._patched(name):
            path = ("options", own, "choices", OWN, name)
        self._at(path[:-1])[path[-1]] = item_of([*told, OWN_RULE])

    def _line(self, line: int) -> Place:
        place = self.whole().within("components", line)
        if place is None:
            raise Refused("方案里没有这一处，请刷新页面", fault="unknown place")
        return place

    def _factors(self, line: int) -> Place:
        found = self._line(line).get("factors")
        assert found is not None, "the format asks every line for its factors"
        return found


NAMES_OF = {"params": "param", "inputs": "input", "scales": "scale", "tables": "table"}


def _option_of(path: Path) -> str | None:
    """The option inside a reading of which a path lies."""
    inside = reading_of(path)
    return inside[0] if inside else None


def _is_part(name: str) -> bool:
    """Whether a patch brings a whole part, such as inputs.days_in_post."""
    block, _sep, code = name.partition(".")
    return block in NAMES_OF and "." not in code


def _name(line: Raw) -> str:
    return str(line.get("zh", line["code"]))
