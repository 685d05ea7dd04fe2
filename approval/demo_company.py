"""The demo company as data: invented names and numbers for the posts of the source documents."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

NAME, NAME_EN = "XX科技", "XX Technology"
PASSWORD = "demo-2026-pay"  # noqa: S105  (printed on the sign-in page of the demo)
FOUNDED = date(2025, 11, 24)
# December 2025 was tried with a few people, so that a year is there with its pool; everybody else came with the new year.
TRIED_BY = ("G0001", "G0002", "A0001", "D0008", "F0001", "H0001", "D0009", "D0012", "S0208", "E1023", "M0001", "E1051")
JOINED = date(2026, 1, 1)
TRIAL, FIRST_YEAR = "2025-12", "2025"
TODAY = date(2026, 11, 5)
LAST_PAID = date(2026, 11, 4)
FINISHED = ("2026-08", "2026-09")
QUARTER = "2026-Q3"
OPEN = "2026-10"

DEPARTMENTS = (
    ("总经办", "General manager's office", None),
    ("财务行政部", "Finance and administration", None),
    ("电商部", "E-commerce", None),
    ("策划部", "Planning", "电商部"),
    ("设计部", "Design", "电商部"),
    ("运营/推广", "Operations and promotion", "电商部"),
    ("客服部", "Customer service", "电商部"),
    ("发货部", "Shipping", None),
)

# Invented: a company enters what its own place has published.
MINIMUM_WAGE = ("演示市", date(2025, 7, 1), 2_650_00, "演示数据，不是真实标准")
BELOW_MINIMUM = "差额已另开补发单补足，凭证号见财务补发登记表"

POSITIONS = (
    ("总经理", "总经理", "General manager"),
    ("总经办", "总经办专员", "General manager's office"),
    ("审计", "审计专员", "Auditor"),
    ("部长", "部长", "Department head"),
    ("财务", "财务专员", "Finance"),
    ("人事", "人事专员", "HR"),
    ("数据", "数据专员", "Data"),
    ("M-1", "首席设计", "Chief designer"),
    ("设计", "设计师", "Designer"),
    ("C-1", "文案策划", "Copy planner"),
    ("C-2", "文案实习", "Copywriting intern"),
    ("Y-1", "运营专员", "Operations specialist"),
    ("客服专员", "客服专员", "Customer service agent"),
    ("营销专员", "营销专员", "Marketing specialist"),
    ("发货部主管", "发货部主管", "Shipping supervisor"),
    ("仓储发货员", "仓储发货员", "Shipping staff"),
)


class Person(NamedTuple):
    """`ability` is the score around which his months move; `figures` fill the policy's own figures, in yuan."""

    number: str
    name: str
    pinyin: str
    department: str
    position: str
    supervisor: str
    ability: int
    figures: dict[str, str]
    grade: str = ""

    @property
    def joined_on(self) -> date:
        return FOUNDED if self.number in TRIED_BY else JOINED


def _base(base: str, **more: str) -> dict[str, str]:
    return {"base": base, **more}


