"""考核指标: the KPI table of a month as one reader may see it; what was claimed, what counts, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from approval.i18n import in_language
from approval.models.appraisal import Appraisal, KpiScore
from approval.models.figures import ImportBatch
from approval.models.people import Employee
from approval.rules.policy import KpiItem
from approval.services.act import Act
from approval.services.facts import kpi_scores
from approval.services.kpi_count import Counted, Quantity, counted_items
from approval.services.rulebook import policy_of
from approval.services.sight import relations, sees
from approval.views.page import number_text
from forms.self_assessment import Item
from workflows.appraisal import SAMPLING, SELF_ASSESSMENT
from workflows.sight import OWN


@dataclass(frozen=True)
class KpiCell:
    """Points of one rater for one item in one round; `points` None where not given or hidden.

    `claimed` is what he had given where a count gives other points.
    """

    points: Decimal | None
    note: str = ""
    claimed: Decimal | None = None


@dataclass(frozen=True)
class CountedView:
    """What was counted for an item, in words: the counts and what they give, the formula, and each count's source."""

    told: str
    formula: str
    sources: tuple[str, ...]
    points: Decimal
    governs: bool


@dataclass(frozen=True)
class KpiRow:
    """One KPI item with its cells, (round, rater) → cell, and its counts; `awaits` says what has not been counted yet."""

    code: str
    label: str
    most: Decimal
    cells: dict[tuple[int, str], KpiCell]
    counted: CountedView | None = None
    awaits: str = ""

    @property
    def governed(self) -> bool:
        return self.counted is not None and self.counted.governs


def kpi_rows(act: Act, appraisal: Appraisal) -> list[KpiRow]:
    """The KPI table of every round, each rater's cells and the counts only where this reader may see them."""
    given: dict[tuple[int, str], dict[str, KpiScore]] = {}
    counts = {number: counted_items(act, appraisal, number) for number in range(1, appraisal.round + 1)}
    for round_ in counts:
        for rater in ("self", "supervisor"):
            given[round_, rater] = kpi_scores(act, appraisal, rater, round_)
    shown = {key: sees(act, appraisal, f"{key[1]}_score", key[0]) for key in given}
    handed_in = appraisal.state != SELF_ASSESSMENT or OWN in relations(act, appraisal)
    open_now = appraisal.state in (SELF_ASSESSMENT, SAMPLING)
    told = counts[appraisal.round] if sees(act, appraisal, "samples") else {}
    return [
        KpiRow(
            item.code,
            in_language(item.zh, item.en),
            item.max,
            {
                (round_, rater): _cell(
                    scores.get(item.code), counts[round_].get(item.code), shown[round_, rater], rater
                )
                for (round_, rater), scores in given.items()
                if handed_in or round_ < appraisal.round or rater == "supervisor"
            },
            _told(act, told[item.code]) if item.code in told else None,
            _formula(item)
            if item.measure is not None and open_now and item.code not in counts[appraisal.round]
            else "",
        )
        for item in policy_of(appraisal).kpi
    ]


def _cell(score: KpiScore | None, counted: Counted | None, shown: bool, rater: str) -> KpiCell:
    """Points follow the table of sight; the employee's note tells what was done, and is there to be read."""
    if rater == "supervisor" and not shown:
        return KpiCell(None)
    claimed, note = (score.points, score.note) if score is not None else (None, "")
    if not shown:
        return KpiCell(None, note)
    if counted is None or not counted.governs:
        return KpiCell(claimed, note)
    return KpiCell(counted.points, note, None if claimed == counted.points else claimed)


def asked_items(appraisal: Appraisal, rows: list[KpiRow], rater: str) -> list[Item]:
    """The boxes of a rater's form: of a counted item none, of a measured one the employee's own count until it is there."""
    known = {row.code: row for row in rows}
    return [
        Item(
            one.code,
            in_language(one.zh, one.en),
            one.max,
            known[one.code].governed or (rater == "supervisor" and one.measure is not None),
        )
        for one in policy_of(appraisal).kpi
    ]


def _told(act: Act, counted: Counted) -> CountedView:
    counts = " + ".join(f"{in_language(one.zh, one.en)} {number_text(one.value, None)}" for one in counted.quantities)
    points = number_text(counted.points, None)
    text = (
        _("按数量计分：%(counts)s，得 %(points)s 分")
        if counted.governs
        else _("系统计数 %(counts)s，建议 %(points)s 分")
    )
    return CountedView(
        text % {"counts": counts, "points": points},
        _formula(counted.item) if counted.governs else "",
        tuple(filter(None, (_source(act, one) for one in counted.quantities))),
        counted.points,
        counted.governs,
    )


def _formula(item: KpiItem) -> str:
    measure: Mapping[str, Any] = item.measure or {}
    if "each" in measure:
        most = str(measure.get("cap", item.max))
        return str(_("每个 %(each)s 分，最多 %(most)s 分", each=measure["each"], most=most))
    told = {"most": number_text(item.max, None), "below": measure.get("below"), "minus": measure.get("minus")}
    return str(
        _(
            "满分 %(most)s 分，应有 %(below)s 个，每少一个扣 %(minus)s 分，扣到 %(floor)s 分为止",
            **told,
            floor=measure.get("floor", "0"),
        )
    )


def _source(act: Act, one: Quantity) -> str:
    """The imported file and row that a count stands in, or who entered it."""
    if one.import_id is not None:
        batch = act.session.get(ImportBatch, one.import_id)
        return str(
            _("文件 %(file)s 第 %(row)s 行", file=batch.filename if batch else one.import_id, row=one.row_number)
        )
    if one.entered_by_id is not None:
        return str(_("%(name)s 手工录入", name=act.session.get_one(Employee, one.entered_by_id).name))
    return ""
