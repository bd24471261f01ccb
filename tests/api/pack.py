"""A small region pack: two square townships of two villages of two cells each, with three matters."""

import json
from pathlib import Path

WEST, SOUTH, SIDE = 121.0, 30.0, 0.01
FILES = {
    "region.toml": """
[region]
name = "small"
county_code = "330200"
number_prefix = "SM"
zone = "Asia/Shanghai"
metric_crs = "EPSG:4549"
attribution = "示意"
approval_number = ""

[lists]
version = "1"
effective_from = 2024-01-01

[names]
zh = "小县"
en = "Small"
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
[calendar]
covered = [2026, 2026]
[skew]
future_seconds = 120
[map]
centre = [121.02, 30.005]
zoom = 13
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
name_en = "Hotline"
crs = "GCJ-02"
kind = "person"
""",
    "departments.csv": """code,name,short_name,name_en,domain
zhzf,小县综合行政执法局,执法局,Enforcement,integrated_enforcement
sthj,小县生态环境局,环境局,Environment,ecology_environment
scjg,小县市场监督管理局,市监局,Market,market_regulation
""",
    "units.csv": """code,name,department,domain,township,serves,valid_from,valid_to
zhzf-001,东镇执法中队,zhzf,integrated_enforcement,330200001,330200002,2013-06-01,
""",
    "matters.csv": """code,name,name_en,platform,domain,category,department,department_duty,township_duty,basis,clause
SD-01,暴露垃圾,Litter,enforcement,integrated_enforcement,,zhzf,查处,清理,《城乡规划法》第六十五条,第一项
SD-02,占道经营,Street trading,market,market_regulation,,scjg,查处,劝导,《城乡规划法》第六十五条,第二项
""",
    "one_things.csv": """code,name,name_en,platform,domain,category,lead,coordinating,basis,checks,clause
YJS-01,餐饮油烟,Smoke,enforcement,integrated_enforcement,,zhzf,sthj;scjg,《城乡规划法》第六十五条,zhzf=选址;sthj=油烟;scjg=执照,一件事第一项
""",
    "powers.csv": "code,name,name_en,field,platform,department,basis,clause\n",
    "calendar.csv": "date,is_workday,kind,notice\n2026-10-01,0,holiday,通知\n",
}


def write(folder: Path) -> Path:
    """Write the pack; cells are numbered from west to east: 330200001001 holds the two westernmost, and so on."""
    folder.mkdir(parents=True)
    for name, text in FILES.items():
        (folder / name).write_text(text.lstrip(), encoding="utf8")
    grid = [square(i, f"3302000{i // 4 + 1:02}00{i // 2 % 2 + 1}00{i % 2 + 1}") for i in range(8)]
    layers = {
        "grid": [(code, code[:12], box) for code, box in grid],
        "village": [(code, code[:9], joined(grid, code)) for code in sorted({code[:12] for code, _ in grid})],
        "township": [(code, "330200", joined(grid, code)) for code in sorted({code[:9] for code, _ in grid})],
    }
    names = {"township": "townships", "village": "villages", "grid": "grid"}
    for layer, areas in layers.items():
        features = [feature(layer, *area) for area in areas]
        collection = {"type": "FeatureCollection", "features": features}
        (folder / f"{names[layer]}.geojson").write_text(json.dumps(collection), encoding="utf8")
    return folder


def square(column: int, code: str) -> tuple[str, tuple[float, float]]:
    """The west and east edge of the n-th cell."""
    return code, (round(WEST + column * SIDE, 7), round(WEST + (column + 1) * SIDE, 7))


def joined(grid: list[tuple[str, tuple[float, float]]], code: str) -> tuple[float, ...]:
    """The edges of all cells below a code, so that every vertex of a cell is one of its parents', too."""
    return tuple(sorted({edge for cell, edges in grid if cell.startswith(code) for edge in edges}))


def feature(layer: str, code: str, parent: str, edges: tuple[float, ...]) -> dict:
    """A row of squares as one polygon, counter-clockwise."""
    north = round(SOUTH + SIDE, 7)
    ring = [[x, SOUTH] for x in edges] + [[x, north] for x in reversed(edges)] + [[edges[0], SOUTH]]
    return {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": {
            "layer": layer,
            "code": code,
            "series": "mca" if layer == "township" else "nbs",
            "code_nbs": "",
            "name": f"{layer} {code}",
            "name_en": f"{layer.title()} {code}",
            "kind": "",
            "parent": parent,
            "valid_from": "2013-06-01",
            "valid_to": "",
        },
    }


def centre(column: int) -> tuple[float, float]:
    """(lon, lat) in the middle of the n-th cell from the west, from 0."""
    return WEST + (column + 0.5) * SIDE, SOUTH + SIDE / 2
