"""The JSON Schema of a policy file, for editors: `python -m approval.rules.policy_schema` prints it.

Made of the catalogue of keys (policy_keys). A schema knows shapes, not references or sums: what only the whole file can tell
(a name that leads nowhere, weights that miss 1) is found by the checker and its lints.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

from approval.rules.policy_key import ANY, Key
from approval.rules.policy_keys import FILE, KINDS
from approval.rules.policy_keys_pay import GUARD

Schema = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"
NUMBER = r"^\s*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)\s*$"
DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}"
GUARD_REF = {"$ref": "#/$defs/guard"}
BESIDE = {"max": ["ratio"], "round_day": ["ratio"], "field": ["rows"], "where": ["rows"], "column": ["table"]}


def schema() -> Schema:
    """The whole schema as plain data."""
    head = {"$schema": DIALECT, "title": "Appraisal and pay policy"}
    return {**head, **_told(FILE), "$defs": {"guard": _told(GUARD)}}


def text() -> str:
    """The schema as the file holds it."""
    return json.dumps(schema(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _told(key: Key) -> Schema:
    """One key: what it may hold, and its meaning where an editor shows it."""
    meaning = f"{key.zh}\n{key.en}"
    return {"description": meaning, **_shape(key)}


def _shape(key: Key) -> Schema:
    match key.kind:
        case "table":
            return _table(key)
        case "tables":
            return {"type": "array", "items": _table(key)}
        case "codes":
            return {"type": "object", "additionalProperties": _table(key)}
        case "guard":
            return dict(GUARD_REF)
        case "guards":
            return {"type": "array", "minItems": 1, "items": dict(GUARD_REF)}
        case "choice":
            return {"enum": [*key.among, *(int(one) for one in key.among if one.isdigit())]}
    return dict(_SIMPLE[key.kind])


_SIMPLE: Mapping[str, Schema] = {
    "text": {"type": "string", "minLength": 1},
    "texts": {"type": "array", "items": {"type": "string"}},
    "number": {"anyOf": [{"type": "string", "pattern": NUMBER}, {"type": "number"}]},
    "whole": {"anyOf": [{"type": "string", "pattern": "^[+-]?[0-9]+$"}, {"type": "integer"}]},
    "wholes": {"type": "array", "items": {"type": "integer"}},
    "day": {"type": "string", "pattern": DAY},
    "switch": {"type": "boolean"},
    "open": {},
}
assert _SIMPLE.keys() | {"table", "tables", "codes", "guard", "guards", "choice"} == KINDS.keys()


def _table(key: Key) -> Schema:
    named = {one.name: _told(one) for one in key.inner if one.name != ANY}
    others = next((_told(one) for one in key.inner if one.name == ANY), False)
    made: Schema = {"type": "object", "properties": named, "additionalProperties": others}
    if needed := [one.name for one in key.inner if one.needed]:
        made["required"] = needed
    if key.forms:
        made["oneOf"] = [{"required": list(form)} for form in key.forms]
    if beside := {name: with_ for name, with_ in BESIDE.items() if name in named and with_[0] in named}:
        made["dependentRequired"] = beside
    return made


if __name__ == "__main__":
    sys.stdout.write(text())
