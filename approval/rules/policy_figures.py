"""What a person changes in a policy without reading its file: figures, bands and KPI items, each with its place there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from approval.rules.explanation import SIGNS, Words
from approval.rules.policy_parts import NAMES
from approval.rules.policy_place import Path, Place, top

Raw = Mapping[str, Any]
LOWER, UPPER = ("ge", "gt"), ("lt", "le")
BOUNDS = (*LOWER, *UPPER)
NOT_COLUMNS = frozenset((*BOUNDS, "code", "zh", "en", "note", "assumed", "to_fill", "label", "rules", "quote"))
LADDERS = (("scales", "pieces", "input"), ("tables", "rows", "key"), ("ratings", "pieces", "input"))
WHOLE, NUMBER, TEXT = "whole", "number", "text"


@dataclass(frozen=True)
class Figure:
    """One figure: what it belongs to, what it is (a msgid), as it stands in the file; `kind` says what may be typed."""

    place: Place
    of: Words
    what: str
    kind: str = NUMBER
    sign: str = ""

    @property
    def path(self) -> Path:
        return self.place.path

    @property
    def text(self) -> str:
        return str(self.place.value)


@dataclass(frozen=True)
class Row:
    """One band: its lower and upper bound as (sign, figure), "" where it has none, and what it gives by column."""

    path: Path
    lower: tuple[str, str]
    upper: tuple[str, str]
    cells: tuple[Figure, ...]
    label: Words = field(default=Words())


@dataclass(frozen=True)
class Ladder:
    """The bands of a scale, a table or a rating; `columns` name what each band gives, `plain` that rows may come and go."""

    path: Path
    of: Words
    asks: Words
    columns: tuple[Words, ...]
    rows: tuple[Row, ...]
    plain: bool


@dataclass(frozen=True)
class Item:
    """One KPI item or indicator: its sentence in both languages, its most points or its weight, its target."""

    path: Path
    zh: Figure
    en: Figure
    most: Figure
    target: Figure

    def each(self) -> tuple[Figure, ...]:
        return (self.zh, self.en, self.most, self.target)


@dataclass(frozen=True)
class Figures:
    """All that may be changed, in the order of a policy read as a document; `to_fill`: what the source does not print."""

    params: tuple[Figure, ...]
    score: tuple[Figure, ...]
    items: tuple[Item, ...]
    items_path: Path
    indicators: tuple[Item, ...]
    indicators_path: Path
    counts: tuple[Figure, ...]
    ladders: tuple[Ladder, ...]
    pay: tuple[Figure, ...]
    streaks: tuple[Figure, ...]
    rest: tuple[Figure, ...]
    to_fill: tuple[tuple[Path, Words], ...]

    def each(self) -> Iterator[Figure]:
        """Every single figure."""
        yield from (*self.params, *self.score)
        for item in (*self.items, *self.indicators):
            yield from item.each()
        yield from self.counts
        for ladder in self.ladders:
            for row in ladder.rows:
                yield from row.cells
        yield from (*self.pay, *self.streaks, *self.rest)


def figures(raw: Raw, choices: Mapping[str, str]) -> Figures:
    """What may be changed in a policy under these readings; `raw` is the file's data as it was read."""
    whole = top(raw, choices)
    found, weighed = whole.get("kpi"), whole.within("appraisal", "indicators")
    return Figures(
        params=tuple(_params(whole)),
        score=tuple(_score(whole)),
        items=tuple(_item(one, "max", "满分") for _, one in _each(whole, "kpi")),
        items_path=found.path if found else ("kpi",),
        indicators=tuple(_item(one, "weight", "权重") for _, one in _each(whole, "appraisal", "indicators")),
        indicators_path=weighed.path if weighed else ("appraisal", "indicators"),
        counts=tuple(_counts(whole)),
        ladders=tuple(_ladders(whole)),
        pay=tuple(_pay(whole)),
        streaks=tuple(_streaks(whole)),
        rest=tuple(_rest(whole)),
        to_fill=tuple(_to_fill(whole)),
    )


