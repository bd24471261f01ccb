"""The house: which room may import which, how large a room may be, and what no room may do at import."""

import ast
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS_OF_FLOOR: dict[str, list[str]] = {
    # Within a floor, a room may import only rooms that stand before it in its list.
    floor: rooms.split()
    for floor, rooms in {
        "cases": "errors events calendar clock guides matters organisation arrangements case dispute lists routing"
        " lifecycle history supervision inspection duplicates expectation result assessment ports intake recording"
        " receiving desk",
        "geo": "errors crs recognition areas coverage locator drawing hotspots cartography exchange",
        "data": "tracing formulas engine tables chain months waking leases accounts visits store views saved_views"
        " rebuilding verifying erasing backups notices judgements region gis region_check region_new boundary_import"
        " bulk placing reattributing publishing lists exporting exports migrations regions",
        "dashboard": "settings threads logs metrics auth duties text theme ids views reports documents board stream"
        " geometry history services drafting lookback notifying pages api shell server simulation cli __main__",
    }.items()
}
FLOORS_BELOW = {"cases": set(), "geo": set(), "data": {"cases", "geo"}, "dashboard": {"cases", "geo", "data"}}
LIBRARIES = {
    "cases": set(),
    "geo": {
        "numpy",
        "shapely",
        "pyproj",
        "geopandas",
        "pandas",
        "pyogrio",
        "scipy",
        "numba",
        "llvmlite",
        "esda",
        "libpysal",
        "mapclassify",
        "pyarrow",
    },
}
MODULE_LINES = 400
FUNCTION_LINES = 40


def sources() -> list[Path]:
    """Every Python file of the four floors."""
    return [path for floor in ROOMS_OF_FLOOR for path in sorted((ROOT / floor).rglob("*.py"))]


def trees() -> dict[str, tuple[Path, ast.Module]]:
    """Dotted module name to (path, syntax tree)."""
    found = {}
    for path in sources():
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = (path, ast.parse(path.read_text(encoding="utf8")))
    return found


TREES = trees()


def imported(name: str, tree: ast.AST) -> set[str]:
    """Dotted names that the nodes below `tree` import, as far down as modules of the house go."""
    path, _ = TREES[name]
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                base = ".".join([*package.split(".")[: package.count(".") + 2 - node.level], base]).rstrip(".")
            names |= {f"{base}.{alias.name}" if f"{base}.{alias.name}" in TREES else base for alias in node.names}
    return names


def room(name: str) -> str | None:
    """The room of a module: `dashboard.pages.wall` stands in `pages`; the floor's own `__init__` in none."""
    parts = name.split(".")
    return parts[1] if len(parts) > 1 else None


@pytest.mark.parametrize("name", TREES)
def test_every_module_stands_in_a_room_of_the_plan(name: str) -> None:
    floor, place = name.split(".", 1)[0], room(name)
    assert place is None or place in ROOMS_OF_FLOOR[floor], f"{name}: no such room on floor {floor}"


@pytest.mark.parametrize("name", TREES)
def test_imports_point_down(name: str) -> None:
    floor, place = name.split(".", 1)[0], room(name)
    rooms = ROOMS_OF_FLOOR[floor]
    for other in imported(name, TREES[name][1]):
        other_floor, other_room = other.split(".")[0], room(other)
        if other_floor in ROOMS_OF_FLOOR and other_floor != floor:
            assert other_floor in FLOORS_BELOW[floor], f"{name} imports {other}: {other_floor} is not below {floor}"
        elif other_floor == floor and place and other_room and other_room != place:
            assert rooms.index(other_room) < rooms.index(place), f"{name} imports {other}, which stands above it"


