"""指标库: the library of KPI templates read by function; names and sentences of the source, no points of anybody's."""

from __future__ import annotations

from flask import Blueprint, render_template

from approval.rules.kpi_library import by_function, libraries
from approval.views.door import EVERYONE, act, open_to
from approval.views.policy import AUTHORS

blueprint = Blueprint("kpi_library", __name__)
FUNCTIONS = {
    "sales": "销售",
    "promotion": "市场推广",
    "operations": "运营",
    "product": "产品管理",
    "service": "客服",
    "data": "数据分析",
    "general": "通用",
}


@blueprint.route("/policies/library")
@open_to(EVERYONE)
def library() -> str:
    """Show the library by function, each point with its rule and its sentence."""
    return render_template(
        "kpi_library/library.html",
        library=by_function(),
        notes=[note for one in libraries() for note in one.notes],
        count=sum(len(one.points) for one in libraries()),
        functions=FUNCTIONS,
        writes=act().actor.holds(*AUTHORS),
    )