PEOPLE = (
    Person("G0001", "孙国栋", "sun guodong", "总经办", "总经理", "", 90, {}),
    Person("G0002", "温雅", "wen ya", "总经办", "总经办", "G0001", 88, {}),
    Person("A0001", "安平", "an ping", "总经办", "审计", "G0001", 88, {}),
    Person("D0008", "罗明", "luo ming", "财务行政部", "部长", "G0001", 86, _base("9000", performance="2000")),
    Person("F0001", "冯岚", "feng lan", "财务行政部", "财务", "D0008", 89, _base("6000", performance="1000")),
    Person("H0001", "何静", "he jing", "财务行政部", "人事", "D0008", 87, _base("6000", performance="1000")),
    Person("D0009", "戴宁", "dai ning", "财务行政部", "数据", "D0008", 84, _base("5000", performance="800")),
    Person("D0012", "赵立新", "zhao lixin", "电商部", "部长", "G0001", 88, _base("10000", performance="3000")),
    Person("S0207", "周敏", "zhou min", "客服部", "营销专员", "D0012", 90, {}),
    Person("E1041", "陈思远", "chen siyuan", "客服部", "客服专员", "S0207", 89, {}),
    Person("E1042", "何嘉怡", "he jiayi", "客服部", "客服专员", "S0207", 96, {}),
    Person("E1043", "马骏", "ma jun", "客服部", "客服专员", "S0207", 61, {}),
    Person("E1044", "苏婉婷", "su wanting", "客服部", "客服专员", "S0207", 85, {}),
    Person("E1045", "许诺", "xu nuo", "客服部", "客服专员", "S0207", 79, {}),
    Person("S0208", "吴昊", "wu hao", "策划部", "C-1", "D0012", 91, _base("4500")),
    Person("E1023", "林晓雨", "lin xiaoyu", "策划部", "C-1", "S0208", 83, _base("3000")),
    Person("E1024", "沈一帆", "shen yifan", "策划部", "C-1", "S0208", 74, _base("3200")),
    Person("E1025", "韩雪", "han xue", "策划部", "C-2", "S0208", 86, _base("2000")),
    Person(
        "M0001",
        "黄珊",
        "huang shan",
        "设计部",
        "M-1",
        "D0012",
        92,
        _base("7000", performance="1500", allowance="500"),
        "高级",
    ),
    Person(
        "E1051",
        "唐宁",
        "tang ning",
        "设计部",
        "设计",
        "M0001",
        82,
        _base("4500", performance="800", allowance="200", commission_rate="0.002"),
        "中级",
    ),
    Person(
        "E1052",
        "蒋雨桐",
        "jiang yutong",
        "设计部",
        "设计",
        "M0001",
        71,
        _base("3000", performance="600", allowance="200", commission_rate="0.002"),
        "初级",
    ),
    Person("S0209", "郑凯", "zheng kai", "运营/推广", "营销专员", "D0012", 84, {}),
    Person("E1031", "郭子涵", "guo zihan", "运营/推广", "Y-1", "S0209", 83, _base("2500")),
    Person("E1032", "罗辰", "luo chen", "运营/推广", "Y-1", "S0209", 77, _base("2500")),
    Person("D0020", "钱峰", "qian feng", "发货部", "发货部主管", "G0001", 86, {}),
    Person("E2001", "田野", "tian ye", "发货部", "仓储发货员", "D0020", 81, _base("3200")),
    Person("E2002", "高原", "gao yuan", "发货部", "仓储发货员", "D0020", 88, _base("3200")),
    Person("E2003", "宋佳", "song jia", "发货部", "仓储发货员", "D0020", 58, _base("3000")),
)

# What everybody of a position and grade is paid; who has another figure has it of his own.
POST_STANDARDS = (
    ("Y-1", "", "base", "2500"),
    ("设计", "中级", "base", "4500"),
    ("设计", "初级", "base", "3000"),
    ("设计", "", "allowance", "200"),
    ("设计", "", "commission_rate", "0.002"),
)

OFFICES = (
    ("G0001", "general_manager", ""),
    ("G0002", "gm_office", ""),
    ("A0001", "auditor", ""),
    ("H0001", "hr", ""),
    ("F0001", "finance", ""),
    ("D0009", "data", ""),
    ("D0009", "performance_admin", ""),
    ("D0012", "department_head", "电商部"),
    ("D0020", "department_head", "发货部"),
    ("D0008", "department_head", "财务行政部"),
    ("D0008", "hr", ""),
)
HR = "H0001"
SECOND_HR = "D0008"  # for what is HR's own: nobody brings in his own pay

CONSULTATION = (date(2025, 11, 26), "职工代表 5 人", "逐条讨论，没有异议")
PUBLISHED_ON = date(2025, 11, 27)
IN_FORCE_FROM = date(2025, 12, 1)
READ_BY_JOINERS_ON = date(2026, 1, 5)
POLICIES = (
    "d01-ec-department",
    "d04-chief-designer-m1",
    "d04-reference-ranges",
    "d08-customer-service",
    "d08-shipping-supervisor",
    "d09-marketing",
    "d13-quarterly-bonus",
    "d14-quarterly-category",
    "d17-c1",
    "d17-c2",
    "d17-y1",
    "demo/department-head",
    "demo/finance-office",
    "demo/shipping-staff",
)

