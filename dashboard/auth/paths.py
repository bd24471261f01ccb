"""Finding the row of a request: by method and path, at the cost of a look into a dictionary and a few patterns."""

import re
from collections.abc import Mapping

from dashboard.auth.roles import ROUTES, Row

DEEP = frozenset({"path", "fingerprinted_path"})
"""Places in a path that hold slashes."""


def pattern(template: str) -> re.Pattern[str]:
    """Make a pattern of a path with places: ``/cases/{number}``, or ``/case/<number>`` as pages write it."""
    parts = re.split(r"[{<](\w+)[}>]", template)
    written = [
        re.escape(part) if n % 2 == 0 else f"(?P<{part}>{'.*' if part in DEEP else '[^/]+'})"
        for n, part in enumerate(parts)
    ]
    return re.compile("".join(written) + "/?")


class Table:
    """The rows of all routes, ready to be looked up."""

    def __init__(self, routes: Mapping[tuple[str, str], Row] = ROUTES) -> None:
        self._plain = {key: row for key, row in routes.items() if "{" not in key[1]}
        self._patterns = [(method, pattern(path), path, row) for (method, path), row in routes.items() if "{" in path]

    def row(self, method: str, path: str) -> Row | None:
        """Give the row of a request; None when it has none."""
        return self.find(method, path)[1]

    def find(self, method: str, path: str) -> tuple[str, Row | None]:
        """Give the path of the route as it is written in the table, and its row; nothing when it has none."""
        method = "GET" if method == "HEAD" else method
        found = self._plain.get((method, path))
        if found is not None:
            return path, found
        fitting = (
            (written, row) for own, shape, written, row in self._patterns if own == method and shape.fullmatch(path)
        )
        return next(fitting, ("", None))


class Pages:
    """The addresses of pages, and which callback is whose.

    Parameters
    ----------
    addresses
        Name of a page to its path or template.
    """

    def __init__(self, addresses: Mapping[str, str]) -> None:
        self._patterns = [(name, pattern(path) if path != "/" else re.compile("/")) for name, path in addresses.items()]
        self.callbacks: dict[str, frozenset[str]] = {}
        self.takes: dict[str, tuple[int, int]] = {}
        """How many inputs and states each callback is given."""

    def find(self, path: str) -> tuple[str, Mapping[str, str]]:
        """Give the page of a path and what stands in its places; ``not_found`` for any other."""
        for name, shape in self._patterns:
            found = shape.fullmatch(path)
            if found:
                return name, found.groupdict()
        return "not_found", {}
