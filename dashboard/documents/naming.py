"""What the codes of a result are called in an official document: full names, as they were on that day."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from cases.lists import Lists, ListVersion
from cases.organisation import COMMAND, TOWNSHIP
from cases.result import UnifiedResult
from dashboard.text import LANGUAGES, say
from data.region import Region

ENGLISH = LANGUAGES[1]
LAYERS = {"township": "township", "village": "village", "cell": "grid"}
SUBDISTRICT = "街道"


@dataclass(frozen=True, slots=True)
class Names:
    """Names of a region in one language."""

    region: Region
    lists: Callable[[], Lists]
    language: str

    def version(self, result: UnifiedResult) -> ListVersion | None:
        """Give the lists that routed the case; None for a version that nobody has any more."""
        lists = self.lists()
        return lists.version(result.list_version) if result.list_version in lists else None

    def matter(self, result: UnifiedResult) -> str:
        """Give the name of the matter."""
        version = self.version(result)
        known = version.matters.get(result.matter) if version else None
        if known is None:
            return result.matter
        return (self.language == ENGLISH and known.name_en) or known.name

    def basis(self, result: UnifiedResult) -> str:
        """Give the law that the list names for the matter; empty where it names none."""
        version = self.version(result)
        known = version.matters.get(result.matter) if version else None
        return known.basis if known else ""

    def place(self, result: UnifiedResult) -> str:
        """Give township and finest area of the place, by the boundaries of the day on which it occurred."""
        finest = next((field for field in ("cell", "village") if getattr(result, field)), None)
        fields = [field for field in ("township", finest) if field]
        said = [self._area(field, getattr(result, field), result.occurred_at) for field in fields]
        between = ", " if self.language == ENGLISH else ""
        return between.join(name for name in said if name) or say("place.nowhere", self.language)

    def department(self, code: str) -> str:
        """Give the full name of a department; the code itself where it is not known."""
        known = self.region.organisation.departments.get(code)
        if known is None:
            return code
        return (self.language == ENGLISH and known.name_en) or known.name

    def body(self, department: str, result: UnifiedResult) -> str:
        """Give the name of the body that speaks: what every township has is called by the township's own name."""
        township = self._area("township", result.township, result.occurred_at)
        if department not in (TOWNSHIP, COMMAND) or not township:
            return self.department(department)
        if department == COMMAND:
            return say("result.command_issuer", self.language, name=township)
        kind = "subdistrict" if township.endswith(SUBDISTRICT) else "township"
        return say(f"result.{kind}_issuer", self.language, name=township)

    def unit(self, code: str | None, at: datetime) -> str:
        """Give the name of a stationed unit on a day; units have no English names."""
        if code is None:
            return ""
        found = self.region.organisation.unit(code, self.region.local_day(at))
        return found.name if found else code

    def source(self, code: str) -> str:
        """Give the name of a reporting source."""
        known = self.region.sources.get(code)
        if known is None:
            return code
        return (self.language == ENGLISH and known.name_en) or known.name

    def _area(self, field: str, code: str | None, at: datetime) -> str:
        layer = self.region.layers.get(LAYERS[field])
        if code is None or layer is None:
            return ""
        # A case that was moved by new boundaries may stand in an area that was not there yet when it occurred.
        found = layer.by_code(code, self.region.local_day(at)) or layer.by_code(code)
        if found is None:
            return code
        return str((self.language == ENGLISH and found.attributes.get("name_en")) or found.name)
