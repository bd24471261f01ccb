"""Files of lists as offices write them, and a region to read them for: that of `tests.region.packs`."""

import csv
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl

from data.lists import Wanted

HEADER = (
    "code", "name", "name_en", "platform", "domain", "category", "department", "department_duty", "township_duty",
    "basis", "clause",
)  # fmt: skip
LITTER = (
    "SD-01", "暴露垃圾", "Litter", "enforcement", "", "", "zhzf", "查处", "清理", "《城乡规划法》第六十五条", "第1项",
)  # fmt: skip
"""The row that the pack has."""
NOISE = (
    "SD-02", "噪声扰民", "Noise", "enforcement", "ecology_environment", "06028", "sthj", "到场检测;立案查处",
    "劝导；登记", "《中华人民共和国治安管理处罚法》第八十八条", "第2项：生态环境分局主管。",
)  # fmt: skip


def csv_file(folder: Path, rows: Iterable[Sequence[str]], *, encoding: str = "utf-8", header: Any = HEADER) -> Path:
    """Write a CSV file."""
    path = folder / "list.csv"
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def workbook(folder: Path, rows: Iterable[Sequence[Any]], *merged: str) -> Path:
    """Write an Excel workbook and merge blocks of its cells."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    for block in merged:
        book.active.merge_cells(block)
    path = folder / "list.xlsx"
    book.save(path)
    return path


def wanted(file: Path, name: str = "territorial", **changed: Any) -> Wanted:
    """Ask for a version from 2026-12-01 on."""
    head: dict[str, Any] = {"version": "8", "effective_from": date(2026, 12, 1), "source": "县政府通告第8号"}
    return Wanted(file, name, **(head | changed))


def changed(row: Sequence[str], **cells: str) -> tuple[str, ...]:
    """Give a row with other cells."""
    return tuple(cells.get(column, cell) for column, cell in zip(HEADER, row, strict=True))