def _each(place: Place, *keys: str) -> Iterator[tuple[str | int, Place]]:
    found = place.within(*keys)
    if found is not None:
        yield from found.each()


def named(told: Raw, otherwise: str = "") -> Words:
    """The names of a part in both languages; its code where it has none."""
    zh, en = NAMES.get(otherwise, (otherwise, otherwise))
    chinese = str(told.get("zh", zh))
    return Words(chinese, str(told.get("en", chinese if "zh" in told else en)))


def _figures(place: Place, of: Words, **whats: tuple[str, str]) -> Iterator[Figure]:
    for key, (what, kind) in whats.items():
        found = place.get(key)
        if found is not None and isinstance(found.value, str | int) and found.value != "":
            yield Figure(found, of, what, kind)


def _params(whole: Place) -> Iterator[Figure]:
    for code, one in _each(whole, "params"):
        yield from _figures(one, named(one.value, str(code)), value=("", NUMBER))


def _score(whole: Place) -> Iterator[Figure]:
    for code, one in _each(whole, "appraisal", "parts"):
        yield from _figures(one, named(one.value, str(code)), weight=("权重", NUMBER))
    per = whole.within("appraisal", "sampling", "per_period")
    if per is not None:
        yield from _figures(
            per, Words("每周抽查", "Weekly sample"), min=("至少几条", WHOLE), target=("计划几条", WHOLE)
        )


def _item(one: Place, key: str, what: str) -> Item:
    of = named(one.value, str(one.value["code"]))
    most = one.get(key)
    assert most is not None
    zh, en, target = (one.get(name) or _empty(one, name) for name in ("zh", "en", "target"))
    told = Figure(zh, of, "指标", TEXT), Figure(en, of, "英文", TEXT), Figure(most, of, what)
    return Item(one.path, *told, Figure(target, of, "目标", TEXT))


def _empty(one: Place, key: str) -> Place:
    """The place of a text that is not written yet."""
    return Place("", (*one.path, key), f"{one.name}.{key}", one.patches)


def _counts(whole: Place) -> Iterator[Figure]:
    """What counted work is worth: points for each, or off for each one short (R135, R154)."""
    each, measure = ("每个几分", NUMBER), {"cap": ("最多几分", NUMBER), "below": ("应有个数", NUMBER)}
    measure |= {"minus": ("每少一个扣几分", NUMBER), "floor": ("最少几分", NUMBER)}
    for _, one in _each(whole, "kpi"):
        of = named(one.value, one.value["code"])
        told = one.get("measure")
        if told is not None:
            yield from _figures(told, of, each=each, **measure)
        for _, suggested in _each(one, "suggest"):
            counted = named({}, str(suggested.value["count"]))
            of_count = Words(f"{of.zh}：{counted.zh}", f"{of.en}: {counted.en}")
            yield from _figures(suggested, of_count, upto=("最多计几个", NUMBER), each=each)


def _ladders(whole: Place) -> Iterator[Ladder]:
    for block, rows, asks in LADDERS:
        for code, one in _each(whole, block):
            place = one.get(rows)
            if place is not None:
                yield _ladder(whole, block, str(code), one, place, str(one.value.get(asks, "")))


def _ladder(whole: Place, block: str, code: str, one: Place, rows: Place, asked: str) -> Ladder:
    told = [row for _, row in rows.each()]
    keys = tuple(dict.fromkeys(key for row in told for key in row.value if key not in NOT_COLUMNS))
    columns = tuple(_column(whole, block, code, key) for key in keys)
    asks = named(whole.value.get("inputs", {}).get(asked, {}), asked)
    made = tuple(_row(row, keys, columns) for row in told)
    plain = block != "ratings" and all(len(row.cells) == len(keys) for row in made)
    return Ladder(rows.path, named(one.value, code), asks, columns, made, plain)


