"""An officer in a process of its own: accepts cases of one subject in a database where others do so as well."""

import sys

from cases.desk import EventRequest
from data.engine import open_engine
from data.store import SqlCaseStore
from tests.cases.factories import MINUTE, START, a_desk


def main(url: str, numbers: list[str]) -> None:
    """Say that it is ready, wait for a line, then accept the cases one after the other."""
    engine = open_engine(url)
    desk = a_desk(SqlCaseStore(engine))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    for number in numbers:
        desk.record(number, EventRequest("accepted", START + 5 * MINUTE, "zhzf"), START + 6 * MINUTE)
    engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
