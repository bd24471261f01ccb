"""The history for analysis: cases as GeoParquet in months, for DuckDB, SedonaDB, QGIS and geopandas.

`columns` is the schema, `rows` reads cases with what became of their clocks, `parts` puts a month in spatial
order whatever its size, `folder` keeps the description, `history` goes through the months. docs/history-export.md is
for those who read it.
"""

from data.exporting.columns import COLUMNS, SCHEMA
from data.exporting.folder import METADATA, Month, NotAnExport
from data.exporting.history import Export, export_history

__all__ = ["COLUMNS", "METADATA", "SCHEMA", "Export", "Month", "NotAnExport", "export_history"]
