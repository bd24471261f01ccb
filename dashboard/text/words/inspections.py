"""Words of 综合监管最多查一次: its page, and the panel of the case page."""

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    "inspections.title": ("综合监管最多查一次", "Inspect at most once"),
    "inspections.rule": (
        "同一对象 {days} 天内由各部门合并上门一次；再次上门须写明理由并经批准。",
        "Within {days} days all departments come to a subject together, once. A second visit needs a reason and an"
        " approver.",
    ),
    # figures
    "inspections.figure.visited": ("{quarter} 已检查对象", "Subjects visited, {quarter}"),
    "inspections.figure.more": ("其中被查不止一次", "Visited more than once"),
    "inspections.figure.approved": ("再次上门均经批准", "All further visits approved"),
    # filters
    "inspections.quarter": ("季度", "Quarter"),
    "inspections.quarter.name": ("{year} 年第 {number} 季度", "Q{number} {year}"),
    "inspections.q": ("名称或信用代码", "Name or credit code"),
    "inspections.township": ("镇街", "Township"),
    "inspections.all_townships": ("全部镇街", "All townships"),
    "inspections.chip.once": ("{who} · {quarter} 检查过", "{who} · visited in {quarter}"),
    "inspections.chip.more": ("{who} · {quarter} 查了不止一次", "{who} · more than once in {quarter}"),
    "inspections.chip.anybody": ("全部部门", "All departments"),
    "inspections.all": ("看全部对象", "Show all subjects"),
    # side
    "inspections.departments": ("各部门重复检查", "More than once, by department"),
    "inspections.head.department": ("部门", "Department"),
    "inspections.head.more": ("不止一次 / 已检查", "More than once / visited"),
    "inspections.head.rate": ("占比", "Share"),
    "inspections.head.approved": ("均经批准", "Approved"),
    "inspections.none_visited": ("该季度没有到场记录", "Nobody came on site in this quarter"),
    "inspections.previous": ("往季", "Quarters before"),
    "inspections.formula": (
        "分子：本季该部门在同一对象名下到场两次（不同上门）以上的对象数；分母：本季该部门到场过的对象数。同一次上门的多个案件、多次签到只算一次。",
        "Numerator: subjects at which the department came on site in more than one visit of the quarter. Denominator:"
        " subjects at which it came at all. Several cases and check-ins of one visit count once.",
    ),
    # list
    "inspections.subjects": ("检查对象", "Subjects"),
    "inspections.subjects.none": ("没有符合条件的对象", "No subject matches"),
    "inspections.subjects.empty": (
        "还没有登记检查对象：上报案件时带上企业统一社会信用代码或场所名称即可。",
        "No subject yet: name the enterprise's credit code or the site when a case is reported.",
    ),
    "inspections.more": (
        "还有更多，请缩小范围，或用接口逐页读取。",
        "There are more: narrow the filters or page through the API.",
    ),
    "inspections.kind.enterprise": ("企业", "Enterprise"),
    "inspections.kind.site": ("场所", "Site"),
    "inspections.visits": ("上门 {n} 次", "{n} visits"),
    "inspections.visit_one": ("上门 1 次", "1 visit"),
    "inspections.visit_none": ("未安排", "none planned"),
    "inspections.last": ("最近到场 {at}", "last on site {at}"),
    "inspections.never": ("尚未到场", "nobody on site yet"),
    "inspections.open": ("进行中 · {n} 件合并办理", "open · {n} cases together"),
    "inspections.open_one": ("进行中 · 1 件", "open · 1 case"),
    # one subject
    "inspections.back": ("返回检查对象", "Back to the subjects"),
    "inspections.print": ("打印检查单", "Print the check list"),
    "inspections.visit": ("第 {n} 次上门", "Visit {n}"),
    "inspections.visit.open": ("进行中", "open"),
    "inspections.visit.over": ("已结束", "over"),
    "inspections.visit.planned": ("{at} 安排", "planned {at}"),
    "inspections.visit.cases": ("合并办理的案件", "Cases that share it"),
    "inspections.visit.on_site": ("到场部门", "On site"),
    "inspections.visit.nobody": ("尚无部门到场", "Nobody has come yet"),
    "inspections.visit.checks": ("合并检查单", "Merged check list"),
    "inspections.visit.no_checks": ("没有检查事项", "Nothing to check"),
    "inspections.second": ("再次上门", "Second visit"),
    "inspections.second.reason": ("理由：{reason}", "Reason: {reason}"),
    "inspections.second.by": ("批准：{who}", "Approved by {who}"),
    "inspections.second.free": ("距上次超过 {days} 天，无需批准", "more than {days} days after the last one"),
    "inspections.unplanned": ("事后才登记对象的到场", "On site before anybody named the subject"),
    "inspections.unknown": ("没有检查对象 {code}", "There is no subject {code}"),
    "inspections.printed": (
        "{name} · {visit} · 打印于 {at} · 请逐项勾选，带回归档",
        "{name} · {visit} · printed {at} · tick each item and file it",
    ),
    "inspections.sign.inspector": ("检查人员：", "Inspectors:"),
    "inspections.sign.subject": ("检查对象签字：", "For the subject:"),
    "inspections.sign.day": ("日期：", "Date:"),
    # case page
    "inspections.panel": ("检查对象", "Subject of inspection"),
    "inspections.panel.none": ("未登记检查对象", "No subject named"),
    "inspections.panel.waiting": ("牵头部门受理后安排上门", "A visit is planned when the lead accepts"),
    "inspections.panel.joined": ("并入已有的上门，共 {n} 件", "joins a visit of {n} cases"),
    "inspections.panel.own": ("本案单独上门", "a visit of its own"),
    "inspections.panel.page": ("打开对象的全部上门记录", "Open all visits of the subject"),
}
