"""A refusal speaks Chinese to people and names its fault to machines."""

from __future__ import annotations

from approval.rules.refusal import Refused


def test_a_refusal_reads_as_chinese_with_its_figures_filled_in() -> None:
    refused = Refused("应出勤天数必须大于 %(least)s", fault="scheduled days must be above 0", least=0)
    assert str(refused) == "应出勤天数必须大于 0"


def test_the_msgid_and_its_figures_stay_apart_for_the_translator() -> None:
    refused = Refused("最多 %(n)s 位小数", fault="too many places", n=2)
    assert (refused.text, refused.params, refused.fault) == ("最多 %(n)s 位小数", {"n": 2}, "too many places")


def test_a_percent_sign_without_figures_is_only_a_percent_sign() -> None:
    assert str(Refused("完成率最多 100%")) == "完成率最多 100%"


def test_whoever_catches_a_wrong_value_catches_a_refusal() -> None:
    assert isinstance(Refused("金额不对"), ValueError)
