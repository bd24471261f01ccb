"""Parquet and GeoParquet of any size as batches."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import parquet

from data.placing.errors import PlacingError

BATCH_ROWS = 1 << 16
BUFFER_BYTES = 1 << 20
MAGIC = b"PAR1"


class ParquetSource:
    """A Parquet file.

    Parameters
    ----------
    groups
        The row groups that are read, from the first up to but without the second; all by default.

    Attributes
    ----------
    total
        Rows that are read, which `batches` counts up to.

    Raises
    ------
    PlacingError
        The file cannot be read as Parquet.
    """

    delimiter = ","

    def __init__(self, path: Path, groups: tuple[int, int] | None = None) -> None:
        self.path = path
        try:
            # Without the buffer a whole column of a row group is held at once, however large its writer made it.
            self._file = parquet.ParquetFile(path, buffer_size=BUFFER_BYTES, pre_buffer=False)
        except (pa.ArrowInvalid, OSError) as problem:
            raise PlacingError(f"{path.name} cannot be read as Parquet: {problem}.") from problem
        self.schema = self._file.schema_arrow
        footer = self._file.metadata
        self._groups = range(*groups) if groups else range(footer.num_row_groups)
        self.total = sum(self.group_rows(group) for group in self._groups)

    @property
    def groups(self) -> int:
        """Number of row groups in the file."""
        return int(self._file.metadata.num_row_groups)

    def group_rows(self, group: int) -> int:
        """Give the number of rows of a row group."""
        return int(self._file.metadata.row_group(group).num_rows)

    def close(self) -> None:
        """Close the file, which `batches` does at its end."""
        self._file.close()

    def batches(self) -> Iterator[tuple[pa.RecordBatch, NDArray[np.bool_] | None, int]]:
        """Give batch after batch: rows, None (all of them have as many cells as columns), rows read so far."""
        done = 0
        with self._file:
            try:
                for batch in self._file.iter_batches(BATCH_ROWS, row_groups=self._groups):
                    done += len(batch)
                    yield batch, None, done
            except (pa.ArrowInvalid, OSError) as problem:
                raise PlacingError(f"{self.path.name} is damaged after row {done}: {problem}.") from problem
