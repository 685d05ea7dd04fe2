"""What is wrong with a text that is no TOML: the line, the column, and what would be right."""

from __future__ import annotations

import re

from approval.rules.refusal import Refused

PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
WORDS = {
    "Expected '=' after a key": "键的后面缺少等号，应写成 key = 值",
    "Invalid value": '值写得不对；文字要放在引号里，例如 "month"',
    "Unterminated string": "引号没有关上，请补上另一半引号",
    "Expected ']' at the end of a table": "节名缺少右方括号，应写成 [policy]",
    "Expected ']]' at the end of an array": "节名缺少两个右方括号，应写成 [[components]]",
    "Unclosed array": "列表缺少右方括号 ]",
    "Unclosed inline table": "表缺少右花括号 }",
    "Expected newline or end of document": "一行只能写一项；请换行，或检查引号和逗号",
    "Cannot overwrite a value": "同一个键写了两次，请只留一个",
    "Cannot declare": "同一节写了两次；列表里的多项应写成 [[…]]",
    "Duplicate inline table key": "同一张表里一个键写了两次，请只留一个",
    "Invalid initial character for a key": "键只能用字母、数字、_ 和 -；{ } 里不能换行，末尾不能有逗号",
    "Invalid statement": "这一行既不是 [节名]，也不是 key = 值；键只能用字母、数字、_ 和 -",
    "Unescaped '\\' in a string": "引号里的反斜线要写两个，或改用单引号",
    "Found invalid character": "引号里不能有换行或控制字符",
    "Illegal character '\\n'": "引号没有关上，或引号里有换行；请补上另一半引号",
    "Illegal character": "有看不见的控制字符，请删去",
}


def toml_fault(error: Exception, text: str, name: str) -> Refused:
    """The refusal of a text that tomllib could not read, with `line` and `column` (both from 1) among its params."""
    told = str(error)
    found = PLACE.search(told)
    lines = text.split("\n")
    line, column = (int(found[1]), int(found[2])) if found and found[1] else (len(lines), len(lines[-1]) + 1)
    why = PLACE.sub("", told)
    why = next((words for start, words in WORDS.items() if why.startswith(start)), why)
    return Refused(
        "%(name)s 第 %(line)s 行第 %(column)s 列不是正确的 TOML：%(error)s",
        fault="not TOML",
        name=name,
        line=line,
        column=column,
        error=why,
    )
