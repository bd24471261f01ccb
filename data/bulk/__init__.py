"""Reading cases in bulk: sheets become reports, go through the same desk as every other report, and none is lost."""

from data.bulk.errors import BulkError
from data.bulk.importing import Outcome, RowResult, import_rows
from data.bulk.mapping import CaseMapping, read_mapping
from data.bulk.report import write_report
from data.bulk.sheet import Sheet, SheetRow, open_sheet

__all__ = [
    "BulkError",
    "CaseMapping",
    "Outcome",
    "RowResult",
    "Sheet",
    "SheetRow",
    "import_rows",
    "open_sheet",
    "read_mapping",
    "write_report",
]
