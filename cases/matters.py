"""The three lists: what can be reported, which platform counts it, which departments the lists name for it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from difflib import get_close_matches
from enum import StrEnum

from cases.errors import BadList, UnknownMatter
from cases.guides import Guide


class Platform(StrEnum):
    """The four platforms; every matter belongs to one."""

    PUBLIC_ORDER = "public_order"
    MARKET = "market"
    ENFORCEMENT = "enforcement"
    CONVENIENCE = "convenience"


class Domain(StrEnum):
    """The ten fields in which units are stationed in townships, and one for everything else."""

    MARKET_REGULATION = "market_regulation"
    INTEGRATED_ENFORCEMENT = "integrated_enforcement"
    HEALTH_SUPERVISION = "health_supervision"
    NATURAL_RESOURCES = "natural_resources"
    TRANSPORT = "transport"
    ECOLOGY_ENVIRONMENT = "ecology_environment"
    PUBLIC_SECURITY = "public_security"
    PROCURATORATE = "procuratorate"
    COURT = "court"
    JUSTICE = "justice"
    OTHER = "other"


class MatterKind(StrEnum):
    """The list that names a matter, in the order in which the lists are asked."""

    ONE_THING = "one_thing"
    TERRITORIAL = "territorial"
    POWER = "power"


@dataclass(frozen=True, slots=True)
class Matter:
    """An item of one of the lists.

    Attributes
    ----------
    category
        Five digits of GB/T 47678.5, or None.
    lead
        Code of the department that the list names first; None leaves the matter to the township's command room. A
        power is exercised by the township itself: its lead in this sense is the department that guides.
    coordinating
        Codes of the departments that must come on site, in the order of the list.
    checks
        What each department checks, by its code.
    clause
        The words of the list that name the departments; they are shown and read aloud.
    department_duty, township_duty
        What the territorial list asks of the department and of the township, clause by clause.
    basis
        The law behind it.
    field
        The field of the power list that the matter belongs to.
    guide
        How a power is exercised; None for matters of the other lists.
    """

    code: str
    name: str
    kind: MatterKind
    platform: Platform
    domain: Domain = Domain.OTHER
    name_en: str = ""
    category: str | None = None
    lead: str | None = None
    coordinating: tuple[str, ...] = ()
    checks: Mapping[str, str] = dataclass_field(default_factory=dict)
    department_duty: tuple[str, ...] = ()
    township_duty: tuple[str, ...] = ()
    basis: str = ""
    clause: str = ""
    field: str = ""
    guide: Guide | None = None


class Matters:
    """All matters of a region at one version of its lists.

    Parameters
    ----------
    matters
        The items of all lists. Where two lists hold the same code, the one-things go before the territorial list
        and that before the power list.
    version
        Version of the lists; a case keeps the version that routed it.

    Raises
    ------
    BadList
        One list holds the same code twice.
    """

    def __init__(self, matters: Iterable[Matter], version: str = "") -> None:
        self.version = version
        self._by_code: dict[str, Matter] = {}
        order = list(MatterKind)
        for matter in sorted(matters, key=lambda one: order.index(one.kind)):
            known = self._by_code.setdefault(matter.code, matter)
            if known is not matter and known.kind is matter.kind:
                raise BadList(f"The {matter.kind} list holds {matter.code} twice: {known.name} and {matter.name}.")

    def __iter__(self) -> Iterator[Matter]:
        return iter(self._by_code.values())

    def __len__(self) -> int:
        return len(self._by_code)

    def __contains__(self, code: object) -> bool:
        return code in self._by_code

    def get(self, code: str) -> Matter | None:
        """Give the matter with a code, or None."""
        return self._by_code.get(code)

    def matter(self, code: str) -> Matter:
        """Give the matter with a code; raises UnknownMatter with the nearest codes."""
        found = self._by_code.get(code)
        if found is None:
            near = get_close_matches(code, self._by_code, n=3)
            hint = (
                f"did you mean {', '.join(near)}?" if near else f"the lists hold {len(self)} codes, see /api/v1/region."
            )
            raise UnknownMatter(f"No list holds the matter {code[:64]!r}; {hint}")
        return found

    def of_kind(self, kind: MatterKind) -> tuple[Matter, ...]:
        """Give the matters that one list names, in its order."""
        return tuple(matter for matter in self if matter.kind is kind)
