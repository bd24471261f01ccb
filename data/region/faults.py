"""What is wrong with a pack: every fault names its file, row, column, value, place and the way out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypedDict, Unpack

from geo.coverage import Fault as AreaFault
from geo.coverage import Severity


@dataclass(frozen=True, slots=True)
class TableFault:
    """One thing that is wrong with a pack.

    Attributes
    ----------
    kind
        Short name of the fault; those of areas are `geo.coverage.FaultKind`.
    file
        Name of the file in the pack.
    sentence
        What is wrong and the way out.
    row, column, value
        Where in the file: the row as an editor counts it (the header is 1), or the number of the feature.
    layer, codes, place, size_m2
        For areas: see `geo.coverage.Fault`.
    """

    severity: Severity
    kind: str
    file: str
    sentence: str
    row: int | None = None
    column: str | None = None
    value: str | None = None
    layer: str | None = None
    codes: tuple[str, ...] = ()
    place: tuple[float, float] | None = None
    size_m2: float | None = None

    @property
    def where(self) -> str:
        """File, row, column and place in one phrase."""
        parts = [self.file]
        parts += [f"row {self.row}"] if self.row is not None else []
        parts += [f"column {self.column}"] if self.column else []
        parts += [f"at ({self.place[0]:.6f}, {self.place[1]:.6f})"] if self.place else []
        return ", ".join(parts)

    def __str__(self) -> str:
        value = f"{self.value!r} " if self.value else ""
        return f"{self.where}: {value}{self.sentence}"


class Where(TypedDict, total=False):
    """Where in a file a fault stands, as far as that can be said."""

    row: int | None
    column: str | None
    value: object


@dataclass(slots=True)
class Report:
    """All faults of a pack, and how much was looked at.

    Attributes
    ----------
    counts
        What was read, by name: areas of each layer, departments, units, matters ...
    """

    faults: list[TableFault] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def __iter__(self) -> Iterator[TableFault]:
        return iter(self.faults)

    def __len__(self) -> int:
        return len(self.faults)

    @property
    def errors(self) -> list[TableFault]:
        """The faults with which a pack must not be used."""
        return [fault for fault in self.faults if fault.severity is Severity.ERROR]

    @property
    def sound(self) -> bool:
        """Whether there is no error."""
        return not self.errors

    def error(self, kind: str, file: str, sentence: str, **where: Unpack[Where]) -> None:
        """Note an error of a file."""
        self._note(Severity.ERROR, kind, file, sentence, where)

    def warn(self, kind: str, file: str, sentence: str, **where: Unpack[Where]) -> None:
        """Note a warning of a file."""
        self._note(Severity.WARNING, kind, file, sentence, where)

    def _note(self, severity: Severity, kind: str, file: str, sentence: str, where: Where) -> None:
        value = where.get("value")
        shown = None if value is None else str(value)[:80]
        self.faults.append(TableFault(severity, kind, file, sentence, where.get("row"), where.get("column"), shown))

    def add_areas(self, file: str, faults: Iterable[AreaFault]) -> None:
        """Note what the map found wrong with a layer."""
        for fault in faults:
            self.faults.append(
                TableFault(
                    fault.severity,
                    str(fault.kind),
                    file,
                    fault.sentence,
                    layer=fault.layer,
                    codes=fault.codes,
                    place=fault.place,
                    size_m2=fault.size_m2,
                )
            )


class RegionError(Exception):
    """A pack that cannot be used; the message names file, row, column, value and the way out.

    Attributes
    ----------
    faults
        Every error that was found, the first of which is the message.
    """

    def __init__(self, folder: str, faults: Iterable[TableFault]) -> None:
        self.faults = tuple(faults)
        more = f" ({len(self.faults) - 1} more: region check {folder})" if len(self.faults) > 1 else ""
        super().__init__(f"The region pack {folder} cannot be used. {self.faults[0]}{more}")
