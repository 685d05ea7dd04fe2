"""The files that a department keeps and brings in: their columns in its own words (rules.md 5.1, ux.md 5)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from approval.rules.column import FIGURE_LIMIT, MONEY_LIMIT, Choice, Column
from approval.rules.sheets import Sheet

NUMBER = Column(
    "employee_number", "工号", "Employee number", "text", "E001", maximum=20, aliases=("员工编号", "人员编号")
)
NAME = Column(
    "employee_name", "姓名", "Name", "text", "李四", required=False, maximum=80, aliases=("员工姓名",), default=""
)
WHO = (NUMBER, NAME)
PERIOD = Column("period", "月份", "Month", "period", "2026-10", aliases=("考核月份", "所属月份", "期间"))
DAY = Column("happened_on", "日期", "Date", "date", "2026-10-12", aliases=("发生日期", "完成日期", "接待日期"))
CODE = Column("code", "项目编码", "Item code", "text", "base", maximum=60, aliases=("项目代码", "编码"))
NOTE = Column(
    "note", "说明", "Note", "text", "按时完成", required=False, maximum=2000, default="", aliases=("评语", "打分说明")
)
AMOUNT = Column("amount_fen", "金额", "Amount", "money", "1,234.56")
EVIDENCE = Column(
    "evidence",
    "凭证号",
    "Evidence",
    "text",
    "PZ-2026-10-003",
    required=False,
    maximum=200,
    default="",
    aliases=("凭证", "凭证编号", "凭据"),
)
POINTS = Column("points", "得分", "Points", "score", "36.5", aliases=("分数", "评分"))


def _events(code: str, zh: str, en: str, *aliases: str) -> Column:
    """How often something happened in a month; a blank cell means never."""
    return Column(code, zh, en, "count", "0", required=False, maximum=1000, aliases=aliases, default=0)


DEPARTMENTS = Sheet(
    "departments",
    "部门",
    "Departments",
    (
        Column("name", "部门名称", "Department", "text", "策划部", maximum=80, aliases=("部门",)),
        Column("parent", "上级部门", "Parent", "text", "电商部", required=False, maximum=80, default=""),
        Column("name_en", "英文名", "English name", "text", "Planning", required=False, maximum=80, default=""),
    ),
    key=("name",),
    differ=(("name", "parent"),),
    within={"parent": "name"},
)

POSITIONS = Sheet(
    "positions",
    "岗位",
    "Positions",
    (
        Column("code", "岗位编码", "Position code", "text", "C-1", maximum=40, aliases=("岗位代码",)),
        Column("name", "岗位名称", "Position", "text", "文案策划", maximum=80, aliases=("岗位",)),
        Column("name_en", "英文名", "English name", "text", "Copy planner", required=False, maximum=80, default=""),
    ),
    key=("code",),
)

OFFICES = Sheet(
    "offices",
    "职务",
    "Offices",
    (
        *WHO,
        Column(
            "office",
            "职务",
            "Office",
            "choice",
            "部门负责人",
            choices=(
                Choice("department_head", "部门负责人", "Department head", ("部长", "负责人")),
                Choice("general_manager", "总经理", "General manager"),
                Choice("gm_office", "总经办", "General manager's office"),
                Choice("hr", "人事", "HR"),
                Choice("finance", "财务", "Finance"),
                Choice("auditor", "审计", "Auditor"),
                Choice("performance_admin", "绩效管理员", "Performance administrator"),
                Choice("data", "数据专员", "Data"),
            ),
        ),
        Column("department", "部门", "Department", "text", "电商部", required=False, maximum=80, default=""),
        Column("from_on", "生效日期", "From", "date", "2026-01-01"),
    ),
    key=("employee_number", "office", "department"),
)

PEOPLE = Sheet(
    "people",
    "人员",
    "People",
    (
        replace(NUMBER, code="number"),
        replace(NAME, code="name", required=True),
        Column("department", "部门", "Department", "text", "电商部", maximum=80, aliases=("所属部门", "部门名称")),
        Column("position_code", "岗位编码", "Position code", "text", "C-1", maximum=40, aliases=("岗位代码", "岗位")),
        Column("grade", "职级", "Grade", "text", "中级", required=False, maximum=20, default=""),
        Column(
            "supervisor_number",
            "直接主管工号",
            "Supervisor number",
            "text",
            "E002",
            required=False,
            maximum=20,
            aliases=("主管工号", "上级工号"),
        ),
        Column("joined_on", "入职日期", "Joined on", "date", "2026-03-01", aliases=("入职时间",)),
        Column("left_on", "离职日期", "Left on", "date", "2026-12-31", required=False, aliases=("离职时间",)),
        Column(
            "left_by",
            "谁提出离职",
            "Who ended it",
            "choice",
            "本人提出",
            choices=(
                Choice("own", "本人提出", "The employee", ("本人", "辞职")),
                Choice("company", "公司提出", "The company", ("公司", "辞退")),
                Choice("agreed", "协商一致", "By agreement", ("协商",)),
                Choice("expired", "合同到期", "End of contract", ("到期",)),
            ),
            required=False,
            default="own",
        ),
        Column(
            "left_reason", "离职原因", "Leaving reason", "text", "合同到期", required=False, maximum=2000, default=""
        ),
        Column(
            "from_on",
            "任职生效日期",
            "Assigned from",
            "date",
            "2026-03-01",
            required=False,
            aliases=("生效日期", "任职起始日期", "调岗日期"),
        ),
        Column(
            "pinyin", "拼音", "Pinyin", "text", "li si", required=False, maximum=160, default="", aliases=("姓名拼音",)
        ),
        Column(
            "sign_in",
            "登录",
            "Signs in",
            "choice",
            "是",
            required=False,
            default="",
            aliases=("可登录", "是否登录"),
            choices=(
                Choice("yes", "是", "Yes", ("TRUE", "Y", "1", "√")),
                Choice("no", "否", "No", ("FALSE", "N", "0", "×")),
            ),
        ),
    ),
    key=("number",),
    order=(("joined_on", "left_on"), ("joined_on", "from_on")),
    differ=(("number", "supervisor_number"),),
    within={"supervisor_number": "number"},
)

PAY_STANDARDS = Sheet(
    "pay_standards",
    "薪酬标准",
    "Pay standards",
    (*WHO, CODE, AMOUNT, Column("from_on", "生效日期", "Effective from", "date", "2026-10-01")),
    key=("employee_number", "code", "from_on"),
)

POST_STANDARDS = Sheet(
    "post_standards",
    "岗位薪酬表",
    "Pay table of posts",
    (
        Column("position_code", "岗位编码", "Position code", "text", "C-1", maximum=40, aliases=("岗位代码", "岗位")),
        Column("grade", "职级", "Grade", "text", "中级", required=False, maximum=20, default=""),
        CODE,
        Column(
            "value",
            "标准",
            "Standard",
            "number",
            "3000",
            maximum=Decimal(10_000_000),
            aliases=("金额", "数值", "amount"),
        ),
        Column("from_on", "生效日期", "Effective from", "date", "2026-10-01"),
    ),
    key=("position_code", "grade", "code", "from_on"),
)

ATTENDANCE = Sheet(
    "attendance",
    "考勤",
    "Attendance",
    (
        *WHO,
        PERIOD,
        Column(
            "scheduled",
            "应出勤天数",
            "Scheduled days",
            "days",
            "22",
            nonzero=True,
            aliases=("应出勤", "当月应出勤天数"),
        ),
        Column(
            "actual", "实际出勤天数", "Actual days", "days", "21.5", aliases=("实际出勤", "实出勤", "当月实际出勤天数")
        ),
        _events("late", "迟到", "Late", "迟到次数"),
        _events("early", "早退", "Left early", "早退次数"),
        _events("leave", "请假", "Leave", "请假次数"),
        Column(
            "absent_days",
            "旷工天数",
            "Days absent",
            "days",
            "0",
            required=False,
            default=Decimal(0),
            aliases=("旷工", "无故旷工", "无故旷工天数"),
        ),
        Column(
            "statutory",
            "法定带薪假天数",
            "Statutory leave",
            "days",
            "0",
            required=False,
            default=Decimal(0),
            aliases=("法定假", "带薪假", "年休假", "法定带薪假"),
        ),
    ),
    key=("employee_number", "period"),
)

SERVICE_RECORDS = Sheet(
    "service_records",
    "客户接待记录",
    "Service records",
    (
        *WHO,
        Column(
            "code", "记录编号", "Record number", "text", "K20261012-01", maximum=40, aliases=("会话编号", "订单编号")
        ),
        DAY,
        Column(
            "kind",
            "类型",
            "Kind",
            "choice",
            "客户接待记录",
            required=False,
            default="customers",
            aliases=("记录类型",),
            choices=(
                Choice(
                    "customers",
                    "客户接待记录",
                    "Customer contact",
                    ("客户接待", "会话", "聊天", "订单", "售前", "售后"),
                ),
                Choice("work_items", "工作项", "Work item", ("工作",)),
            ),
        ),
        Column("title", "标题", "Title", "text", "退换货咨询", maximum=200, aliases=("会话", "标题/会话", "会话标题")),
        Column(
            "detail",
            "摘要",
            "Summary",
            "text",
            "尺码不合，已换货",
            required=False,
            maximum=2000,
            default="",
            aliases=("内容",),
        ),
        Column(
            "first_answer_seconds",
            "首次响应秒",
            "First answer (s)",
            "count",
            "35",
            required=False,
            maximum=1_000_000,
            aliases=("首次响应", "首次响应时间", "First answer"),
        ),
        Column("turns", "轮次", "Turns", "count", "6", required=False, maximum=100_000, aliases=("对话轮次",)),
    ),
    key=("employee_number", "code"),
)

WORK_ITEMS = Sheet(
    "work_items",
    "工作项",
    "Work items",
    (
        *WHO,
        Column("code", "编号", "Number", "text", "W20261012-01", maximum=40, aliases=("工作编号",)),
        DAY,
        Column("title", "标题", "Title", "text", "十月活动页", maximum=200, aliases=("名称", "工作内容")),
        Column(
            "detail", "说明", "Detail", "text", "共 3 页", required=False, maximum=2000, default="", aliases=("描述",)
        ),
    ),
    key=("employee_number", "code"),
)

SALES = Sheet(
    "sales",
    "销售数据",
    "Sales",
    (
        *WHO,
        PERIOD,
        Column("sales_fen", "销售额", "Sales", "money", "86,000.00", aliases=("销售金额",)),
        _events("neutral_fixed", "中评修改个数", "Neutral reviews resolved", "中评修改"),
        _events("negative_fixed", "差评修改个数", "Negative reviews resolved", "差评修改"),
        Column(
            "product_profit_fen",
            "商品利润",
            "Product profit",
            "money",
            "12,000.00",
            required=False,
            minimum=-MONEY_LIMIT,
        ),
        replace(EVIDENCE, example="TS-2026-10-03"),
    ),
    key=("employee_number", "period"),
)

COLLECTIONS = Sheet(
    "collections",
    "回款",
    "Collections",
    (
        *WHO,
        PERIOD,
        Column("customer", "客户", "Customer", "text", "某某商贸", maximum=120, aliases=("客户名称",)),
        replace(AMOUNT, aliases=("回款金额", "回款")),
        Column(
            "kind",
            "产品类型",
            "Product kind",
            "choice",
            "普通",
            aliases=("类型",),
            choices=(
                Choice("normal", "普通", "Normal", ("普通产品",)),
                Choice("high", "高利润", "High profit", ("高利润产品",)),
            ),
        ),
        Column("margin", "利润率", "Margin", "fraction", "12%", required=False, minimum=-10),
    ),
    key=("employee_number", "period", "customer", "amount_fen", "kind", "margin"),
)

COUNTS = Sheet(
    "counts",
    "计数指标",
    "Counted items",
    (
        *WHO,
        PERIOD,
        Column("code", "指标编码", "Indicator code", "text", "pages", maximum=40, aliases=("指标", "指标代码")),
        Column("quantity", "数量", "Quantity", "count", "12", aliases=("个数", "次数")),
        EVIDENCE,
    ),
    key=("employee_number", "period", "code"),
)

REWARDS = Sheet(
    "rewards",
    "奖惩",
    "Rewards and penalties",
    (
        *WHO,
        PERIOD,
        replace(AMOUNT, minimum=-MONEY_LIMIT, nonzero=True, example="-50.00", aliases=("奖惩金额",)),
        Column("reason", "事由", "Reason", "text", "客户书面表扬", maximum=2000, aliases=("原因", "理由")),
        replace(EVIDENCE, required=True, default=None),
    ),
    key=("employee_number", "period", "amount_fen", "reason", "evidence"),
)

FACTORS = Sheet(
    "factors",
    "系数与数值",
    "Factors",
    (
        *WHO,
        PERIOD,
        replace(CODE, example="task_coefficient", maximum=40),
        Column("value", "数值", "Value", "number", "1.05", minimum=-FIGURE_LIMIT, aliases=("系数",)),
        EVIDENCE,
    ),
    key=("employee_number", "period", "code"),
)

KPI_SCORES = Sheet(
    "kpi_scores",
    "指标评分",
    "KPI scores",
    (
        *WHO,
        PERIOD,
        Column(
            "rater",
            "评分人",
            "Rater",
            "choice",
            "主管",
            choices=(
                Choice("self", "自评", "Self", ("员工", "本人", "自我鉴定")),
                Choice("supervisor", "主管", "Supervisor", ("上级", "主管评分")),
            ),
        ),
        Column("item", "指标编码", "Indicator code", "text", "pages", maximum=40, aliases=("指标", "指标代码")),
        POINTS,
        NOTE,
    ),
    key=("employee_number", "period", "rater", "item"),
)

SELF_SCORES = Sheet(
    "self_scores",
    "自评分",
    "Self-appraisal scores",
    (
        *WHO,
        PERIOD,
        replace(POINTS, code="score", zh="自评分", en="Self score", example="86", aliases=("自评", "自评得分")),
    ),
    key=("employee_number", "period"),
)

TARGETS = Sheet(
    "targets",
    "月度目标分解",
    "Targets by person and month",
    (
        *WHO,
        PERIOD,
        Column("measure", "指标", "Measure", "text", "销售额", maximum=80, aliases=("指标编码", "目标指标")),
        Column("value", "目标值", "Target", "number", "86,000", aliases=("目标", "月度目标")),
        Column(
            "reason",
            "修改理由",
            "Reason for a change",
            "text",
            "双十一提前",
            required=False,
            maximum=500,
            default="",
            aliases=("理由",),
        ),
    ),
    key=("employee_number", "period", "measure"),
)

SHEETS: dict[str, Sheet] = {
    sheet.code: sheet
    for sheet in (
        DEPARTMENTS,
        POSITIONS,
        PEOPLE,
        OFFICES,
        PAY_STANDARDS,
        POST_STANDARDS,
        ATTENDANCE,
        SERVICE_RECORDS,
        WORK_ITEMS,
        SALES,
        COLLECTIONS,
        COUNTS,
        REWARDS,
        FACTORS,
        KPI_SCORES,
        SELF_SCORES,
        TARGETS,
    )
}
