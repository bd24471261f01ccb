"""Words of the time machine: moments of the past, hot spots, what to expect."""

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    # how it is told
    "history.how": ("口径", "How it is told"),
    "history.known": ("依据", "Knowledge"),
    "history.known.today": ("按今日所知", "As known today"),
    "history.known.then": ("当时所见", "As the wall showed it"),
    "history.known.today.note": (
        "按今日已知的全部记录还原，含事后补录。",
        "Told by everything that is known today, late records included.",
    ),
    "history.known.then.note": (
        "只用当时已录入的记录，与当时大屏所示一致。",
        "Told by what had been recorded by then: exactly what the wall showed.",
    ),
    "history.basis": ("区划", "Boundaries"),
    "history.basis.shown": ("当时", "Of the day"),
    "history.basis.current": ("现行", "Of today"),
    "history.version": ("区划版本自 {day} 起", "Boundaries in force since {day}"),
    # time
    "history.time": ("时间轴：拖动或用方向键", "Time: drag, or use the arrow keys"),
    "history.play": ("播放", "Play"),
    "history.pause": ("暂停", "Pause"),
    "history.back": ("前一天", "A day back"),
    "history.ahead": ("后一天", "A day on"),
    "history.now": ("回到现在", "Now"),
    "history.at": ("时刻", "Moment"),
    "history.speed": ("播放速度", "Speed"),
    "history.speed.5": ("5 分/秒", "5 min/s"),
    "history.speed.30": ("30 分/秒", "30 min/s"),
    "history.speed.120": ("2 时/秒", "2 h/s"),
    "history.speed.480": ("8 时/秒", "8 h/s"),
    "history.span": ("时间轴长度", "Length of the time line"),
    "history.span.1": ("1 天", "1 day"),
    "history.span.7": ("7 天", "7 days"),
    "history.span.30": ("30 天", "30 days"),
    "history.received": ("受理", "received"),
    "history.closed": ("结束", "closed"),
    "history.works": ("工作日", "working day"),
    "history.off": ("休息日", "day off"),
    "history.loading": ("正在读取…", "Loading …"),
    # figures
    "history.figure.overdue": ("超时", "Overdue"),
    "history.figure.amber": ("临期", "Due soon"),
    "history.figure.pending": ("在办", "Pending"),
    "history.figure.received_today": ("当日受理", "Received that day"),
    "history.figure.closed_today": ("当日结束", "Closed that day"),
    # panels
    "history.panels": ("看什么", "What to look at"),
    "history.tab.moment": ("此刻", "Moment"),
    "history.tab.hot": ("热点", "Hot spots"),
    "history.tab.expected": ("预期", "Expected"),
    "history.townships": ("镇街在办", "Pending by township"),
    "history.cases": ("此刻最急的案件", "Most urgent at this moment"),
    "history.cases.none": ("此刻没有正在计时的案件", "No clock was running"),
    "history.left": ("余 {span}", "{span} left"),
    "history.over": ("超 {span}", "{span} over"),
    "history.outside": ("{n} 件不在任何网格内，未上图。", "{n} in no cell: counted, not on the map."),
    "history.elsewhere": (
        "{n} 件立案时的区域已撤销，计入合计，未上图；可改看现行区划。",
        "{n} in areas that this map no longer has: counted, not drawn. Boundaries of today show them.",
    ),
    "history.whole": ("看全域", "Whole region"),
    # what may be missing
    "history.future": ("所给时刻尚未到来，已显示现在。", "That moment has not come yet; now is shown instead."),
    "history.unread": (
        "地址里的时刻“{at}”无法识别，已显示现在。请写成 2026-11-20T08:00+08:00。",
        "“{at}” in the address is no moment; now is shown. Write it like 2026-11-20T08:00+08:00.",
    ),
    "history.empty": ("此刻没有在办案件。", "No case was pending at this moment."),
    "history.empty.filter": (
        "此刻没有符合筛选的在办案件。",
        "At this moment no pending case matched the filters.",
    ),
    "history.clear": ("清除筛选", "Clear the filters"),
    "history.nothing": ("还没有任何案件，时光机从第一件案件开始。", "There is no case yet: history begins with one."),
    "history.before": ("最早的案件受理于 {at}。", "The first case was received at {at}."),
    "history.before.go": ("去那一刻", "Go there"),
    "history.unrecorded": (
        "此刻系统尚无任何记录（最早录入于 {at}），大屏当时是空的。",
        "Nothing had been recorded yet (the first record is of {at}): the wall was empty.",
    ),
    "history.unrecorded.go": ("改看按今日所知", "Tell it as known today"),
    "history.quiet": ("这段时间没有案件。", "Nothing happened in this stretch of time."),
    "history.failed": ("没有读到，正在重试。", "Could not be read; trying again."),
    # hot spots
    "history.hot.days": ("统计期", "Period"),
    "history.hot.days.1": ("1 天", "1 day"),
    "history.hot.days.7": ("7 天", "7 days"),
    "history.hot.days.14": ("14 天", "14 days"),
    "history.hot.days.28": ("28 天", "28 days"),
    "history.hot.period": ("{from} 至 {to} 受理 {n} 件", "{from} to {to}: {n} received"),
    "history.hot.meaning": (
        "热点指该网格与相邻网格合起来的受理件数显著高于全域平均（Gi* 检验，全部热点中误报控制在 5% 以内）。"
        "它说明哪里集中，不说明为什么：人口多、网格员勤、来源多都会使件数变多。慎言因果。",
        "A hot spot is a cell whose own and neighbouring reports together lie well above the average (Gi*, false"
        " discoveries held to 5 % of what is shown). It says where reports gather, not why: more people, a keener"
        " reporter or another source make more reports, too. Draw no cause from it.",
    ),
    "history.hot.none": (
        "没有显著的热点：件数的高低与随机散布没有区别。可以拉长统计期，或换一个事项。",
        "No significant hot spot: the counts differ no more than chance would have it. Try a longer period or another"
        " matter.",
    ),
    "history.hot.young": (
        "此前只有 {n} 个完整的同长统计期可比，“新增”与“持续”之分还不可靠。",
        "Only {n} full periods before this one can be compared: new and lasting cannot be told apart reliably yet.",
    ),
    "history.hot.emerging": ("新增", "New"),
    "history.hot.persistent": ("持续", "Lasting"),
    "history.hot.fading": ("消退", "Fading"),
    "history.hot.island": ("孤立高值", "Single high cell"),
    "history.hot.cells": ("{n} 个网格", "{n} cells"),
    "history.hot.n": ("件数", "n"),
    "history.hot.z": ("z", "z"),
    "history.hot.q": ("q", "q"),
    "history.hot.before": ("前 4 期", "4 before"),
    "history.hot.matter": ("{matter} {n}/{of} 件（含相邻）", "{matter} {n} of {of} (with neighbours)"),
    # expected
    "history.expected.hours": ("往后", "Next"),
    "history.expected.hours.6": ("6 小时", "6 h"),
    "history.expected.hours.12": ("12 小时", "12 h"),
    "history.expected.hours.24": ("24 小时", "24 h"),
    "history.expected.level": ("按", "By"),
    "history.expected.level.township": ("镇街", "Township"),
    "history.expected.level.matter": ("事项", "Matter"),
    "history.expected.level.cell": ("网格", "Cell"),
    "history.expected.period": ("{from} 至 {to}", "{from} to {to}"),
    "history.expected.total": ("预计受理 {n} 件", "{n} expected"),
    "history.expected.happened": ("实际 {n} 件", "{n} came"),
    "history.expected.rests": (
        "依据此前 {weeks} 周的 {n} 件",
        "From {n} reports of the {weeks} weeks before",
    ),
    "history.expected.row": (
        "{name}：预计 {mean}，80% 区间 {low}–{high}，依据 {seen} 件",
        "{name}: {mean} expected, 80 % interval {low}–{high}, from {seen} reports",
    ),
    "history.expected.seen": ("n={n}", "n={n}"),
    "history.expected.legend": (
        "线段为 80% 区间，圆点为预计，菱形为实际",
        "line: 80 % interval; dot: expected; diamond: what came",
    ),
    "history.expected.young": (
        "历史不足一周，还谈不上预期。请选更晚的时刻。",
        "Less than a week of history: nothing can be expected yet. Choose a later moment.",
    ),
    "history.expected.score": (
        "近 {weeks} 周检验（{origins} 次起报，n={n}）",
        "Tested on {weeks} weeks ({origins} origins, n={n})",
    ),
    "history.expected.unscored": (
        "历史不足两周，尚无法检验。",
        "Less than two weeks of history: it cannot be tested yet.",
    ),
    "history.expected.mase": ("误差与“上周同时”之比", "Error beside “same hours last week”"),
    "history.expected.mase.better": ("小于 1 为更好", "below 1 is better"),
    "history.expected.covered": ("落入 80% 区间", "Within the 80 % interval"),
    "history.expected.covered.should": ("按模型应为 {share}", "should be {share} by the model"),
    "history.expected.sum": ("预计合计 / 实际合计", "Expected / came"),
    "history.expected.band": ("预计不足 {below}", "expected below {below}"),
    "history.expected.band.last": ("预计更多", "expected more"),
    "history.expected.calibration": ("按预计大小分组：预计 / 实际", "By size of what was expected: expected / came"),
    "history.expected.method": (
        "方法：按工作日与休息日逐小时的平均节律，乘以各地各事项的自身比率；件数少的向镇街、再向全域收缩（经验贝叶斯）。"
        "只用起报时刻之前的记录。",
        "Method: the mean rhythm of each hour of working days and days off, times the rate of each place or matter,"
        " shrunk towards township and county where counts are small (empirical Bayes). Only what came before the moment"
        " is used.",
    ),
}
