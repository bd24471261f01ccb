"""Words of the report on a boundary file."""

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    "boundary.title": ("边界文件检查：{file}", "Boundary file checked: {file}"),
    "boundary.sound": ("没有错误：可以作为新版本写入", "No error: it can be written as a new version"),
    "boundary.unsound": (
        "{errors} 个错误、{warnings} 个警告：不能写入",
        "{errors} errors, {warnings} warnings: it cannot be written",
    ),
    "boundary.file": ("文件与图层", "File and layer"),
    "boundary.features": ("要素", "Features"),
    "boundary.features.value": (
        "文件中 {counted} 个，读入 {read} 个，可用 {usable} 个",
        "{counted} in the file, {read} read, {usable} usable",
    ),
    "boundary.target": ("导入为", "Imported as"),
    "boundary.target.value": ("{layer}，编码 {series}，{begin} 起", "{layer}, codes {series}, from {begin}"),
    "boundary.crs": ("坐标系", "CRS"),
    "boundary.crs.value": ("声明 {declared}，按 {way} 读取", "declared {declared}, read as {way}"),
    "boundary.fit": ("与已知界线吻合", "Fit with the known line"),
    "boundary.encoding": ("属性表编码", "Encoding"),
    "boundary.findings": ("检查结果", "What was found"),
    "boundary.repairs": ("修复", "Repairs"),
    "boundary.repairs.none": ("没有修复任何内容", "Nothing was repaired"),
    "boundary.change": ("面积变化 m²", "Change of area, m²"),
    "boundary.area": ("现面积 m²", "Area now, m²"),
    "boundary.what": ("内容", "What"),
    "boundary.where": ("要素", "Feature"),
    "boundary.level.error": ("错误", "Error"),
    "boundary.level.warning": ("警告", "Warning"),
    "boundary.level.note": ("说明", "Note"),
    "boundary.overview": ("全图", "The whole layer"),
    "boundary.legend": (
        "实线为文件中的界线，橙色为所指区域，蓝色虚线为现行版本，红圈为位置",
        "Solid: lines of the file; orange: areas concerned; blue dashes: version in force; red circle: the place",
    ),
    "boundary.more": ("其余 {count} 处同类问题不再绘图", "{count} more of this kind are listed without a map"),
}
