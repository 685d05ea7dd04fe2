"""What a policy file must look like; every fault is named by file and path, with what would be right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from approval.rules.refusal import Refused
from approval.rules.shape import Shape

Raw = Mapping[str, Any]

BLOCKS = (
    *(
        "format",
        "policy",
        "scope",
        "rounding",
        "params",
        "inputs",
        "appraisal",
        "kpi",
        "scales",
        "tables",
        "components",
    ),
    *("ratings", "streaks", "pools", "publication", "deadlines", "adjustments", "process", "work_time", "warnings"),
    "reference_ranges",
    *("lint", "options"),
)
CYCLES = ("month", "quarter", "year")
INPUT_TYPES = ("money", "days", "count", "score", "factor", "fraction", "rows")
PARAM_TYPES = ("money", "factor", "fraction")
FACTORS = ("param", "input", "const", "scale", "ratio", "rows", "table", "off")
BOUNDS = ("lt", "le", "gt", "ge")
NOTE = frozenset(("code", "zh", "en", "note", "assumed"))
BAND = NOTE | {"rules", "quote"}
BESIDE = {"ratio": {"max", "round_day"}, "rows": {"field", "where"}, "table": {"column"}}
COMPONENT = NOTE | {
    "rules",
    "quote",
    "doc",
    "source",
    "lines",
    "factors",
    "unless",
    "when",
    "outside_minimum",
    "caution",
}
PIECE = {"scales": {"value", "slope", "intercept"}, "ratings": {"label"}}
NO_SHAPE = "policy shape"
WHERE = {"field", "eq", "missing", "warn", "ge_param", "lt_param"}
POPULATIONS = ("customers", "work_items", "staff")


def check(raw: Raw, name: str) -> None:
    """Refuse a policy that the evaluator could misread: what it does not know, what is missing, what names nothing."""
    shape = _Policy(raw, name)
    try:
        shape.blocks()
        shape.kinds()
        shape.head()
        shape.appraisal()
        shape.figures()
        shape.scales()
        shape.components()
        shape.rest()
    except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
        if isinstance(error, Refused):
            raise
        what = f"{type(error).__name__} {error}"[:120]
        text = "%(name)s：%(path)s 的结构不对（%(what)s）；请对照方案格式说明 docs/policy-format.md"
        raise Refused(text, fault=NO_SHAPE, name=name, path=shape.path, what=what) from None


class _Policy(Shape):
    """The parts of a policy, each read as strictly as the evaluator will use it."""

    def blocks(self) -> None:
        for block in self.raw:
            if block not in BLOCKS:
                self.fail("%(name)s：不认识 %(block)s 这一节；可以写：%(known)s", block=block, known="、".join(BLOCKS))

    def head(self) -> None:
        self.at("policy")
        self.must(self.raw.get("policy"), "code", "name", "effective_from", "cycle")
        head = self.raw["policy"]
        self.at("policy.name")
        self.must(head["name"], "zh")
        self.at("policy.cycle")
        self.one_of(head["cycle"], CYCLES)
        for key in ("effective_from", "effective_to"):
            self.at(f"policy.{key}")
            if head.get(key, "") != "":
                self.day(head[key])
        self.at("scope")
        self.must(self.raw.get("scope"), "departments", "positions")
        self._rounding()

    def _rounding(self) -> None:
        """Fen, and scores of two places, whole points or all the places that are kept; another wish is not passed over."""
        for key, told in self.raw.get("rounding", {}).items():
            self.at(f"rounding.{key}")
            places = ("2", "0", "6") if key == "score" else ("2",)
            if str(told.get("places", 2)) not in places or told.get("mode", "half_up") != "half_up":
                self.fail(
                    "%(name)s：%(path)s 只支持四舍五入：金额到分（places = 2），"
                    "分数到两位小数、整数或不取整（places = 2、0 或 6）"
                )
            if told.get("when", "line") != "line":
                self.fail("%(name)s：%(path)s 只支持逐项舍入（when = line）")

    def appraisal(self) -> None:
        told = self.raw.get("appraisal", {})
        for place, part in enumerate(told.get("parts", ())):
            self.at(f"appraisal.parts[{place}]")
            self.must(part, "code", "weight", "by")
            self.number(part["weight"])
            self.one_of(part["by"], ("employee", "supervisor"))
            self.one_of(part.get("from", "kpi"), ("kpi", "sampling"))
        for place, one in enumerate(told.get("indicators", ())):
            self.at(f"appraisal.indicators[{place}]")
            self.must(one, "code", "weight")
            self.number(one["weight"])
        if (plan := told.get("sampling")) is not None:
            self.at("appraisal.sampling")
            self.must(plan, "population", "aggregate")
            self.one_of(plan["population"], POPULATIONS)
            self.one_of(plan["aggregate"], ("mean_of_weeks", "mean_of_samples"))
            for count in plan.get("per_period", {}).values():
                self.number(count)
        for item in self.rows("kpi", "zh", "max"):
            if self.number(item["max"]) <= 0:
                self.fail("%(name)s：%(path)s 的满分须大于 0")
            self._counted(item)

    def _counted(self, item: Raw) -> None:
        """What counted work is worth: each with a cap, or minus for each one below a number (R135, R154)."""
        for told, keys in [*((one, ("upto", "each")) for one in item.get("suggest", ())), (item.get("measure"), ())]:
            if told is None:
                continue
            self.must(told, "count", *(keys or (("each",) if "each" in told else ("below", "minus"))))
            for key in told.keys() - {"count"}:
                self.number(told[key])

    def figures(self) -> None:
        for code, told in self.raw.get("params", {}).items():
            self.at(f"params.{code}")
            if ("value" in told) == ("per" in told):
                self.fail("%(name)s：%(path)s 须写明 value（统一数值）或 per（由公司逐人填写）之一")
            if "value" in told:
                self.number(told["value"])
            self.one_of(told.get("type", "money"), PARAM_TYPES)
        for code, told in self.raw.get("inputs", {}).items():
            self.at(f"inputs.{code}")
            self.one_of(told.get("type"), INPUT_TYPES)
            if told.get("default") is not None:
                self.number(told["default"])

    def scales(self) -> None:
        for kind, worth in PIECE.items():
            for code, scale in self.raw.get(kind, {}).items():
                self.at(f"{kind}.{code}")
                self.must(scale, "input", "pieces")
                if kind == "scales":
                    self.plain_input(scale["input"])
                for place, piece in enumerate(scale["pieces"]):
                    self.at(f"{kind}.{code}.pieces[{place}]")
                    self._piece(piece, worth)
        for code, table in self.raw.get("tables", {}).items():
            self.at(f"tables.{code}")
            self.must(table, "key", "rows")
            self.plain_input(table["key"])
            self.one_of(table.get("mode", "whole"), ("whole", "marginal"))
            if table.get("mode") == "marginal":
                self.must(table, "by")
            for place, row in enumerate(table["rows"]):
                self.at(f"tables.{code}.rows[{place}]")
                for key in row.keys() - BAND:
                    self.number(row[key])

    def _piece(self, piece: Raw, worth: set[str]) -> None:
        self.only(piece, BAND | set(BOUNDS) | worth)
        if "label" in worth:
            self.must(piece, "label")
        elif ("value" in piece) == ("slope" in piece) or ("slope" in piece) != ("intercept" in piece):
            self.fail("%(name)s：%(path)s 须写明 value，或 slope 和 intercept")
        for key in piece.keys() - BAND - {"label"}:
            self.number(piece[key])

    def components(self) -> None:
        for component in self.rows("components", "factors"):
            where = self.path
            self.only(component, COMPONENT)
            if "caution" in component:
                self.at(f"{where}.caution")
                self.must(component["caution"], "zh")
            for place, factor in enumerate(component["factors"]):
                self.at(f"{where}.factors[{place}]")
                self._factor(factor, first=place == 0)
                self._marginal(component["factors"], place)
            for word in ("unless", "when"):
                if word in component:
                    self.at(f"{where}.{word}")
                    self._guard(component[word])

    def _factor(self, factor: Raw, *, first: bool) -> None:
        self.must(factor)
        kinds = [kind for kind in FACTORS if kind in factor]
        if len(kinds) != 1:
            self.fail("%(name)s：%(path)s 须是 %(known)s 之一", known="、".join(FACTORS))
        (kind,) = kinds
        self.only(factor, {kind, *BESIDE.get(kind, ()), *NOTE})
        match kind:
            case "const":
                self.number(factor["const"])
            case "param" | "scale":
                self.known(f"{kind}s", factor[kind])
            case "input":
                self.plain_input(factor["input"])
            case "ratio":
                self._ratio(factor, first=first)
            case "rows":
                self._rows(factor)
            case "table":
                self._column(factor)
            case "off" if factor["off"] is not True:
                self.fail("%(name)s：%(path)s 的 off 只能是 true；这里没有因子")

    def _ratio(self, factor: Raw, *, first: bool) -> None:
        if len(factor["ratio"]) != 2:
            self.fail("%(name)s：%(path)s 的 ratio 须写两项数据：实际、应有")
        for code in factor["ratio"]:
            self.plain_input(code)
        self.number(factor.get("max", "1"))
        if factor.get("round_day") and first:
            self.fail("%(name)s：%(path)s 的 round_day 前面须有金额")

    def _rows(self, factor: Raw) -> None:
        self.must(factor, "field")
        if self.known("inputs", factor["rows"]).get("type") != "rows":
            self.fail("%(name)s：%(path)s 的“%(code)s”不是明细；rows 只能指向 type = rows 的数据", code=factor["rows"])
        where = self.path
        for place, guard in enumerate(factor.get("where", ())):
            self.at(f"{where}.where[{place}]")
            self.must(guard, "field")
            self.only(guard, WHERE | set(BOUNDS) | NOTE)
            for key in ("ge_param", "lt_param"):
                if key in guard:
                    self.known("params", guard[key])
            if not guard.keys() & {"eq", "ge_param", "lt_param"}:
                self._bounds(guard)

    def _marginal(self, factors: Sequence[Raw], place: int) -> None:
        """A marginal table ranks the records that the factor before it summed."""
        table = self.raw.get("tables", {}).get(factors[place].get("table", ""), {})
        if table.get("mode") == "marginal" and (place == 0 or "rows" not in factors[place - 1]):
            self.fail("%(name)s：%(path)s 的表是分段累进（mode = marginal），前一个因子须是 rows")

    def _column(self, factor: Raw) -> None:
        for row in self.known("tables", factor["table"])["rows"]:
            if factor.get("column") not in row.keys() - BAND - set(BOUNDS):
                self.fail(
                    "%(name)s：%(path)s 的列“%(column)s”不是每一行都有；请在每一行补上这一列，或改写 column",
                    column=str(factor.get("column")),
                )

    def _guard(self, guard: Raw) -> None:
        kinds = [kind for kind in ("any", "all", "sum") if guard.get(kind)]
        if len(kinds) != 1:
            self.fail("%(name)s：%(path)s 须是 any、all、sum 之一，且不能为空")
        self.only(guard, NOTE | set(kinds) | (set(BOUNDS) if kinds == ["sum"] else set()))
        where = self.path
        if kinds == ["sum"]:
            for code in guard["sum"]:
                self.plain_input(code)
            self._bounds(guard)
            return
        for place, one in enumerate(guard[kinds[0]]):
            self.at(f"{where}.{kinds[0]}[{place}]")
            self._guard(one)

    def _bounds(self, guard: Raw) -> None:
        """A condition without a bound would hold for everybody."""
        found = [key for key in BOUNDS if key in guard]
        if not found:
            self.fail("%(name)s：%(path)s 须写明 lt、le、gt、ge 之一")
        for key in found:
            self.number(guard[key])

    def rest(self) -> None:
        for streak in self.rows("streaks", "test", "run", "action"):
            if len(streak["test"]) != 1 or next(iter(streak["test"])) not in BOUNDS:
                self.fail("%(name)s：%(path)s 的 test 须是 lt、le、gt、ge 之一")
            self._bounds(streak["test"])
            self.one_of(streak.get("mode", "consecutive"), ("consecutive", "cumulative"))
            self.one_of(streak.get("gap", "break"), ("break", "skip"))
            if self.number(streak["run"]) < 1:
                self.fail("%(name)s：%(path)s 的 run 须大于 0")
        for _ in self.rows("pools", "period"):
            pass
        for one in self.rows("reference_ranges", "positions"):
            if not one.keys() & {"of", "from", "to"}:
                continue
            self.must(one, "of", "from", "to")
            self.one_of(one["of"], ("base", "total"))
            if self.number(one["from"]) > self.number(one["to"]):
                self.fail("%(name)s：%(path)s 的 from 不能大于 to")
        for code, option in self.raw.get("options", {}).items():
            self.at(f"options.{code}")
            self.must(option, "zh", "default", "choices")
            self.one_of(option["default"], option["choices"])
            for choice, patches in option["choices"].items():
                self.at(f"options.{code}.choices.{choice}")
                self.must(patches)
