"""Engaging a person, moving him, leaving, an office, a pay standard."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import SelectField

from forms.base import AtMost, ExactField, Form, Needed, NeededNumber, TextField
from forms.day import DayField


class EngageForm(Form):
    number = TextField(_l("工号"), validators=[Needed(), AtMost(20)])
    name = TextField(_l("姓名"), validators=[Needed(), AtMost(80)])
    pinyin = TextField(_l("拼音"), validators=[AtMost(160)])
    joined_on = DayField(_l("入职日期"), validators=[Needed()])


class PostForm(Form):
    department = SelectField(_l("部门"), coerce=int)
    position = SelectField(_l("岗位"), coerce=int)
    grade = TextField(_l("职级"), validators=[AtMost(20)])
    supervisor = TextField(_l("直接主管工号"), validators=[AtMost(20)])
    from_on = DayField(_l("生效日期"), validators=[Needed()])


class LeaveForm(Form):
    left_on = DayField(_l("离职日期"), validators=[Needed()])
    left_by = SelectField(_l("由谁提出"))
    reason = TextField(_l("离职原因"), validators=[Needed(), AtMost(500)])


class OfficeForm(Form):
    office = SelectField(_l("职务"))
    department = SelectField(_l("部门（仅部门负责人）"), coerce=int)
    from_on = DayField(_l("生效日期"), validators=[Needed()])


class PayStandardForm(Form):
    code = SelectField(_l("项目"))
    value = ExactField(_l("标准（元，比例写小数）"), places=6, most="10000000", validators=[NeededNumber()])
    from_on = DayField(_l("生效日期"), validators=[Needed()])


class DepartmentForm(Form):
    name = TextField(_l("部门名称"), validators=[Needed(), AtMost(80)])
    name_en = TextField(_l("英文名"), validators=[AtMost(80)])
    parent = SelectField(_l("上级部门"), coerce=int)


class PositionForm(Form):
    code = TextField(_l("岗位编码"), validators=[Needed(), AtMost(40)])
    name = TextField(_l("岗位名称"), validators=[Needed(), AtMost(80)])
    name_en = TextField(_l("英文名"), validators=[AtMost(80)])
