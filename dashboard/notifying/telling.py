"""Making notices: what has happened since, and which clocks have left the green. Blocking; runs in a thread."""

from datetime import datetime

from cases.organisation import UNLISTED
from cases.supervision import Directory, escalations, latest, notices_of
from dashboard.services import Services
from data import notices
from data.region import Region


def directory_of(region: Region) -> Directory:
    """Gather who can be told in a region, on any day."""
    layer = region.layers.get("township")
    return Directory(
        units=frozenset(unit.code for unit in region.organisation.units),
        # Bodies that every township has are told in the township's inbox and the command centre's.
        departments=frozenset(region.organisation.departments) - {body.code for body in UNLISTED},
        townships=frozenset(area.code for area in layer.areas) if layer else frozenset(),
        sources=frozenset(region.sources),
    )


class Teller:
    """Turns events and clocks into notices, each once however many processes do so.

    Parameters
    ----------
    sends
        Whether notices go out through the webhook as well.
    """

    def __init__(self, services: Services, *, sends: bool) -> None:
        self._services, self._sends = services, sends
        self._directory = directory_of(services.region)
        # Keys of what the clocks call for that are known to be kept: spares asking the database for them again.
        self._kept: frozenset[str] = frozenset()

    def begin(self) -> None:
        """Say from where on events are told, if nobody has said so for this database."""
        notices.begin(self._services.engine)

    def step(self) -> None:
        """Tell what is new now; raises what the database raises, and then the next step tells it."""
        now = self._services.now()
        send_at = now if self._sends else None
        self._tell_events(now, send_at)
        self._tell_clocks(now, send_at)

    def _tell_events(self, now: datetime, send_at: datetime | None) -> None:
        engine = self._services.engine
        while not (found := notices.news(engine)).is_empty:
            made = [notice for told in found.told for notice in notices_of(told, self._directory)]
            notices.tell_news(engine, found, made, now, send_at)

    def _tell_clocks(self, now: datetime, send_at: datetime | None) -> None:
        rules = self._services.region.escalations
        if not rules:
            return
        called = latest(escalations(notices.clocks_out_of_time(self._services.engine, now), rules, now))
        fresh = [notice for notice in called if notice.key not in self._kept]
        if fresh:
            notices.tell(self._services.engine, fresh, now, send_at)
        self._kept = frozenset(notice.key for notice in called)
