"""Words around every page: names of pages, levels, time, connection, figures."""

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    # the product and its pages
    "product": ("属地一张图", "OneMap"),
    "page.cockpit": ("驾驶舱", "Cockpit"),
    "page.wall": ("大屏", "Wall"),
    "page.history": ("时光机", "History"),
    "page.township": ("镇街", "Township"),
    "page.case": ("案件", "Case"),
    "page.disputes": ("职责争议", "Disputes"),
    "page.inspections": ("综合监管", "Inspections"),
    "page.assessment": ("考核", "Assessment"),
    "page.inbox": ("消息", "Inbox"),
    "page.not_found": ("没有这个页面", "No such page"),
    "nav.label": ("主导航", "Main navigation"),
    "nav.language": ("English", "中文"),
    "nav.theme": ("明暗", "Light/dark"),
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
    "connection.stale": ("数据未更新", "The figures are not being renewed"),
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
    # not found
    "not_found.way": (
        "地址可能写错或已改变。可以从这里继续：",
        "The address may be mistyped or out of date. Ways on from here:",
    ),
}