# One policy was signed by those whom it touches; its next version still waits for one of them.
COUNTERSIGNED = "d17-y1"
COUNTERSIGNERS = {"D0012": "已与运营小组逐条核对", "F0001": "预算内"}
NEXT_DRAFTED_ON = date(2026, 11, 3)
NEXT_BEGINS = date(2027, 1, 1)
NEXT_VERSION = (
    "operations-Y-1",
    (
        'bonus = { value = "500", zh = "绩效奖金", en = "Performance bonus", rules = ["R156"], quote = "绩效奖金500元" }',
        'bonus = { value = "600", zh = "绩效奖金", en = "Performance bonus", note = "演示公司 2027 年拟提高" }',
    ),
)

ELECTRONIC = ("电商部", "策划部", "设计部", "运营/推广", "客服部")
QUARTERLY_BONUS = "1500"
POOLS = {"电商部": 1_800_000, "发货部": 600_000}
COMPLETION = {"2026-08": Decimal("0.92"), "2026-09": Decimal("1.03"), "2026-10": Decimal("0.95")}
ANNUAL_COMPLETION = {"A": Decimal("0.3"), "B": Decimal("0.35"), "C": Decimal("0.27")}

# The year's target: who sells, what each is to sell a month, and what was said of it.
TARGETS_SET = date(2026, 1, 8)
SELLERS = ("E1041", "E1042", "E1043", "E1044", "E1045")
UNCONFIRMED = "E1043"
MONTHLY_SALES = Decimal(58_000)
TARGET_BASIS = "一月六日部门会议：按上年实际增长一成，与各人谈过后分解。"
DUTIES = "负责所接待客户的成交；可在权限内改价和补发。"

# What was said about the quarter, who has still to be talked with, and who has something to say.
WITHOUT_TALK = "E1043"
COMMENTING = "E1041"
DISCUSSED = "逐月看了得分和抽查样本：响应及时，个别样本没有核对收货地址。"
AGREED = "发货前逐单核对地址；每周五与主管看一次样本。"


class Coached(NamedTuple):
    """What was done for somebody after a low month, as an advice cites it: a talk, a training with its papers."""

    number: str
    talk: tuple[date, str, str]
    training: tuple[date, date, str, str, str]


# One advice waits for the appraisal after its training; of the other everything is there, so that HR may decide either way.
COACHED = (
    Coached(
        "E1043",
        (date(2026, 9, 17), "八月抽查样本逐条复盘：漏核收货地址、催件未回复。", "主管周敏、人事何静"),
        (
            date(2026, 10, 19),
            date(2026, 10, 23),
            "客服话术与地址核对专项培训，五天",
            "客服部培训师",
            "培训签到表 PX-2026-10",
        ),
    ),
    Coached(
        "E2003",
        (date(2026, 9, 10), "八月漏发、错发 14 件逐单复盘；本人认为新库位不熟。", "主管钱峰、人事何静"),
        (
            date(2026, 9, 21),
            date(2026, 9, 25),
            "拣货与复核专项培训，五天，老员工带教",
            "发货部高原",
            "培训签到表 PX-2026-09",
        ),
    ),
)
APPRAISED_AGAIN = ("E2003", "2026-10")
ONE_MATTER = "十月仍低于 65 分，与九月那条建议是同一件事，在那里一并决定。"
UNION_TOLD = (date(2026, 11, 4), "已书面通知工会（通知书 GH-2026-11），工会当日签收，没有异议。")
COMMENT = "九月有两周调去支援发货，请在下季度目标里考虑。"

# Where the demo posts its results, by channel: None is the product's own page.
CHANNELS = ("三楼茶水间旁的公告栏", None)

SERVICE = ("退换货咨询", "优惠叠加规则", "缺货改单", "尺码推荐", "发票补开", "物流催件", "差评挽回", "赠品漏发")
WORK = ("活动页文案", "专题策划案", "详情页优化", "社群推文", "竞品分析", "直播脚本", "双十一预热", "复盘报告")
TALK = (
    "顾客：昨天下单的外套还没发货，显示缺货？\n客服：亲，仓库这边确实断码了。\n顾客：能换同款黑色吗？\n"
    "客服：可以的，改单后今天发出，周五送达。（订单 ****8812，手机 138****0921，已脱敏）"
)


def filled(text: str) -> str:
    """A shipped policy with the figures that its source does not print taken as they stand, and marked as the demo's own."""
    return text.replace("to_fill = true", 'note = "演示公司填写的数值"')
