"""The report of an import: every row of the sheet once, with what became of it and why, beside its own columns."""

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from data.bulk.importing import Outcome, RowResult, as_text
from data.formulas import defused

COLUMNS = ("row", "outcome", "number", "reason", "flags", "areas")


def write_report(path: Path, header: Sequence[str], results: Iterable[RowResult]) -> Counter[Outcome]:
    """Write results as they come and count them by outcome.

    UTF-8 with a byte order mark, which Excel needs to show Chinese. Each row is written before the next one is
    imported, so that an interrupted import leaves a report of what it did.
    """
    counts: Counter[Outcome] = Counter()
    with path.open("w", encoding="utf-8-sig", newline="", buffering=1) as file:
        writer = csv.writer(file)
        writer.writerow((*COLUMNS, *map(defused, header)))
        for result in results:
            counts[result.outcome] += 1
            areas = ";".join(f"{layer}={code}" for layer, code in result.areas.items())
            written = (result.row.number, result.outcome, result.number, result.reason, ";".join(result.flags), areas)
            cells = (as_text(cell) for cell in result.row.cells)
            writer.writerow(defused(str(one or ""), numbers=False) for one in (*written, *cells))
    return counts
