"""One employee's month: 考核单, from self-assessment to paid."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.engine import Guard, No, Step, Workflow

SELF_ASSESSMENT = "self_assessment"
SAMPLING = "sampling"
DEPARTMENT_REVIEW = "department_review"
PUBLICATION = "publication"
SPLIT_APPROVAL = "split_approval"
PAYOUT = "payout"
PAID = "paid"
CONCLUDED = "concluded"
CANCELLED = "cancelled"

LABELS = {
    SELF_ASSESSMENT: "自评",
    SAMPLING: "主管评分",
    DEPARTMENT_REVIEW: "部门负责人审核",
    PUBLICATION: "公示",
    SPLIT_APPROVAL: "待总经理批准分配",
    PAYOUT: "待发放",
    PAID: "已发放",
    CONCLUDED: "已结案",
    CANCELLED: "已作废",
}

REVIEWED = (PUBLICATION, SPLIT_APPROVAL, PAYOUT, PAID, CONCLUDED)
COMPUTED = (PAYOUT, PAID, CONCLUDED)  # what it comes to is settled: no figure of the period counts any more
SETTLED = (*COMPUTED, CANCELLED)


@dataclass(frozen=True)
class AppraisalFacts:
    """What the guards ask: who acts, for whose month, and what is still missing.

    `scorer` is the supervisor of the frozen assignment, `reviewer` the department head, or the general manager
    for the head's own month (separation of duties by subject). `office` marks steps that the system's own
    record of another decision causes (publication over, pool approved, batch paid); no person pulls these alone.
    `pays_something` is false where the period comes to a class alone (R118): no pay line, no pool, no reward.
    """

    actor: int | None = None
    subject: int = 0
    scorer: int | None = None
    reviewer: int | None = None
    is_general_manager: bool = False
    is_hr: bool = False
    is_performance_admin: bool = False
    from_months: bool = False
    months_known: int = 0
    open_months: tuple[str, ...] = ()
    missing_self_items: tuple[str, ...] = ()
    scorer_has_begun: bool = False
    unscored_samples: int = 0
    unscored_items: tuple[str, ...] = ()
    undrawn_weeks: tuple[str, ...] = ()
    uncounted_items: tuple[str, ...] = ()
    missing_figures: tuple[str, ...] = ()
    has_score: bool = False
    publication_days: int = 0
    publication_ended: bool = False
    unposted_channels: tuple[str, ...] = ()
    open_objections: int = 0
    objection_upheld_by: int | None = None
    pool_approved_by: int | None = None
    pool_required: bool = True
    pays_something: bool = True
    has_pay_result: bool = False
    batch_signed_off_by: int | None = None
    batch_paid: bool = False
    has_live_payslip: bool = False


Facts = AppraisalFacts


def by_subject(f: Facts) -> No | None:
    return None if f.actor is not None and f.actor == f.subject else No("只有本人可以做这一步")


def by_scorer(f: Facts) -> No | None:
    if f.actor is not None and f.actor == f.subject:
        return No("不能给自己评分")
    if f.scorer is None:
        return No("还没有指定直接主管；请人事补上任职记录中的主管")
    return None if f.actor == f.scorer else No("只有当月的直接主管可以做这一步")


def by_reviewer(f: Facts) -> No | None:
    if f.actor is not None and f.actor == f.subject:
        return No("不能审核自己的考核单；部门负责人本人的考核由总经理审核")
    if f.reviewer is None:
        return No("部门负责人空缺；请人事任命后再审核")
    return None if f.actor == f.reviewer else No("只有部门负责人可以做这一步（负责人本人的由总经理办理）")


def by_decided_objection(f: Facts) -> No | None:
    if f.objection_upheld_by is None:
        return No("没有被支持的异议，考核单不能因异议退回")
    if f.objection_upheld_by in (f.subject, f.scorer):
        return No("异议必须由本人和评分人以外的人处理")
    return None


def by_reviewer_or_hr(f: Facts) -> No | None:
    if f.actor is not None and f.actor == f.subject:
        return No("不能办理自己的公示")
    return None if f.is_hr or (f.actor is not None and f.actor == f.reviewer) else No("只有部门负责人或人事可以公示")


def by_approved_pool(f: Facts) -> No | None:
    if not f.pool_required:
        return None
    return None if f.pool_approved_by is not None else No("总经理还没有批准奖金分配")


def by_signed_off_batch(f: Facts) -> No | None:
    return None if f.batch_signed_off_by is not None else No("发放批次还没有总经理签发")


def by_hr_or_general_manager(f: Facts) -> No | None:
    if f.actor is not None and f.actor == f.subject:
        return No("不能作废自己的考核单")
    return None if f.is_hr or f.is_general_manager else No("只有人事或总经理可以作废考核单")


def by_performance_admin(f: Facts) -> No | None:
    if f.actor is not None and f.actor == f.subject:
        return No("不能汇总自己的得分")
    return None if f.is_performance_admin or f.is_hr else No("只有绩效管理员或人事可以汇总月度得分")


def of_its_own(f: Facts) -> No | None:
    return No("季度和年度得分由月度得分汇总，不另外评分") if f.from_months else None


def of_its_months(f: Facts) -> No | None:
    return None if f.from_months else No("月度得分由自评和主管评分得出，不能汇总")


def months_reviewed(f: Facts) -> No | None:
    if f.open_months:
        return No("这些月份还没有复核：%(months)s", months="、".join(f.open_months))
    return None if f.months_known else No("这一期没有已复核的月度得分；没有得分的月份不当作 0 分")


def self_complete(f: Facts) -> No | None:
    return No("还有自评项没有填写：%(items)s", items="、".join(f.missing_self_items)) if f.missing_self_items else None


def samples_scored(f: Facts) -> No | None:
    return No("还有 %(n)s 个抽查样本没有评分", n=f.unscored_samples) if f.unscored_samples else None


def items_scored(f: Facts) -> No | None:
    return No("还有考核指标没有评分：%(items)s", items="、".join(f.unscored_items)) if f.unscored_items else None


def items_counted(f: Facts) -> No | None:
    """Where points are a formula of a count, no count is no score: a missing figure is never a zero (R135, R154)."""
    if not f.uncounted_items:
        return None
    text = "有指标按数量计分，还没有这些数量：%(items)s；请数据提供部门或绩效管理员导入“计数指标”，缺数不当作 0 分"
    return No(text, items="、".join(f.uncounted_items))


def weeks_drawn(f: Facts) -> No | None:
    return No("还有没有抽样的周：%(weeks)s；请先抽样", weeks="、".join(f.undrawn_weeks)) if f.undrawn_weeks else None


def scored(f: Facts) -> No | None:
    return None if f.has_score else No("分数还没有算出来")


def no_open_objection(f: Facts) -> No | None:
    return No("还有 %(n)s 个异议没有处理", n=f.open_objections) if f.open_objections else None


def publication_over(f: Facts) -> No | None:
    return None if f.publication_ended else No("公示期还没有结束")


def something_to_pay(f: Facts) -> No | None:
    return None if f.pays_something or f.pool_required else No("这一期没有要发放的金额；公示结束后直接结案")


def nothing_to_pay(f: Facts) -> No | None:
    return No("这一期有要发放的金额，不能直接结案") if f.pays_something or f.pool_required else None


def channels_posted(f: Facts) -> No | None:
    """Results are published on every channel that the policy names, and where and when is kept (R104)."""
    if not f.unposted_channels:
        return None
    return No("还没有登记在这些渠道的公示：%(channels)s", channels="、".join(f.unposted_channels))


def figures_there(f: Facts) -> No | None:
    return (
        No(
            "缺少计算工资的数据：%(names)s；标准请人事在岗位薪酬表或人员页面设定，其他请导入",
            names="、".join(f.missing_figures),
        )
        if f.missing_figures
        else None
    )


def pay_computed(f: Facts) -> No | None:
    return None if f.has_pay_result else No("本月工资还没有计算")


def batch_marked_paid(f: Facts) -> No | None:
    return None if f.batch_paid else No("发放批次还没有登记为已发放")


def no_live_pay(f: Facts) -> No | None:
    return No("已有工资条，不能作废；请先冲正") if f.has_live_payslip else None


STEPS: tuple[Step[Facts], ...] = (
    Step("submit", SELF_ASSESSMENT, SAMPLING, by_subject, (of_its_own, self_complete), label="提交"),
    Step("withdraw", SAMPLING, SELF_ASSESSMENT, by_subject, label="撤回"),
    Step("return_to_employee", SAMPLING, SELF_ASSESSMENT, by_scorer, reason_required=True, label="退回员工"),
    Step(
        "close_scores",
        SAMPLING,
        DEPARTMENT_REVIEW,
        by_scorer,
        (of_its_own, weeks_drawn, samples_scored, items_scored, items_counted),
        label="提交评分",
    ),
    *(
        Step(
            "take_means",
            state,
            DEPARTMENT_REVIEW,
            by_performance_admin,
            (of_its_months, months_reviewed),
            label="汇总月度得分",
        )
        for state in (SELF_ASSESSMENT, SAMPLING)
    ),
    Step("return_to_supervisor", DEPARTMENT_REVIEW, SAMPLING, by_reviewer, reason_required=True, label="退回主管"),
    Step("return_to_employee", DEPARTMENT_REVIEW, SELF_ASSESSMENT, by_reviewer, reason_required=True, label="退回员工"),
    Step("pass_review", DEPARTMENT_REVIEW, PUBLICATION, by_reviewer, (scored,), label="通过"),
    Step("uphold_objection", PUBLICATION, SAMPLING, by_decided_objection, reason_required=True, label="异议成立"),
    Step(
        "end_publication",
        PUBLICATION,
        SPLIT_APPROVAL,
        by_reviewer_or_hr,
        (publication_over, no_open_objection, channels_posted, something_to_pay),
        label="结束公示",
    ),
    *(
        Step(
            "conclude",
            state,
            CONCLUDED,
            by_reviewer_or_hr,
            (publication_over, no_open_objection, channels_posted, nothing_to_pay),
            label="结束公示并结案",
        )
        for state in (PUBLICATION, SPLIT_APPROVAL)
    ),
    Step(
        "release",
        SPLIT_APPROVAL,
        PAYOUT,
        by_approved_pool,
        (something_to_pay, figures_there, pay_computed),
        label="进入发放",
    ),
    Step("pay", PAYOUT, PAID, by_signed_off_batch, (batch_marked_paid,), label="已发放"),
    *(
        Step("cancel", state, CANCELLED, by_hr_or_general_manager, (no_live_pay,), reason_required=True, label="作废")
        for state in (SELF_ASSESSMENT, SAMPLING, DEPARTMENT_REVIEW, PUBLICATION, SPLIT_APPROVAL, PAYOUT)
    ),
)

GUARDS: tuple[Guard[Facts], ...] = tuple({step.by for step in STEPS} | {g for step in STEPS for g in step.needs})

WORKFLOW: Workflow[Facts] = Workflow("appraisal", tuple(LABELS), STEPS, LABELS, final=(PAID, CONCLUDED, CANCELLED))
