"""The chain of a thing as a timeline in words, for pages whose readers may see all of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask_babel import gettext as _

from approval.models.audit import AuditEntry
from approval.views.history import ACTIONS, KINDS, Told

MORE_ACTIONS = {
    "account:change_password": "更改密码",
    "account:choose_language": "更换语言",
    "account:open": "开通账号",
    "account:reset_password": "重置密码",
    "account:sign_in": "登录",
    "account:sign_in_refused": "登录被拒绝",
    "account:sign_out": "退出登录",
    "advice:drop": "不采纳建议",
    "advice:keep_evidence": "登记证据",
    "advice:start": "提出建议",
    "advice:take": "采纳建议",
    "appraisal:import_score": "导入评分",
    "bonus_pool:approve": "批准分配方案",
    "bonus_pool:change_shares": "调整份额",
    "bonus_pool:draft": "新建一稿",
    "bonus_pool:enter_amount": "填写奖金池金额",
    "bonus_pool:decide_leaver": "决定离职人员是否参加分配",
    "bonus_pool:pay": "奖金池已发放",
    "bonus_pool:propose_split": "按方法起草分配",
    "bonus_pool:send_back": "退回分配方案",
    "bonus_pool:start": "建立奖金池",
    "bonus_pool:submit": "提交分配方案",
    "bonus_pool:withdraw": "撤回分配方案",
    "bonus_void:confirm": "确认取消奖金",
    "bonus_void:drop": "撤销取消奖金",
    "bonus_void:start": "录入取消奖金",
    "cycle:close_evaluation": "评定结束",
    "cycle:open": "开启考核周期",
    "cycle:post_results": "登记公示渠道",
    "cycle:remind": "催办",
    "employee:acknowledge_policy": "确认已阅读方案",
    "employee:appoint": "任命职务",
    "employee:assign": "任职",
    "employee:correct_post": "更正任职",
    "employee:end_office": "结束职务",
    "employee:correct": "更正姓名或拼音",
    "employee:correct_joining": "更正入职日期",
    "employee:engage": "入职",
    "employee:keep_coaching": "登记培训与辅导",
    "employee:void_coaching": "作废培训与辅导记录",
    "employee:flag_protection": "登记特别保护情形",
    "employee:end_protection": "结束特别保护情形",
    "employee:leave": "离职",
    "employee:set_pay_standard": "设定薪酬标准",
    "feedback:keep": "登记一对一反馈",
    "feedback:change": "更正一对一反馈",
    "feedback:confirm": "确认一对一反馈",
    "feedback:comment": "对一对一反馈提出意见",
    "annual_target:set": "制定年度目标",
    "annual_target:change": "修改年度目标",
    "personal_target:set": "制定个人目标",
    "personal_target:change": "修改个人目标",
    "personal_target:confirm": "确认个人目标",
    "import:take_in": "导入文件",
    "objection:reject": "驳回异议",
    "objection:start": "提出异议",
    "objection:uphold": "异议成立",
    "payout:download": "下载付款文件",
    "payout:export": "导出付款文件",
    "payout:export_again": "再次导出付款文件",
    "payout:pay": "登记发放结果",
    "payout:prepare": "制单",
    "guard:flag": "低于最低工资，提示人事",
    "guard:decide": "写明最低工资处理意见",
    "guard:add_minimum_wage": "登记最低工资",
    "guard:set_place": "填写部门工作地区",
    "guard:allow_fines": "允许或禁止扣款",
    "payout:send_back": "退回批次",
    "payout:sign_off": "签发批次",
    "payout:start": "新建批次",
    "payout:void": "作废批次",
    "payslip:acknowledge": "签收工资条",
    "payslip:fail": "发放失败",
    "payslip:issue": "生成工资条",
    "payslip:look": "查看他人工资条",
    "what_if:look": "试算他人工资",
    "payslip:pay": "工资已发",
    "payslip:see": "本人查看工资条",
    "payslip:send": "工资条进入付款文件",
    "payslip:void": "工资条作废",
    "personal_target:plan_weeks": "制定周计划",
    "post_standard:set": "设定岗位薪酬标准",
    "post_standard:end": "结束岗位薪酬标准",
    "post_standard:void": "作废岗位薪酬标准",
    "policy:choose_readings": "选择读法",
    "policy:countersign": "会签",
    "policy:drop_countersigner": "去掉会签人",
    "policy:name_countersigner": "指定会签人",
    "policy:object": "会签时提出异议",
    "policy:edit_source": "修改方案原文",
    "policy:keep_consultation": "登记协商记录",
    "policy:publish": "发布方案",
    "policy:return_to_draft": "退回方案",
    "policy:review": "复核方案",
    "policy:start": "起草方案",
    "policy:supersede": "被新版本取代",
    "reward_penalty:confirm": "确认奖惩",
    "reward_penalty:drop": "作废奖惩",
}
BACK = ("object", "send_back", "withdraw", "void", "fail", "drop", "reject", "return_to_draft")
DONE = ("approve", "sign_off", "pay", "publish", "submit", "acknowledge", "take", "review", "confirm", "countersign")


def action_text(action: str) -> str:
    """What an action is called, in the reader's language."""
    known = ACTIONS.get(action) or MORE_ACTIONS.get(action)
    return str(_(known)) if known else action


def _kind(action: str) -> str:
    verb = action.partition(":")[2]
    return KINDS.get(action) or ("ret" if verb in BACK else "ok" if verb in DONE else "sys")


def told_entries(entries: Iterable[AuditEntry], states: Mapping[str, str]) -> list[Told]:
    """Entries for the timeline macro, newest first."""
    return [
        Told(
            entry.actor.name if entry.actor else "",
            "",
            action_text(entry.action),
            entry.at,
            entry.reason,
            str(_(states[entry.from_state])) if entry.from_state in states else "",
            str(_(states[entry.to_state])) if entry.to_state in states else "",
            entry.hash,
            _kind(entry.action),
            (),
        )
        for entry in reversed(list(entries))
    ]
