"""A small region pack in a folder: two towns of two villages of two cells, the eastern town from 2024-11-20 on."""

import json
from pathlib import Path

from shapely.geometry import box, mapping

REGION = """
[region]
name = "toy"
county_code = "990000"
number_prefix = "TY"
zone = "Asia/Shanghai"
metric_crs = "EPSG:4549"
attribution = "drawn for tests"
approval_number = ""

[lists]
version = "7"
effective_from = 2024-01-01
source = "县政府通告第7号"
model = true

[names]
zh = "玩具县"
en = "Toy County"

[hours]
open = [["08:30", "12:00"], ["14:00", "17:30"]]

[budgets.respond]
amount = 30
unit = "minutes"

[budgets.arrive]
amount = 60
unit = "minutes"

[budgets.finish]
amount = 5
unit = "working_days"

[budgets.verify]
amount = 120
unit = "office_minutes"

[budgets.YJS-01.finish]
amount = 3
unit = "working_days"

[calendar]
covered = [2025, 2026]

[skew]
future_seconds = 90

[map]
centre = [121.31, 30.21]
zoom = 12

[[layers]]
name = "township"
file = "townships.geojson"

[[layers]]
name = "village"
file = "villages.geojson"
parent = "township"

[[layers]]
name = "grid"
file = "grid.geojson"
parent = "village"

[[sources]]
code = "grid"
name = "网格员"
name_en = "Grid worker"
crs = "EPSG:4490"
kind = "person"

[[sources]]
code = "hotline"
name = "热线"
crs = "gcj02"
"""

TABLES = {
    "departments.csv": """\
code,name,short_name,name_en,domain
zhzf,玩具县综合行政执法局,综合执法局,Enforcement,integrated_enforcement
scjg,玩具县市场监督管理局,市场监管局,Market Regulation,market_regulation
sthj,生态环境局玩具分局,生态环境分局,Environment,ecology_environment
""",
    "units.csv": """\
code,name,department,domain,township,serves,valid_from,valid_to
zhzf-1,甲镇中队,zhzf,integrated_enforcement,101,,2013-06-01,
zhzf-2,乙街道中队,zhzf,integrated_enforcement,2,,2024-11-20,
scjg-1,甲镇所,scjg,,101,2,2013-06-01,
""",
    "one_things.csv": """\
code,name,name_en,platform,domain,category,lead,coordinating,basis,checks,clause
YJS-01,餐饮油烟,Smoke,enforcement,integrated_enforcement,06027,zhzf,sthj;scjg,《城乡规划法》第六十五条,zhzf=查选址;sthj=测油烟,第1项
""",
    "matters.csv": """\
code,name,name_en,platform,domain,category,department,department_duty,township_duty,basis,clause
SD-01,暴露垃圾,Litter,enforcement,,,zhzf,查处,清理,《城乡规划法》第六十五条,第1项
""",
    "powers.csv": """\
code,name,name_en,field,platform,department,kind,basis,clause,applicant,materials,steps,time_limit,fee,result
QL-001,违建查处,Building,town_management,enforcement,zhzf,行政强制,《城乡规划法》第六十五条,第1条,建设单位,身份证明;图纸,\
登记@指挥室@当日;?无证建设@村镇办@1日!告知反映人<;责令改正@镇政府@3日,10日,不收费,决定书
""",
    "arrangements.csv": """\
code,kind,areas,matters,from_department,to_department,valid_from,valid_to,clause,source
AR-01,run_by,2,SD-01,zhzf,sthj,2024-11-20,,新区的暴露垃圾由生态环境分局管理。,协议
""",
    "calendar.csv": """\
date,is_workday,kind,notice
2025-10-01,0,holiday,notice A
2026-02-14,1,make_up,notice B
""",
}

SPLIT = "2024-11-20"
SINCE = "2013-06-01"
WEST, MIDDLE, EAST = 121.30, 121.31, 121.32
SOUTH, NORTH = 30.20, 30.22


def feature(layer, code, parent, bounds, *, since=SINCE, until="", series="mca", **more):
    properties = {"layer": layer, "code": code, "series": series, "code_nbs": "", "name": f"{layer} {code}"}
    properties |= {"parent": parent, "valid_from": since, "valid_to": until, **more}
    return {"type": "Feature", "properties": properties, "geometry": json.loads(json.dumps(mapping(box(*bounds))))}


def collection(features):
    return {"type": "FeatureCollection", "features": list(features)}


def layers():
    """The three layers as GeoJSON; the code of the lower township is the eastern one's."""
    towns = [
        feature("township", "101", "990000", (WEST, SOUTH, EAST, NORTH), until=SPLIT, code_nbs="901"),
        feature("township", "101", "990000", (WEST, SOUTH, MIDDLE, NORTH), since=SPLIT, code_nbs="901"),
        feature("township", "2", "990000", (MIDDLE, SOUTH, EAST, NORTH), since=SPLIT, code_nbs="101"),
    ]
    villages, cells = [], []
    middle = (SOUTH + NORTH) / 2
    for code, west, east, south, north in (
        ("9011", WEST, MIDDLE, SOUTH, middle),
        ("9012", WEST, MIDDLE, middle, NORTH),
        ("9013", MIDDLE, EAST, SOUTH, middle),
        ("9014", MIDDLE, EAST, middle, NORTH),
    ):
        place = (west, south, east, north)
        moves = west == MIDDLE
        villages.append(feature("village", code, "101", place, until=SPLIT if moves else "", series="nbs"))
        villages += [feature("village", code, "2", place, since=SPLIT, series="nbs")] if moves else []
        half = (west + east) / 2
        cells += [
            feature("grid", f"{code}001", code, (west, south, half, north), series="grid"),
            feature("grid", f"{code}002", code, (half, south, east, north), series="grid"),
        ]
    return {"townships": towns, "villages": villages, "grid": cells}


def write_pack(folder: Path, *, region=REGION, tables=None, geometry=None) -> Path:
    """Write the pack; `tables` and `geometry` replace single files, None leaves one out."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "region.toml").write_text(region, encoding="utf-8")
    for name, text in (TABLES | (tables or {})).items():
        if text is not None:
            (folder / name).write_text(text, encoding="utf-8")
    for name, features in (layers() | (geometry or {})).items():
        if features is not None:
            text = features if isinstance(features, str) else json.dumps(collection(features))
            (folder / f"{name}.geojson").write_text(text, encoding="utf-8")
    return folder
