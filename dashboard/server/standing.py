"""How an application stands when Prometheus asks: read from the board and, in few queries, from the database."""

from collections.abc import Callable, Iterable, Iterator

from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool

from dashboard.duties import NAMES
from dashboard.services import Services
from data import leases, views
from data.engine import reading, version_of
from data.views.operation import running_clocks


class Standing(Collector):
    """The gauges. A database that is away takes only its own away, and says so by `onemap_database_up`."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def describe(self) -> Iterable[Metric]:
        """Nothing beforehand: the registry would ask the database otherwise."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Give what stands."""
        yield from self._of_memory()
        try:
            found = [metric for read in self._reads() for metric in read()]
        except SQLAlchemyError:
            found = []
        yield gauge("onemap_database_up", "Whether the database answered.", int(bool(found)))
        yield from found

    def _reads(self) -> tuple[Callable[[], list[Metric]], ...]:
        return self._lag, self._clocks, self._duties, self._info

    def _of_memory(self) -> Iterator[Metric]:
        services = self._services
        figures = services.board.figures(services.now())
        green = figures["pending"] - figures["amber"] - figures["overdue"]
        levels = {"green": green, "amber": figures["amber"], "red": figures["overdue"]}
        yield labelled("onemap_open_cases", "Pending cases by level.", "level", levels)
        yield gauge("onemap_stream_clients", "Open streams of this process.", services.live.clients)
        current_at = services.live.current_at
        behind = (services.now() - current_at).total_seconds() if current_at else float("nan")
        yield gauge("onemap_board_age_seconds", "Since the board was known to equal the database.", behind)
        pool = services.engine.pool
        if isinstance(pool, QueuePool):
            used = {"used": pool.checkedout(), "idle": pool.checkedin(), "kept": pool.size()}
            yield labelled("onemap_pool_connections", "Connections to the database.", "state", used)

    def _lag(self) -> list[Metric]:
        latest, board = views.latest_revision(self._services.engine), self._services.board.revision
        return [
            gauge("onemap_revision", "Last revision of the database.", latest),
            gauge("onemap_board_lag_revisions", "Revisions that the board has not folded yet.", max(latest - board, 0)),
        ]

    def _clocks(self) -> list[Metric]:
        running = GaugeMetricFamily(
            "onemap_running_clocks", "Clocks that run in pending cases.", labels=("kind", "level")
        )
        for one in running_clocks(self._services.engine, self._services.now()):
            for level in ("green", "amber", "red"):
                running.add_metric((one.kind, level), getattr(one, level))
        return [running]

    def _duties(self) -> list[Metric]:
        services = self._services
        mine = {name: int(services.duties.has(name)) for name in NAMES}
        holders = GaugeMetricFamily("onemap_lease_holder", "Who does what is done once.", labels=("name", "holder"))
        for lease in leases.standing(services.engine):
            holders.add_metric((lease.name, lease.holder), 1)
        return [labelled("onemap_lease_mine", "Whether this process does what is done once.", "name", mine), holders]

    def _info(self) -> list[Metric]:
        services = self._services
        with reading(services.engine) as connection:
            migration = version_of(connection)
        about = {
            "build": services.build,
            "region": services.region.name,
            "database": services.engine.dialect.name,
            "migration": migration or "none",
        }
        return [InfoMetricFamily("onemap", "What runs.", value=about)]


def gauge(name: str, said: str, value: float) -> Metric:
    """Make a gauge without labels."""
    return GaugeMetricFamily(name, said, value=value)


def labelled(name: str, said: str, label: str, values: dict[str, int]) -> Metric:
    """Make a gauge with one label."""
    family = GaugeMetricFamily(name, said, labels=(label,))
    for key, value in values.items():
        family.add_metric((key,), value)
    return family
