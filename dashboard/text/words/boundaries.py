"""Words of the page of boundaries: versions, publications, files that are checked and published."""

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    "page.boundaries": ("边界版本", "Boundaries"),
    "boundaries.layer.township": ("镇街", "Townships"),
    "boundaries.layer.village": ("村社", "Villages"),
    "boundaries.layer.grid": ("网格", "Grid cells"),
    # what there is
    "boundaries.versions": ("各层版本", "Versions of each layer"),
    "boundaries.version.areas": ("{n} 个", "{n}"),
    "boundaries.version.now": ("现行", "in force"),
    "boundaries.version.later": ("尚未生效", "not yet"),
    "boundaries.version.first": ("最初", "first"),
    "boundaries.publications": ("发布记录", "Publications"),
    "boundaries.publications.none": (
        "尚未发布过；边界来自数据包。",
        "Nothing published: the lines are those of the pack.",
    ),
    "boundaries.publication": ("第 {id} 号 · {begins} 起", "No. {id} · from {begins}"),
    "boundaries.publication.who": ("{who} 于 {at} 发布", "published by {who}, {at}"),
    "boundaries.publication.layer": ("{layer} {n} 个（{file}）", "{layer} {n} ({file})"),
    "boundaries.publication.withdrawn": ("{who} 于 {at} 撤回：{reason}", "withdrawn by {who}, {at}: {reason}"),
    "boundaries.withdraw": ("撤回", "Withdraw"),
    "boundaries.withdraw.reason": ("撤回理由（必填）", "Reason (required)"),
    "boundaries.withdraw.send": ("撤回这个版本", "Withdraw this version"),
    "boundaries.withdraw.note": (
        "撤回后，如同从未发布；案件保留已有的编码。各服务进程数秒内自行切换。",
        "It is then as if it had never been; cases keep their codes. Every server follows within seconds.",
    ),
    # sending a file
    "boundaries.send": ("上传边界文件", "Send a boundary file"),
    "boundaries.send.file": (
        "GeoJSON、Shapefile（zip）、GeoPackage、KML、TopoJSON、CSV（WKT）、GeoParquet，最大 {size}",
        "GeoJSON, Shapefile (zip), GeoPackage, KML, TopoJSON, CSV with WKT, GeoParquet; at most {size}",
    ),
    "boundaries.send.go": ("上传", "Send"),
    "boundaries.send.going": ("正在上传并读取…", "Sending and reading…"),
    "boundaries.actor": ("经办人（必填）", "Your name (required)"),
    "boundaries.drafts": ("待处理的文件", "Files that wait"),
    "boundaries.draft.who": ("{who} · {at} · {size}", "{who} · {at} · {size}"),
    "boundaries.draft.gone": (
        "这个文件已发布或已移除。",
        "This file was published or removed.",
    ),
    "boundaries.draft.remove": ("移除", "Remove"),
    "boundaries.draft.back": ("返回列表", "Back to the list"),
    "boundaries.state.uploaded": ("待检查", "to be checked"),
    "boundaries.state.checking": ("正在检查…", "checking…"),
    "boundaries.state.checked": ("已检查", "checked"),
    "boundaries.state.failed": ("未能检查", "not checked"),
    # how it is meant
    "boundaries.meant": ("如何读取", "How it is meant"),
    "boundaries.meant.layer_of_file": (
        "{name} · {format} · {features} 个要素 · 坐标系 {crs} · 编码 {encoding}",
        "{name} · {format} · {features} features · CRS {crs} · encoding {encoding}",
    ),
    "boundaries.meant.none": ("未声明", "not declared"),
    "boundaries.meant.use": ("导入为", "Import as"),
    "boundaries.meant.skip": ("不导入", "leave out"),
    "boundaries.meant.series": ("编码系列", "Series of the codes"),
    "boundaries.meant.code": ("编码列", "Column of codes"),
    "boundaries.meant.name": ("名称列", "Column of names"),
    "boundaries.meant.parent": ("上级编码列", "Column of parents"),
    "boundaries.meant.no_name": ("无", "none"),
    "boundaries.meant.no_parent": ("按位置归属", "as they lie"),
    "boundaries.meant.crs": ("坐标系", "CRS"),
    "boundaries.meant.crs.hint": ("以文件声明为准", "as the file declares"),
    "boundaries.meant.encoding": ("属性表编码", "Encoding"),
    "boundaries.meant.encoding.hint": ("按字节判断", "by its bytes"),
    "boundaries.meant.begin": ("生效日（新版本第一天）", "First day of the new version"),
    "boundaries.meant.repair": ("修复能修复的问题，并逐条列出", "Mend what can be mended, and list each repair"),
    "boundaries.check": ("检查", "Check"),
    "boundaries.check.again": ("再次检查", "Check again"),
    "boundaries.checking": (
        "正在检查…读取文件、比对现行边界、统计受影响案件。大文件需要几分钟，可以离开本页。",
        "Checking: reading the file, comparing it with the lines in force, counting cases. Large files take minutes;"
        " you may leave this page.",
    ),
    # what was found
    "boundaries.refused": ("未能检查", "It could not be checked"),
    "boundaries.found": ("检查结果", "What was found"),
    "boundaries.found.counts": (
        "{errors} 个错误 · {warnings} 个警告 · {notes} 条说明 · {repairs} 处修复",
        "{errors} errors · {warnings} warnings · {notes} notes · {repairs} repairs",
    ),
    "boundaries.found.changes": (
        "不变 {unchanged} · 变更 {changed} · 新增 {new} · 撤销 {gone}",
        "{unchanged} unchanged · {changed} changed · {new} new · {gone} gone",
    ),
    "boundaries.found.report": ("带图的完整报告", "Whole report with maps"),
    "boundaries.found.more": ("其余 {n} 条见完整报告", "{n} more in the whole report"),
    "boundaries.found.crs": ("按此坐标系读取：{crs}", "Read as {crs}"),
    "boundaries.repair.change": ("{change} m²", "{change} m²"),
    "boundaries.blocked": ("还不能发布", "It cannot be published yet"),
    # what moves
    "boundaries.moves": ("受影响的案件", "Cases that get other codes"),
    "boundaries.moves.words": (
        "在办 {open} 件（共 {open_all} 件），已结 {closed} 件（共 {closed_all} 件）。"
        "发布不改动案件；在办案件由重新归属命令处理。",
        "{open} of {open_all} open, {closed} of {closed_all} closed. Publishing changes no case; open ones are moved by"
        " `reattribute`.",
    ),
    "boundaries.moves.layer": ("层级", "Layer"),
    "boundaries.moves.from": ("原归属", "From"),
    "boundaries.moves.to": ("新归属", "To"),
    "boundaries.moves.open": ("在办", "Open"),
    "boundaries.moves.closed": ("已结", "Closed"),
    "boundaries.moves.nowhere": ("区域外", "nowhere"),
    "boundaries.moves.more": ("另有 {n} 项", "{n} more"),
    # publishing
    "boundaries.publish": ("发布", "Publish"),
    "boundaries.publish.words": (
        "{layers}自 {begins} 起采用新版本。各服务进程数秒内自行切换，已打开的页面自动刷新。",
        "{layers}: the new version holds from {begins} on. Every server takes it within seconds, open pages reload.",
    ),
    "boundaries.publish.note": ("依据（文号、决定）", "Why (document, decision)"),
    "boundaries.publish.send": ("发布这个版本", "Publish this version"),
    "boundaries.publish.sent": ("已发布", "Published"),
    # errors
    "boundaries.error.other": ("没有完成：", "Not done:"),
    "boundaries.error.refused": ("不能这样做：", "Not possible:"),
    "boundaries.error.overtaken": ("期间情况已变：", "Overtaken:"),
    "boundaries.error.unreadable": ("文件无法读取：", "The file cannot be read:"),
    "boundaries.error.body_too_large": ("文件过大：", "The file is too large:"),
    "boundaries.error.no_such_draft": ("找不到该文件：", "No such file:"),
    "boundaries.error.unreachable": (
        "服务器没有回答，没有完成；请稍后再试。",
        "The server does not answer; nothing was done.",
    ),
}
