"""Words of the page where two cases are judged side by side, and of the panel on the case page."""

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    "page.duplicates": ("疑似重复", "Duplicates"),
    # the work list
    "duplicates.work": ("待判断的疑似重复", "What may be one and the same"),
    "duplicates.work.rule": (
        "同一事项、距离与时间都在该事项限值内的案件；按接近程度排序，由人判断，不自动合并。",
        "Cases of one matter within its limits of distance and time, the nearest first. A person judges; nothing is"
        " merged by itself.",
    ),
    "duplicates.work.count": ("{n} 件案件", "{n} cases"),
    "duplicates.work.capped": ("{n} 件案件，列出最接近的 {shown} 件", "{n} cases, the {shown} likeliest shown"),
    "duplicates.work.none": ("没有待判断的疑似重复", "Nothing may be one and the same"),
    "duplicates.more": ("另有 {n} 件", "{n} more"),
    # how near
    "duplicates.metres": ("{n} 米", "{n} m"),
    "duplicates.apart.same": ("同时发生", "at the same time"),
    "duplicates.apart.minutes": ("相隔 {n} 分钟", "{n} min apart"),
    "duplicates.apart.hours": ("相隔 {n} 小时", "{n} h apart"),
    "duplicates.apart.days": ("相隔 {n} 天", "{n} days apart"),
    "duplicates.score": ("接近程度 {n}", "nearness {n}"),
    "duplicates.no_distance": ("缺少坐标，无法量距", "No coordinates: the distance is not known"),
    "duplicates.why.same_reporter": ("同一联系电话", "same telephone number"),
    "duplicates.why.same_source": ("同一来源", "same source"),
    "duplicates.why.text": ("描述相近", "similar words"),
    "duplicates.why.other_matter": ("事项不同", "different matters"),
    # side by side
    "duplicates.side.one": ("甲", "A"),
    "duplicates.side.other": ("乙", "B"),
    "duplicates.first": ("先收到", "received first"),
    "duplicates.second": ("后收到", "received later"),
    "duplicates.description": ("描述", "Description"),
    "duplicates.description.none": ("没有描述", "Nothing was described"),
    "duplicates.photos": ("照片", "Photos"),
    "duplicates.photo": ("照片 {n}", "photo {n}"),
    "duplicates.legs": ("办理分支", "Legs"),
    "duplicates.reports": ("上报 {n} 件", "Reports: {n}"),
    "duplicates.map": ("两件案件的位置", "Where the two cases stand"),
    "duplicates.others": ("{number} 的其他疑似重复", "What else may be the same as {number}"),
    "duplicates.back": ("返回列表", "Back to the list"),
    "duplicates.missing": ("没有编号为“{number}”的案件。", "There is no case with the number “{number}”."),
    "duplicates.missing.itself": (
        "请选两件不同的案件：甲和乙都是 {number}。",
        "Choose two cases: both are {number}.",
    ),
    "duplicates.missing.one": ("还需要第二件案件的编号。", "The number of the second case is missing."),
    # merging
    "duplicates.merge": ("并案", "Merge"),
    "duplicates.merge.stays": ("保留哪一件", "Which case stays"),
    "duplicates.merge.older": ("先收到，默认保留", "received first, stays by default"),
    "duplicates.merge.reason": ("理由", "Reason"),
    "duplicates.merge.reason.needed": ("理由（事项不同，必填）", "Reason (needed: the matters differ)"),
    "duplicates.merge.send": ("确认并案", "Merge the two"),
    "duplicates.merge.later": (
        "保留的案件收到较晚：先收到的案件并入后，其时限随之终止。",
        "The case that stays was received later: the clocks of the earlier one end with the merge.",
    ),
    "duplicates.merge.both": (
        "案件只计一件，上报计 {n} 件；两位报告人都按保留案件的结果答复。",
        "The case counts once, its reports {n} times; both reporters are answered with the result of the case that"
        " stays.",
    ),
    "duplicates.merge.closed": (
        "两件都已办结，不能再并案。",
        "Both cases are closed; they can no longer be merged.",
    ),
    "duplicates.merge.sent": ("已并案。", "Merged."),
    "duplicates.apart": ("不是同一件", "Not the same"),
    "duplicates.apart.note": ("说明（可不填）", "Why (may be left empty)"),
    "duplicates.apart.send": ("不是同一件", "They are not the same"),
    "duplicates.apart.text": ("不是同一件：{number}", "Not the same as {number}"),
    "duplicates.apart.sent": ("已记录，两件不再互相提示。", "Noted; neither is suggested for the other any more."),
    "duplicates.told_apart": (
        "已有人判断这两件不是同一件，不再互相提示。",
        "Somebody has said that these two are not the same; neither is suggested for the other.",
    ),
    "duplicates.merged": ("{gone} 已并入 {stays}。", "{gone} was merged into {stays}."),
    "duplicates.merged.open": ("打开 {stays}", "Open {stays}"),
    # errors
    "duplicates.error.unreachable": (
        "服务器没有应答，没有记录。请重试。",
        "The server did not answer; nothing was recorded. Try again.",
    ),
    "duplicates.error.not_allowed": ("没有记录：现在不能这样做。", "Nothing was recorded; this is not possible now."),
    "duplicates.error.no_such_case": ("没有记录：没有这个案件。", "Nothing was recorded; there is no such case."),
    "duplicates.error.stale": (
        "没有记录：案件刚被他人改动，请重试。",
        "Nothing was recorded; somebody else changed the case. Try again.",
    ),
    "duplicates.error.other": ("没有记录。", "Nothing was recorded."),
    # the panel of a case
    "duplicates.panel": ("疑似重复", "Possible duplicates"),
    "duplicates.panel.none": ("没有疑似重复", "Nothing may be the same"),
    "duplicates.panel.beside": ("并排查看", "Side by side"),
    "duplicates.panel.other": ("与另一件比较", "Compare with another case"),
    "duplicates.panel.number": ("案件编号", "Number of the case"),
    "duplicates.panel.all": ("全部疑似重复", "All that may be the same"),
    "duplicates.panel.merged": ("已并入 {number}", "merged into {number}"),
}