def test_no_modules_import_each_other_in_a_circle() -> None:
    below = {name: {o for o in imported(name, tree) if o in TREES and o != name} for name, (_, tree) in TREES.items()}
    done: set[str] = set()

    def walk(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, " -> ".join([*path[path.index(name) :], name])
        if name not in done:
            for other in below[name]:
                walk(other, (*path, name))
            done.add(name)

    for name in below:
        walk(name, ())


@pytest.mark.parametrize("name", TREES)
def test_no_function_imports(name: str) -> None:
    for node in ast.walk(TREES[name][1]):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert not imported(name, node), f"{name}.{node.name} imports inside a function"


@pytest.mark.parametrize("name", [name for name in TREES if name.split(".", 1)[0] in LIBRARIES])
def test_the_ground_floor_uses_only_its_own_libraries(name: str) -> None:
    floor = name.split(".", 1)[0]
    tops = {other.split(".")[0] for other in imported(name, TREES[name][1])}
    assert tops <= LIBRARIES[floor] | set(sys.stdlib_module_names) | {floor}


@pytest.mark.parametrize("name", TREES)
def test_rooms_are_small_enough_to_walk_through(name: str) -> None:
    path, tree = TREES[name]
    lines = path.read_text(encoding="utf8").count("\n")
    assert lines <= MODULE_LINES, f"{name} has {lines} lines: does one room hold two trades?"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            has_docstring = len(node.body) > 1 and ast.get_docstring(node) is not None
            length = (node.end_lineno or 0) - node.body[1 if has_docstring else 0].lineno + 1
            assert length <= FUNCTION_LINES, f"{name}.{node.name} has {length} lines"


READS_THE_WORLD = re.compile(
    r"^(os\.environ|os\.getenv|open|datetime\.(now|today|utcnow)|date\.today|time\.time|.*\.(read_text|read_bytes|now|today)"
    r"|create_engine|httpx\.\w+|socket\.\w+|subprocess\.\w+)$"
)


@pytest.mark.parametrize("name", TREES)
def test_nothing_reads_environment_clock_network_or_disk_at_import(name: str) -> None:
    def calls(nodes: list[ast.stmt]) -> list[ast.expr]:
        found: list[ast.expr] = []
        for statement in nodes:
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef) or is_main_guard(statement):
                continue
            if isinstance(statement, ast.ClassDef):
                found += calls(statement.body)
                continue
            found += [
                n.func for n in ast.walk(statement) if isinstance(n, ast.Call) and not inside_lambda(statement, n)
            ]
            found += [n for n in ast.walk(statement) if isinstance(n, ast.Attribute) and ast.unparse(n) == "os.environ"]
        return found

    world = [ast.unparse(call) for call in calls(TREES[name][1].body) if READS_THE_WORLD.match(ast.unparse(call))]
    assert not world, f"{name} at import: {world}"


def is_main_guard(statement: ast.stmt) -> bool:
    """Whether the statement is `if __name__ == "__main__":`."""
    return isinstance(statement, ast.If) and "__name__" in ast.unparse(statement.test)


def inside_lambda(statement: ast.stmt, call: ast.Call) -> bool:
    """Whether the call runs only when a lambda is called."""
    return any(call in ast.walk(node) for node in ast.walk(statement) if isinstance(node, ast.Lambda))


@pytest.mark.parametrize("name", [name for name in TREES if name.split(".", 1)[0] == "cases"])
def test_the_trade_is_told_the_time(name: str) -> None:
    for node in ast.walk(TREES[name][1]):
        if isinstance(node, ast.Call):
            assert not re.search(r"(datetime\.(now|today|utcnow)|date\.today|time\.time)$", ast.unparse(node.func))


@pytest.mark.parametrize("name", [name for name in TREES if name.startswith("dashboard")])
def test_javascript_lives_in_files(name: str) -> None:
    for node in ast.walk(TREES[name][1]):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert not re.search(r"function\s*\(|=>\s*[{(]|\bdocument\.\w+\(", node.value), f"{name}:{node.lineno}"


@pytest.mark.parametrize("name", [name for name in TREES if name.startswith("dashboard.views")])
def test_drawing_reads_nothing(name: str) -> None:
    for other in imported(name, TREES[name][1]):
        assert not f"{other}.".startswith(("data.", "dashboard.board", "dashboard.stream", "sqlalchemy")), (
            f"{name} reads {other}"
        )


@pytest.mark.parametrize("name", [name for name in TREES if name.split(".", 1)[0] == "dashboard"])
def test_the_dashboard_writes_no_sql(name: str) -> None:
    statements = {"select", "insert", "update", "delete", "text"}
    for node in ast.walk(TREES[name][1]):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy"):
            assert not statements & {alias.name for alias in node.names}, f"{name} writes SQL: that is data's trade"


def test_the_top_level_holds_only_what_the_readme_names() -> None:
    allowed = {"assets", "cases", "dashboard", "data", "deploy", "docs", "geo", "tests", "var", "wheelhouse"}
    files = {"requirements.txt", "requirements-dev.txt", "constraints.txt", "pyproject.toml", "Makefile"}
    files |= {"README.md", "README.zh-CN.md", "CHANGELOG.md", "LICENSE", "CONTRIBUTING.md", "compose.yaml"}
    for path in ROOT.iterdir():
        if not path.name.startswith((".", "__")):
            assert path.name in (allowed if path.is_dir() else files), f"{path.name} has no place at the top level"


def test_the_project_names_no_machine_and_no_package_host() -> None:
    # Split, so that this file does not find itself.
    foreign = re.compile(
        "|".join(["pypi" + r"\.org", "python" + "hosted", "npm" + r"js\.", r"deb\.deb" + "ian", "/wo" + "rk/"])
    )
    for path in ROOT.rglob("*"):
        parts = path.relative_to(ROOT).parts
        if path.is_dir() or parts[0] in {".git", ".venv", "var"} or parts[0].startswith(".") or "__pycache__" in parts:
            continue
        if path.suffix in {".py", ".md", ".toml", ".txt", ".js", ".css", ".csv", ".sh", ".yaml", ""}:
            found = foreign.search(path.read_text(encoding="utf8", errors="ignore"))
            assert not found, f"{path.relative_to(ROOT)} names {found.group()}"
