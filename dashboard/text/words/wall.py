"""Words of the wall: what the map shows, why it flies, what an ordinary day is."""

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    "wall.ranking": ("镇街", "Townships"),
    "wall.due": ("即将到期", "Next to fall due"),
    "wall.due.empty": ("没有正在计时的案件", "No clock is running"),
    "wall.departments": ("部门时限", "Departments"),
    "wall.departments.empty": ("各部门没有在办时限", "No department has a running clock"),
    "wall.ticker": ("最新动态", "Last events"),
    "wall.ticker.empty": ("近一天没有事件", "Nothing happened in the last day"),
    "wall.open": ("尚无账号，无须登录", "no accounts yet, nobody signs in"),
    # figures beside an ordinary day
    "wall.usual": ("平日此时 {n}", "usually {n}"),
    "wall.usual.workday": (
        "平日此时：近 {n} 个工作日同一时刻的中位数",
        "usually: median of the last {n} working days at this time",
    ),
    "wall.usual.day_off": (
        "平日此时：近 {n} 个休息日同一时刻的中位数",
        "usually: median of the last {n} days off at this time",
    ),
    "wall.usual.none": ("同类日不足 3 天，暂无平日可比", "Fewer than 3 days of this kind yet: nothing to compare with"),
    # the trend
    "wall.hours": ("近 24 小时", "Last 24 hours"),
    "wall.hours.unit": ("件/小时", "cases an hour"),
    "wall.days": ("近 30 天", "Last 30 days"),
    "wall.days.unit": ("件/天", "cases a day"),
    "wall.received": ("受理", "received"),
    "wall.closed": ("办结", "closed"),
    "wall.ordinary": ("平日受理", "usually received"),
    "wall.now": ("现在", "now"),
    "wall.today": ("今天", "today"),
    # what the map shows
    "wall.map.level": ("在办时限", "Time left"),
    "wall.map.level.note": (
        "在办 {pending} 件：{overdue} 件超时，{amber} 件临期",
        "{pending} pending: {overdue} overdue, {amber} due soon",
    ),
    "wall.map.pending": ("在办", "Pending"),
    "wall.map.pending.unit": ("件", "cases"),
    "wall.map.overdue": ("超时", "Overdue"),
    "wall.map.overdue.unit": ("件", "cases"),
    "wall.map.on_time": ("按期办结率", "Finished on time"),
    "wall.map.on_time.unit": ("%", "%"),
    "wall.map.response": ("首问响应中位", "Median first response"),
    "wall.map.response.unit": ("分钟", "minutes"),
    "wall.map.density": ("在办密度", "Density of pending cases"),
    "wall.map.density.unit": ("件/km²", "cases per km²"),
    "wall.map.n.now": ("全市 {value} {unit}，n = {n} 件，此刻", "county {value} {unit}, n = {n}, now"),
    "wall.map.n.days": (
        "全市 {value}{unit}，n = {n} 件，近 {days} 天",
        "county {value} {unit}, n = {n}, last {days} days",
    ),
    "wall.map.n.none": ("还没有可统计的案件，n = 0", "Nothing to count yet, n = 0"),
    "wall.map.shrunk": ("小样本已向全市均值收缩", "small numbers drawn towards the county's rate"),
    "wall.map.by.grid": ("每块一个网格", "one area = one cell"),
    "wall.map.by.village": ("每块一个村社", "one area = one village"),
    "wall.map.by.township": ("每块一个镇街", "one area = one township"),
    "wall.map.nothing": ("无", "none"),
    # the director's cut
    "wall.cut.breach": ("{what}：刚刚超时", "{what}: overdue just now"),
    "wall.cut.breaches": ("一分钟内 {n} 件超时", "{n} cases turned overdue within a minute"),
    "wall.cut.cluster": ("一小时内新增 {n} 件", "{n} new cases within an hour"),
    "wall.cut.worst": (
        "{of} 件在办，{n} 件超时，明显高于全市",
        "{n} of {of} pending are overdue, far above the county",
    ),
}
