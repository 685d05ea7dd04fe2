"""各档人数 by scale: a coefficient and a percentage are never counted as steps of one ladder."""

from __future__ import annotations

from approval.rules.policy import read_shipped
from approval.views.tier_counts import tier_counts
from tests.app_fixtures import World

SERVICE, PLANNING, WITHOUT = (read_shipped(one) for one in ("d08-customer-service", "d17-c1", "d04-reference-ranges"))


def test_each_scale_is_counted_by_itself_the_highest_band_first(world: World) -> None:
    people = [(SERVICE, "×1.0", "×1.2"), (SERVICE, "", "×1.5"), (PLANNING, "100%", "80%"), (WITHOUT, "", "")]
    with world.app.test_request_context():
        told = {one.title: one.rows for one in tier_counts(people)}
    assert told == {
        "客服专员薪酬 · 绩效系数": [("×1.5", 0, 1), ("×1.2", 0, 1), ("×1.0", 1, 0)],
        f"{PLANNING.zh} · 绩效奖比例": [("100%", 1, 0), ("80%", 0, 1)],
    }


def test_policies_of_one_scale_share_a_table(world: World) -> None:
    with world.app.test_request_context():
        (told,) = tier_counts([(SERVICE, "", "×1.2"), (SERVICE, "×1.2", "×1.2")])
        assert (told.title, told.rows, told.people) == ("客服专员薪酬 · 绩效系数", [("×1.2", 1, 2)], 2)