def _column(whole: Place, block: str, code: str, key: str) -> Words:
    """What a column gives: the pay line that asks for it, or what a scale's own keys mean."""
    known = {
        "value": Words("取值", "Value"),
        "slope": Words("每分增减", "For each point"),
        "intercept": Words("起点", "Start"),
    }
    if block == "scales":
        return known.get(key, Words(key, key))
    for line in whole.value.get("components", ()):
        if any(one.get("table") == code and one.get("column") == key for one in line["factors"]):
            return named(line, line["code"])
    return Words(key, key)


def _row(row: Place, keys: tuple[str, ...], columns: tuple[Words, ...]) -> Row:
    cells = []
    for key, column in zip(keys, columns, strict=True):
        found = row.get(key)
        if found is not None:
            cells.append(Figure(found, column, ""))
    label = named(row.value, str(row.value.get("label", "")))
    return Row(row.path, _bound(row, LOWER), _bound(row, UPPER), tuple(cells), label)


def _bound(row: Place, signs: tuple[str, ...]) -> tuple[str, str]:
    return next(((sign, str(row.value[sign])) for sign in signs if sign in row.value), ("", ""))


def _pay(whole: Place) -> Iterator[Figure]:
    for _, line in _each(whole, "components"):
        of = named(line.value, line.value["code"])
        for _, factor in _each(line, "factors"):
            yield from _figures(factor, of, const=("系数", NUMBER), max=("出勤比例最多", NUMBER))
            for _, test in _each(factor, "where"):
                yield from _bounds(test, of, "计入的明细")
        for word, what in (("unless", "不发放的界限"), ("when", "发放的界限")):
            found = line.get(word)
            if found is not None:
                yield from _guard(whole, found, of, what)


def _guard(whole: Place, place: Place, of: Words, what: str) -> Iterator[Figure]:
    for word in ("any", "all"):
        for _, one in _each(place, word):
            yield from _guard(whole, one, of, what)
    if "sum" in place.value:
        told = whole.value.get("inputs", {})
        asked = [named(told.get(code, {}), code) for code in place.value["sum"]]
        sums = Words("＋".join(one.zh for one in asked), " + ".join(one.en for one in asked))
        yield from _bounds(place, Words(f"{of.zh}：{sums.zh}", f"{of.en}: {sums.en}"), what)


def _bounds(place: Place, of: Words, what: str) -> Iterator[Figure]:
    for sign in BOUNDS:
        found = place.get(sign)
        if found is not None:
            yield Figure(found, of, what, sign=SIGNS[sign])


def _streaks(whole: Place) -> Iterator[Figure]:
    for _, one in _each(whole, "streaks"):
        of = named(one.value, one.value["code"])
        test = one.get("test")
        if test is not None:
            yield from _bounds(test, of, "得分")
        yield from _figures(one, of, run=("几个月", WHOLE), window=("在几个月之内", WHOLE))


def _rest(whole: Place) -> Iterator[Figure]:
    for _, pool in _each(whole, "pools"):
        of = named(pool.value, pool.value["code"])
        for _, source in _each(pool, "sources"):
            whats = {"base": ("基数（元）", NUMBER), "rate": ("比例", NUMBER), "amount": ("金额（元）", NUMBER)}
            yield from _figures(source, of, **whats)
        completion = pool.get("completion")
        if completion is not None:
            yield from _figures(completion, of, cap=("完成率最多", NUMBER))
    told = whole.get("publication")
    if told is not None:
        yield from _figures(told, Words("公示", "Publication"), objection_days=("几天内可以提出异议", WHOLE))


def _to_fill(place: Place) -> Iterator[tuple[Path, Words]]:
    """What is marked as not printed by the source, everywhere."""
    if isinstance(place.value, Mapping) and place.value.get("to_fill") is True:
        last = str(place.path[-1]) if place.path else ""
        yield place.path, named(place.value, str(place.value.get("code", last)))
    if isinstance(place.value, Mapping | list):
        for key, one in place.each():
            if key != "options":
                yield from _to_fill(one)
