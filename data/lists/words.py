"""What lists are written in: the headings and words that offices use, and the columns and codes that they mean."""

import re
import string
import unicodedata
from collections.abc import Iterable, Mapping

from cases.arrangements import ArrangementKind
from cases.matters import Domain, Platform

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "code": ("编码", "代码", "编号", "事项编码", "事项代码"),
    "name": ("名称", "事项", "事项名称", "权力名称", "一件事", "一件事名称"),
    "name_en": ("英文名称",),
    "field": ("领域", "权力领域"),
    "platform": ("平台", "四平台", "所属平台"),
    "domain": ("条线", "专业领域"),
    "category": ("国标代码", "国标类别", "分类代码"),
    "lead": ("牵头部门", "牵头单位"),
    "coordinating": ("协同部门", "配合部门", "协同单位", "配合单位"),
    "department": ("部门", "主管部门", "责任部门", "指导部门", "业务指导部门"),
    "department_duty": ("部门职责", "主管部门职责"),
    "township_duty": ("镇街职责", "属地职责", "乡镇（街道）职责", "镇（街道）职责"),
    "basis": ("依据", "法律依据", "实施依据", "设定依据"),
    "checks": ("检查内容", "现场检查内容"),
    "clause": ("条文", "清单条文", "清单表述"),
    "kind": ("类型", "权力类型", "事项类型", "调整类型"),
    "applicant": ("申请人", "办理对象", "适用对象"),
    "materials": ("材料", "申请材料"),
    "steps": ("流程", "办理流程"),
    "time_limit": ("时限", "办理时限"),
    "fee": ("收费", "收费标准"),
    "result": ("结果", "办理结果"),
    "areas": ("区域", "适用区域"),
    "matters": ("适用事项",),
    "from_department": ("原部门", "原承担部门"),
    "to_department": ("现部门", "承接部门"),
    "valid_from": ("起始日期", "生效日期"),
    "valid_to": ("终止日期", "失效日期"),
    "source": ("来源", "依据文件"),
}
"""Column to the headings that mean it, beside its own name."""

WORDS: Mapping[str, Mapping[str, str]] = {
    "platform": {
        "综治工作": Platform.PUBLIC_ORDER,
        "市场监管": Platform.MARKET,
        "综合执法": Platform.ENFORCEMENT,
        "便民服务": Platform.CONVENIENCE,
    },
    "domain": {
        "市场监管": Domain.MARKET_REGULATION,
        "综合执法": Domain.INTEGRATED_ENFORCEMENT,
        "卫生监督": Domain.HEALTH_SUPERVISION,
        "自然资源": Domain.NATURAL_RESOURCES,
        "交通运输": Domain.TRANSPORT,
        "生态环境": Domain.ECOLOGY_ENVIRONMENT,
        "公安": Domain.PUBLIC_SECURITY,
        "检察": Domain.PROCURATORATE,
        "法院": Domain.COURT,
        "司法": Domain.JUSTICE,
        "其他": Domain.OTHER,
    },
    "field": {
        "城镇管理": "town_management",
        "安全生产": "work_safety",
        "农业农村": "agriculture",
        "民生服务": "livelihood",
        "自然资源与村镇建设": "village_construction",
        "生态环境": "environment",
        "平安综治": "public_order",
        "水利防汛": "water",
        "文化教育卫生": "culture_health",
    },
    "arrangement": {"委托管理": ArrangementKind.RUN_BY, "职责调整": ArrangementKind.CHANGES_HANDS},
}
"""Words of a column that mean a key."""

DEPARTMENTS = frozenset({"lead", "department", "from_department", "to_department"})
DAYS = frozenset({"valid_from", "valid_to"})
MANY = frozenset({"coordinating", "areas", "matters"})
"""Columns of several codes."""

CODES = DEPARTMENTS | DAYS | MANY | {"code", "platform", "domain", "category"}
"""Columns that hold no sentences: width is folded there."""

CLAUSES = frozenset({"department_duty", "township_duty", "materials", "steps", "checks"})
"""Columns of several sentences; in a spreadsheet each often stands on a line of its own."""

_DIGITS_AND_LETTERS = {0xFEE0 + ord(plain): plain for plain in string.ascii_letters + string.digits}
"""Full-width digits and letters: nobody means another thing by them, also inside a sentence."""

_DAY = re.compile(r"(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?")


def column_of(heading: str, columns: Iterable[str]) -> str | None:
    """Give the column of a list that a heading means, or None."""
    said = "".join(unicodedata.normalize("NFKC", heading).split()).lower().strip("*")
    for column in columns:
        if said == column or any(said == unicodedata.normalize("NFKC", word) for word in HEADINGS.get(column, ())):
            return column
    return None


def plain(column: str, text: str) -> str:
    """Write a cell as the files of a pack have it: narrow digits, ASCII marks between codes, no line breaks.

    Chinese punctuation inside sentences stays as it is.
    """
    text = text.translate(_DIGITS_AND_LETTERS)
    if column in CODES:
        text = unicodedata.normalize("NFKC", text)
    if column in MANY:
        text = ";".join(part.strip() for part in re.split(r"[;,、\n]", text) if part.strip())
    if column in DAYS and (day := _DAY.fullmatch(text)):
        return "-".join((day[1], day[2].zfill(2), day[3].zfill(2)))
    if column in CLAUSES:
        return ";".join(part for line in text.splitlines() if (part := line.strip().rstrip(";")))
    glue = " " if text.isascii() else ""  # Chinese has no blanks between words
    return glue.join(line.strip() for line in text.splitlines()) if "\n" in text else text
