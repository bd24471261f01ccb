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

    Attributes
    ----------
    total
        Rows of the file, which `batches` counts up to.

    Raises
    ------
    PlacingError
        The file cannot be read as Parquet.
    """

    delimiter = ","

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            # Without the buffer a whole column of a row group is held at once, however large its writer made it.
            self._file = parquet.ParquetFile(path, buffer_size=BUFFER_BYTES, pre_buffer=False)
        except (pa.ArrowInvalid, OSError) as problem:
            raise PlacingError(f"{path.name} cannot be read as Parquet: {problem}.") from problem
        self.schema = self._file.schema_arrow
        self.total: int = self._file.metadata.num_rows

    def batches(self) -> Iterator[tuple[pa.RecordBatch, NDArray[np.bool_] | None, int]]:
        """Give batch after batch: rows, None (all of them have as many cells as columns), rows read so far."""
        done = 0
        with self._file:
            try:
                for batch in self._file.iter_batches(BATCH_ROWS):
                    done += len(batch)
                    yield batch, None, done
            except (pa.ArrowInvalid, OSError) as problem:
                raise PlacingError(f"{self.path.name} is damaged after row {done}: {problem}.") from problem
