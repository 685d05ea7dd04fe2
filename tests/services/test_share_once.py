"""The share of a pool is paid once, also where the policy that governs pays nothing and a plan beside it has a line for it."""

from __future__ import annotations

from dataclasses import replace

from approval.models.beside import AppraisalSupplement
from approval.rules.policy import load
from approval.services import kept_pay, pay
from approval.services.rulebook import freeze, policy_of
from tests.app_fixtures import World

PLAN = """
format = 1
[policy]
code = "team-plan"
name = { zh = "团队奖" }
effective_from = "2026-01-01"
cycle = "month"
[scope]
departments = ["策划部"]
positions = ["*"]
adds = true
[inputs]
team_share = { type = "money", zh = "团队份额", source = "pool" }
[[components]]
code = "team_share"
zh = "团队份额"
rules = ["company"]
factors = [{ input = "team_share" }]
"""


def test_a_share_that_a_bonus_plans_line_pays_is_no_line_of_its_own_beside_it(ended: World) -> None:
    month, hr = ended.month("copy"), ended.act("hr")
    silent = {key: told for key, told in policy_of(month).raw.items() if key not in ("components", "options")}
    month.frozen_policy_id = freeze(hr, replace(policy_of(month), raw=silent)).id
    plan = freeze(hr, load(PLAN))
    beside = AppraisalSupplement(
        appraisal_id=month.id, policy_version_id=month.policy_version_id, frozen_policy_id=plan.id
    )
    ended.session.add(beside)
    ended.session.flush()
    ended.session.expire(month)
    result = kept_pay.computed(month, pay.gather(hr, month, share_fen=120_00))
    assert [(line.code, line.amount_fen) for line in result.lines] == [("team_share", 120_00)]
