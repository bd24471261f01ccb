"""Who plays whom: a step as it is sent, with the numbers that cases were given and the departments that really act.

A story is told before anybody knows whether a ruling or an arrangement has put another department in charge. The
server's answer to the report says it; then the two change parts in everything that follows.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from dashboard.simulation.story import Step

OTHER_CASES = ("into", "not_duplicate_of")


@dataclass(frozen=True, slots=True)
class Casting:
    """Two departments that have changed parts.

    Attributes
    ----------
    codes
        Code to the code of whoever plays it.
    words
        The same for the names that are spoken.
    """

    codes: Mapping[str, str]
    words: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def swap(cls, one: str, other: str, names: Mapping[str, str]) -> Self:
        """Let two departments change parts; names that are not known stay as they are."""
        spoken = (names.get(one), names.get(other))
        words = {spoken[0]: spoken[1], spoken[1]: spoken[0]} if all(spoken) else {}
        return cls({one: other, other: one}, {str(a): str(b) for a, b in words.items()})

    def play(self, value: Any) -> Any:
        """Rewrite codes and names in a text, a list or an object."""
        if isinstance(value, str):
            if value in self.codes:
                return self.codes[value]
            pattern = "|".join(map(re.escape, self.words))
            return re.sub(pattern, lambda found: self.words[found[0]], value) if pattern else value
        if isinstance(value, Mapping):
            return {key: self.play(inner) for key, inner in value.items()}
        return value


def cast(step: Step, numbers: Mapping[str, str], casting: Casting | None = None) -> Step:
    """Give an event as it is sent: keys of other cases become numbers, and parts are played by those who have them."""
    body = {key: numbers.get(value, value) if key in OTHER_CASES else value for key, value in step.body.items()}
    if casting is None:
        return replace(step, body=body)
    return replace(
        step, body=casting.play(body), actor=casting.play(step.actor), department=casting.play(step.department)
    )
