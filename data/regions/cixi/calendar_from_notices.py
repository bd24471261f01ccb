"""Write calendar.csv: each day on which China's working days differ from Monday to Friday, and the notice that says so.

The days come from the package chinesecalendar, which transcribes the State Council's yearly notices. One of them is
corrected here: the notice for 2006 made Saturday 2005-12-31 a working day, the package leaves it a day off.

Run again when a new notice is out and the package knows it: ``python data/regions/cixi/calendar_from_notices.py``.
"""

import csv
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import chinese_calendar

FIRST_YEAR, LAST_YEAR = 2004, 2026

CORRECTED: dict[date, bool] = {date(2005, 12, 31): True}

# Three days off come from a notice of their own and not from the yearly one.
OWN_NOTICES: dict[date, str] = {
    date(2015, 9, 3): "国务院关于中国人民抗日战争暨世界反法西斯战争胜利70周年纪念日调休放假的通知",
    date(2015, 9, 4): "国务院关于中国人民抗日战争暨世界反法西斯战争胜利70周年纪念日调休放假的通知",
    date(2015, 9, 6): "国务院关于中国人民抗日战争暨世界反法西斯战争胜利70周年纪念日调休放假的通知",
    date(2020, 1, 31): "国务院办公厅关于延长2020年春节假期的通知",
}


class Difference(NamedTuple):
    """One row of calendar.csv."""

    day: date
    is_workday: bool
    kind: str
    notice: str


def notice_for(day: date) -> str:
    """Name the notice that moved a day; the last days of December belong to the notice of the year that follows."""
    if day in OWN_NOTICES:
        return OWN_NOTICES[day]
    year = day.year + 1 if day.month == 12 else day.year
    return f"国务院办公厅关于{year}年部分节假日安排的通知"


def is_workday(day: date) -> bool:
    """Say whether people work on that day; raises NotImplementedError in a year that the package does not know."""
    return CORRECTED.get(day, bool(chinese_calendar.is_workday(day)))


def differences(first_year: int = FIRST_YEAR, last_year: int = LAST_YEAR) -> Iterator[Difference]:
    """Give the days that differ from Monday to Friday, in order."""
    day = date(first_year, 1, 1)
    while day.year <= last_year:
        weekday = day.weekday() < 5
        works = is_workday(day)
        if works != weekday:
            yield Difference(day, works, "make_up" if works else "holiday", notice_for(day))
        day += timedelta(days=1)


def write(path: Path) -> int:
    """Write the file and give the number of its rows."""
    rows = list(differences())
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("date", "is_workday", "kind", "notice"))
        writer.writerows((row.day.isoformat(), int(row.is_workday), row.kind, row.notice) for row in rows)
    return len(rows)


if __name__ == "__main__":
    target = Path(__file__).with_name("calendar.csv")
    sys.stdout.write(f"{write(target)} days written to {target}\n")
