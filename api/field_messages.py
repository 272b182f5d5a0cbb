"""What is wrong with one input, in Chinese; the English words are those of the validating library.

Leaves out what the business says of an input: `messages.py`.
"""

from collections.abc import Mapping
from typing import Any, Final

from api.languages import Language

ZH: Final[Mapping[str, str]] = {
    "bool_parsing": "应为 true 或 false",
    "bool_type": "应为 true 或 false",
    "character_forbidden": "不能包含字符 {character}",
    "date_from_datetime_parsing": "日期格式不正确",
    "date_parsing": "日期格式不正确",
    "date_type": "应为日期",
    "datetime_from_date_parsing": "时间格式不正确",
    "datetime_parsing": "时间格式不正确",
    "datetime_type": "应为时间",
    "day_malformed": "应为日期，例如 2026-11-21",
    "day_or_instant_malformed": "应为日期或带时区的时间，例如 2026-07-01",
    "dict_type": "应为对象",
    "extra_forbidden": "不支持该字段",
    "finite_number": "应为有限数值",
    "float_parsing": "应为数值",
    "float_type": "应为数值",
    "greater_than": "应大于 {gt}",
    "greater_than_equal": "不能小于 {ge}",
    "instant_malformed": "应为带时区的 RFC 3339 时间，例如 2026-11-21T08:00:00+08:00",
    "int_from_float": "应为整数",
    "int_parsing": "应为整数",
    "int_parsing_size": "整数过大",
    "int_type": "应为整数",
    "less_than": "应小于 {lt}",
    "less_than_equal": "不能大于 {le}",
    "list_type": "应为数组",
    "literal_error": "应为以下之一：{expected}",
    "missing": "必填",
    "model_attributes_type": "应为 JSON 对象",
    "model_type": "应为 JSON 对象",
    "string_pattern_mismatch": "格式应符合 {pattern}",
    "string_too_long": "最多 {max_length} 个字符",
    "string_too_short": "至少 {min_length} 个字符",
    "string_type": "应为字符串",
    "string_unicode": "不是有效的 Unicode 文本",
    "terms_contradict": "条款有误：{problem_zh}",
    "text_blank": "不能为空",
    "timezone_aware": "时间应带时区",
    "too_long": "最多 {max_length} 项",
    "too_short": "至少 {min_length} 项",
    "union_tag_invalid": "{discriminator} 应为以下之一：{expected_tags}",
    "union_tag_not_found": "缺少 {discriminator}",
    "value_error": "格式不正确",
}


def told_of_field(place: Mapping[str, Any], language: Language) -> str:
    """One place of a validation error in words, without the input itself.

    >>> place = {"type": "less_than_equal", "msg": "Input should be …", "ctx": {"le": 200}}
    >>> told_of_field(place, "zh")
    '不能大于 200'
    """
    if language == "en":
        return str(place["msg"])
    words = ZH.get(place["type"], ZH["value_error"])
    return words.format_map({name: str(fact) for name, fact in place.get("ctx", {}).items()})
