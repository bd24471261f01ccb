"""The panel of a case about its results: who issued which round, and whether everybody who reported has it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from cases.events import Event
from dashboard.text import LANGUAGES, WORDS, say
from dashboard.views.names import Book


@dataclass(frozen=True, slots=True)
class Issued:
    """A round: its number, who issued it and when, where it is, and the event that says that it was answered."""

    round: int
    issuer: str
    at: datetime
    urls: Mapping[str, str]
    answered: Event | None


@dataclass(frozen=True, slots=True)
class Reporter:
    """Whoever reported: its own case, and when and by which channel it was given the last result."""

    number: str
    source: str
    at: datetime | None
    channel: str


@dataclass(frozen=True, slots=True)
class Panel:
    """Draws the panel in one language and zone at one moment."""

    book: Book
    language: str
    zone: ZoneInfo
    now: datetime

    def draw(
        self, number: str, rounds: Sequence[Issued], reporters: Sequence[Reporter], result_of: str
    ) -> dict[str, Any]:
        """Write everything that the panel shows; `result_of` is the case whose result answers this one."""
        other = result_of != number
        return {
            "rounds": [self._round(one, last=one is rounds[-1]) for one in reversed(rounds)],
            "reporters": [self._reporter(one) for one in reporters],
            "of": {"href": f"/case/{result_of}", "words": self._say("case.result.of", number=result_of)}
            if other
            else None,
        }

    def _round(self, one: Issued, *, last: bool) -> dict[str, Any]:
        tail = "" if self.language != LANGUAGES[1] else "&lang=en"
        said = ""
        if not last:
            said = self._say("case.result.superseded")
            if one.answered:
                said = f"{self._answered(one.answered)} · {said}"
        return {
            "name": self._say("case.result.round", round=one.round),
            "issued": self._say("case.result.issued", issuer=one.issuer, at=self._at(one.at)),
            "links": [
                {"href": one.urls[name] + tail, "words": self._say(f"case.result.{name}")}
                for name in ("html", "pdf", "check")
            ],
            "answered": said,
        }

    def _reporter(self, one: Reporter) -> dict[str, Any]:
        answered = self._say("case.result.unanswered")
        if one.at is not None:
            answered = self._say("case.result.answered", at=self._at(one.at), channel=self._channel(one.channel))
        return {
            "number": one.number,
            "source": self.book.source(one.source, self.language),
            "answered": answered,
            "open": one.at is None,
        }

    def _answered(self, event: Event) -> str:
        channel = self._channel(str(event.data.get("channel") or ""))
        return self._say("case.result.answered", at=self._at(event.occurred_at), channel=channel)

    def _channel(self, channel: str) -> str:
        key = f"channel.{channel}"
        return self._say(key) if key in WORDS else channel

    def _say(self, key: str, **values: Any) -> str:
        return say(key, self.language, **values)

    def _at(self, instant: datetime) -> str:
        local = instant.astimezone(self.zone)
        return local.strftime("%m-%d %H:%M" if local.year == self.now.astimezone(self.zone).year else "%Y-%m-%d %H:%M")
