"""spectra.parquet of a web, read in pieces."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from layoutgen.errors import DocumentError, Problem
from layoutgen.lot.table import CELL, REPEAT, arrow

FILE: Final = "spectra.parquet"
_ROWS: Final = 1 << 13


@dataclass(frozen=True, slots=True)
class Spectra:
    """Some spectra: where their cells are, whether they are valid, ohm cm2."""

    repeat: NDArray[np.int32]
    cell: NDArray[np.int32]
    valid: NDArray[np.bool_]
    z: NDArray[np.complex128]


class SpectraTable:
    """The file; its frequencies and how many spectra it holds are known when it is opened.

    Raises:
        DocumentError: it is not there, is truncated, or is none.
    """

    def __init__(self, path: Path) -> None:
        self._pa = arrow()
        self._path = path
        try:
            self._file = self._pa.parquet.ParquetFile(path)
            about: dict[str, Any] = json.loads(self._file.schema_arrow.metadata[b"layoutgen"])
            self.frequency_hz: NDArray[np.float64] = np.array(about["frequency_hz"])
        except FileNotFoundError as error:
            what = "holds no spectra"
            raise DocumentError(
                Problem(what, str(path.parent), remedy="layoutgen test read of a CSV of spectra")
            ) from error
        except (OSError, self._pa.ArrowException, KeyError, TypeError, ValueError) as error:
            raise DocumentError(Problem(f"is no table of spectra, or is truncated: {error}", str(path))) from error

    @property
    def count(self) -> int:
        return int(self._file.metadata.num_rows)

    def one(self, repeat: int, cell: int) -> dict[str, Any] | None:
        """The row of a cell, columns by name; None where it has no spectrum.

        Raises:
            DocumentError: the file is damaged.
        """
        filters = [(REPEAT.name, "=", repeat), (CELL.name, "=", cell)]
        try:
            rows = self._pa.parquet.read_table(self._path, filters=filters).to_pylist()
        except (OSError, self._pa.ArrowException) as error:
            raise _damaged(error, self._path) from error
        return rows[0] if rows else None

    def pieces(self) -> Iterator[Spectra]:
        """The spectra in the order of the web.

        Raises:
            DocumentError: the file is damaged.
        """
        names = [REPEAT.name, CELL.name, "valid", "re_ohm_cm2", "im_ohm_cm2"]
        try:
            for batch in self._file.iter_batches(batch_size=_ROWS, columns=names):
                real, imaginary = (
                    batch.column(n).flatten().to_numpy().reshape(batch.num_rows, -1).astype(np.float64)
                    for n in (3, 4)
                )
                plain = [batch.column(n).to_numpy(zero_copy_only=False) for n in (0, 1, 2)]
                yield Spectra(plain[0], plain[1], plain[2], real + 1j * imaginary)
        except (OSError, self._pa.ArrowException) as error:
            raise _damaged(error, self._path) from error


def _damaged(error: Exception, path: Path) -> DocumentError:
    return DocumentError(Problem(f"is damaged: {str(error).splitlines()[0][:160]}", str(path)))
