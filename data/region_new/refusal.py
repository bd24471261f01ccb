"""Why no pack was made."""

from collections.abc import Iterable


class Refused(Exception):
    """The files cannot become a pack; nothing was written.

    Attributes
    ----------
    reasons
        One sentence for each thing that is wrong, with the way out.
    """

    def __init__(self, reasons: Iterable[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("\n".join(self.reasons))
