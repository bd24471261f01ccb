"""Words of the report on cases that new boundaries move."""

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    "moves.title": ("区划调整归属预览：{before} → {after}", "What new boundaries move: {before} → {after}"),
    "moves.verdict": (
        "将移动 {open} 件未结案件；另有 {closed} 件已结案件位于别处，不改写",
        "{open} open cases would move; {closed} closed ones lie elsewhere and stay as they are",
    ),
    "moves.nothing": ("没有需要移动的未结案件", "No open case would move"),
    "moves.versions": ("界线版本", "Boundaries"),
    "moves.looked_at": ("核对案件", "Cases looked at"),
    "moves.looked_at.value": (
        "未结 {open} 件、已结 {closed} 件，截至第 {revision} 号事件",
        "{open} open, {closed} closed, up to event {revision}",
    ),
    "moves.map": ("地图", "Map"),
    "moves.flows": ("从哪里到哪里", "From where to where"),
    "moves.counts": ("按情形统计", "Counted by name"),
    "moves.areas": ("变化的区域", "Areas that change"),
    "moves.layer": ("图层", "Layer"),
    "moves.from": ("原归属", "From"),
    "moves.to": ("现归属", "To"),
    "moves.open": ("未结", "Open"),
    "moves.closed": ("已结", "Closed"),
    "moves.outside_all": ("不在任何区域", "in no area"),
    "moves.area": ("区域", "Area"),
    "moves.change": ("变化", "Change"),
    "moves.count.moved": ("归属改变", "move"),
    "moves.count.there": ("已按新界线归属", "stand there already"),
    "moves.count.otherwise": (
        "不按这两版界线归属，须另行核对",
        "stand by neither version: name the one by which they do",
    ),
    "moves.count.unlocated": ("没有坐标，无法归属", "have no point and cannot be placed"),
    "moves.count.outside": ("改变后落在辖区外", "of those that move: fall outside"),
    "moves.count.boundary": ("改变后落在界线上", "of those that move: lie on an edge"),
    "moves.count.gap": ("改变后缺下级区域", "of those that move: lie in no finer area"),
    "moves.change.new": ("新设", "new"),
    "moves.change.gone": ("撤销", "gone"),
    "moves.change.line": ("界线调整", "other line"),
    "moves.change.parent": ("隶属调整", "other parent"),
    "moves.legend": (
        "蓝色虚线为原界线，实线为现界线，橙色为划入的区域；红点为未结、灰点为已结的移动案件；"
        "箭头旁为件数（未结 + 已结）",
        "Blue dashes: old lines; solid: new lines; orange: ground that changes hands; red and grey dots: open and"
        " closed cases that move; beside an arrow: their number, open + closed",
    ),
}
