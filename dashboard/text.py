"""Every word that people read on the screen, once, in both languages; names of places and matters are data."""

from collections.abc import Mapping
from typing import Any

from dash import ctx
from dash.exceptions import MissingCallbackContextException

LANGUAGES = ("zh-CN", "en")
COOKIE = "onemap_lang"  # written by assets/js/i18n.js, which remembers ?lang=
# Keys that the scripts look up; only these travel to the browser.
SCRIPT_PREFIXES = ("level.", "time.", "connection.", "event.", "wall.", "cockpit.", "case.")

WORDS: Mapping[str, tuple[str, str]] = {
    # the product and its pages
    "product": ("属地一张图", "OneMap"),
    "page.cockpit": ("驾驶舱", "Cockpit"),
    "page.wall": ("大屏", "Wall"),
    "page.township": ("镇街", "Township"),
    "page.case": ("案件", "Case"),
    "page.not_found": ("没有这个页面", "No such page"),
    "nav.label": ("主导航", "Main navigation"),
    "nav.language": ("English", "中文"),
    "shell.no_script": ("本页面需要启用 JavaScript。", "This page needs JavaScript."),
    "shell.loading": ("正在载入…", "Loading …"),
    # levels
    "level.0": ("无在办", "nothing pending"),
    "level.1": ("时限内", "in time"),
    "level.2": ("临期", "due soon"),
    "level.3": ("超时", "overdue"),
    # time and connection
    "time.days": ("{n}天", "{n} d"),
    "time.over": ("超 {span}", "+{span}"),
    "connection.connecting": ("正在连接", "Connecting"),
    "connection.live": ("实时", "Live"),
    "connection.lost": ("连接中断，正在重连", "Connection lost, reconnecting"),
    "connection.as_of": ("数据截至 {time}", "data as of {time}"),
    "connection.age": ("{age} 前", "{age} ago"),
    # figures
    "figure.overdue": ("超时", "Overdue"),
    "figure.amber": ("临期", "Due soon"),
    "figure.pending": ("在办", "Pending"),
    "figure.received_today": ("今日受理", "Received today"),
    "figure.closed_today": ("今日办结", "Closed today"),
    "figure.on_time": ("今日按期率", "On time today"),
    "head.overdue": ("超时", "Late"),
    "head.amber": ("临期", "Soon"),
    "head.pending": ("在办", "Open"),
    "figure.unit": ("件", ""),
    "figure.n": ("n={n}", "n={n}"),
    "figure.none": ("—", "—"),
    # the map
    "map.label": ("{name}事件时限地图", "Map of {name}: time left of pending cases"),
    "legend.grid": ("每块为一个网格", "one area = one grid cell"),
    "legend.village": ("每块为一个村社", "one area = one village"),
    "legend.township": ("每块为一个镇街", "one area = one township"),
    "legend.pending": ("在办 1–4+ 件", "1–4+ pending, in time"),
    "legend.amber": ("临期：余时≤1/5", "due soon: ≤ 1/5 of the time left"),
    "legend.overdue": ("有超时案件", "has an overdue case"),
    "legend.figures": ("图上数字为件数", "figures on the map: cases"),
    "map.approval": ("审图号：{number}", "Map approval no. {number}"),
    # the wall
    "wall.ranking": ("镇街在办", "Townships"),
    "wall.due": ("即将到期", "Next to fall due"),
    "wall.due.empty": ("没有正在计时的案件", "No clock is running"),
    "wall.departments": ("部门时限", "Departments"),
    "wall.departments.empty": ("各部门没有在办时限", "No department has a running clock"),
    "wall.ticker": ("实时动态", "Live events"),
    "wall.ticker.empty": ("今天还没有事件", "Nothing has happened yet"),
    # the cockpit
    "cockpit.filters": ("筛选", "Filters"),
    "cockpit.platform": ("平台", "Platform"),
    "cockpit.domain": ("领域", "Domain"),
    "cockpit.matter": ("事项", "Matter"),
    "cockpit.level": ("时限状态", "Time left"),
    "cockpit.layers": ("图层", "Layers"),
    "cockpit.all_platforms": ("全部平台", "All platforms"),
    "cockpit.all_domains": ("全部领域", "All domains"),
    "cockpit.all_matters": ("全部事项", "All matters"),
    "cockpit.all": ("全部", "All"),
    "cockpit.layer.grid": ("网格", "Cells"),
    "cockpit.layer.village": ("村社", "Villages"),
    "cockpit.layer.township": ("镇街", "Townships"),
    "cockpit.layer.points": ("案件点位", "Cases"),
    "cockpit.area": ("所看区域", "Area in view"),
    "cockpit.unknown_area": ("未知区域 {code}", "Unknown area {code}"),
    "cockpit.township_page": ("{name}详情", "Open {name}"),
    "cockpit.list": ("在办案件", "Pending cases"),
    "cockpit.list.count": ("{n} 件，按余时排序", "{n}, least time left first"),
    "cockpit.list.capped": ("{n} 件，列出最急的 {shown} 件", "{n}, the {shown} most urgent shown"),
    "dropdown.search": ("查找", "Search"),
    "dropdown.clear_search": ("清除查找", "Clear search"),
    "dropdown.clear_selection": ("清除选择", "Clear selection"),
    "dropdown.no_options_found": ("没有匹配项", "Nothing matches"),
    # tables
    "column.due": ("余时", "Time left"),
    "column.matter": ("事项与地点", "Matter and place"),
    "column.status": ("状态", "Status"),
    "column.department": ("当前责任部门", "Responsible now"),
    "column.unit": ("派驻机构", "Stationed unit"),
    "column.domain": ("领域", "Domain"),
    "column.load": ("在办（超时·临期·时限内）", "Pending (overdue · due soon · in time)"),
    "table.empty": ("没有符合条件的在办案件", "No pending case matches"),
    "table.no_units": ("没有派驻机构", "No stationed units"),
    "table.loading": ("正在读取…", "Loading …"),
    # the township page
    "township.units": ("派驻机构与负荷", "Stationed units and their load"),
    "township.cases": ("在办案件，最急在前", "Pending cases, most urgent first"),
    "township.unknown": ("没有编码为“{code}”的镇街", "There is no township with the code “{code}”"),
    "township.unknown.way": (
        "请从下面选择一个镇街，或返回驾驶舱。编码为民政部九位代码，例如 {example}。",
        "Choose a township below or go back to the cockpit. Codes have nine digits, for example {example}.",
    ),
    # the case page
    "case.unknown": ("没有编号为“{number}”的案件", "There is no case with the number “{number}”"),
    "case.unknown.way": (
        "请核对编号（形如 {example}），或在驾驶舱的列表中查找。",
        "Check the number (it looks like {example}) or look for the case in the cockpit.",
    ),
    "case.clocks": ("时限", "Clocks"),
    "case.no_clocks": ("没有计时", "No clock has been started"),
    "case.legs": ("办理分支与依据", "Legs and the clauses that name them"),
    "case.timeline": ("办理过程", "Timeline"),
    "case.place": ("位置", "Place"),
    "case.late": ("补录", "recorded late"),
    "case.late.title": ("发生于 {occurred}，{recorded} 补录", "happened {occurred}, recorded {recorded}"),
    "case.provisional": (
        "时限暂定：该年度放假安排尚未公布",
        "Due time provisional: that year's holidays are not published",
    ),
    "case.merged": ("已并入 {number}", "merged into {number}"),
    "case.no_place": ("没有可用坐标", "No usable coordinates"),
    "fact.place": ("地点", "Place"),
    "fact.coordinates": ("坐标", "Coordinates"),
    "fact.source": ("来源", "Source"),
    "fact.platform": ("平台", "Platform"),
    "fact.domain": ("领域", "Domain"),
    "fact.occurred": ("发生", "Occurred"),
    "fact.received": ("收到", "Received"),
    "fact.contact": ("联系人", "Contact"),
    "fact.list": ("清单版本", "List version"),
    "stamp.asked": ("交办", "Asked"),
    "stamp.accepted": ("受理", "Accepted"),
    "stamp.arrived": ("到场", "Arrived"),
    "stamp.found": ("意见", "Finding"),
    "stamp.ended": ("结束", "Ended"),
    "clock.case": ("全案", "whole case"),
    "clock.met": ("按期完成", "met"),
    "clock.missed": ("超时完成", "missed"),
    "clock.paused": ("已挂起", "paused"),
    "clock.foot": ("起 {start} · 限 {due}", "from {start} · due {due}"),
    "clock.foot.stopped": ("起 {start} · 限 {due} · 止 {stop}", "from {start} · due {due} · stopped {stop}"),
    "clock.respond": ("首问响应", "Respond"),
    "clock.arrive": ("协同到场", "Arrive"),
    "clock.finish": ("办结", "Finish"),
    "clock.verify": ("核查", "Verify"),
    "role.lead": ("牵头", "Lead"),
    "role.coordinating": ("协同", "Coordinating"),
    # not found
    "not_found.way": (
        "地址可能写错或已改变。可以从这里继续：",
        "The address may be mistyped or out of date. Ways on from here:",
    ),
    # vocabulary of the trade
    "status.received": ("已接收", "Received"),
    "status.accepted": ("已受理", "Accepted"),
    "status.on_site": ("现场处置", "On site"),
    "status.finished": ("待核查", "Finished"),
    "status.verified": ("已核查", "Verified"),
    "status.closed": ("已结案", "Closed"),
    "status.merged": ("已并案", "Merged"),
    "leg.waiting": ("待召", "waiting"),
    "leg.asked": ("待响应", "asked"),
    "leg.accepted": ("已受理", "accepted"),
    "leg.called": ("待到场", "called"),
    "leg.arrived": ("已到场", "on site"),
    "leg.found": ("已出意见", "finding given"),
    "leg.done": ("完成", "done"),
    "leg.returned": ("已退回", "returned"),
    "leg.transferred": ("已转办", "transferred"),
    "event.overdue": ("出现超时", "turned overdue"),
    "event.received": ("上报", "reported"),
    "event.accepted": ("受理", "accepted"),
    "event.called": ("召请协同", "department called"),
    "event.arrived": ("到场", "arrived on site"),
    "event.found": ("出具意见", "finding recorded"),
    "event.finished": ("办结待核", "finished"),
    "event.verified": ("核查通过", "verified"),
    "event.reopened": ("重新办理", "reopened"),
    "event.closed": ("结案", "closed"),
    "event.returned": ("退回", "returned"),
    "event.transferred": ("转办", "transferred"),
    "event.extended": ("延期", "extended"),
    "event.suspended": ("挂账", "suspended"),
    "event.resumed": ("恢复计时", "resumed"),
    "event.merged": ("并案", "merged"),
    "event.relocated": ("改正位置", "relocated"),
    "event.commented": ("备注", "comment"),
    "event.urged": ("催办", "urged"),
    "event.supervised": ("督办", "supervised"),
    "event.disputed": ("职责争议", "disputed"),
    "event.settled": ("争议裁定", "dispute settled"),
    "platform.public_order": ("综治工作", "Public order"),
    "platform.market": ("市场监管", "Market regulation"),
    "platform.enforcement": ("综合执法", "Integrated enforcement"),
    "platform.convenience": ("便民服务", "Convenience services"),
    "domain.market_regulation": ("市场监管", "Market regulation"),
    "domain.integrated_enforcement": ("综合执法", "Integrated enforcement"),
    "domain.health_supervision": ("卫生监督", "Health supervision"),
    "domain.natural_resources": ("自然资源", "Natural resources"),
    "domain.transport": ("交通运输", "Transport"),
    "domain.ecology_environment": ("生态环境", "Ecology and environment"),
    "domain.public_security": ("公安", "Public security"),
    "domain.procuratorate": ("检察", "Procuratorate"),
    "domain.court": ("法院", "Court"),
    "domain.justice": ("司法行政", "Justice"),
    "domain.other": ("其他", "Other"),
    "flag.boundary": ("界线", "on a boundary"),
    "flag.outside": ("界外待核实", "outside, to be checked"),
    "flag.unlocated": ("无坐标", "no coordinates"),
    "flag.swapped": ("经纬度已对调", "axes were swapped"),
    "flag.projected": ("由投影坐标换算", "converted from metres"),
    "flag.other": ("坐标有说明", "see the note on its place"),
    "place.nowhere": ("未落入辖区", "in no area"),
}


def say(key: str, language: str, **values: Any) -> str:
    """Give the words for a key in a language, with ``{name}`` filled in.

    Raises
    ------
    KeyError
        Nobody wrote the words: a test holds that this never happens.
    """
    words = WORDS[key][LANGUAGES.index(language)]
    return words.format(**values) if values else words


def chosen(cookies: Mapping[str, str], default: str = LANGUAGES[0]) -> str:
    """Give the language that a request's cookies ask for."""
    wish = cookies.get(COOKIE, "")
    return wish if wish in LANGUAGES else default


def language() -> str:
    """Give the language of the callback that is being answered; the first one outside of callbacks."""
    try:
        return chosen(ctx.cookies)
    except MissingCallbackContextException:
        return LANGUAGES[0]


def for_scripts(language: str) -> dict[str, str]:
    """Give the words that the scripts need, in one language."""
    return {key: say(key, language) for key in WORDS if key.startswith(SCRIPT_PREFIXES)}
