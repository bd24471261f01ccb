"""A writer in a process of its own: stores cases in a database that others write to as well."""

import sys

from data.engine import open_engine
from data.store import SqlCaseStore
from tests.data.samples import add, comment


def main(url: str, name: str, cases: int) -> None:
    """Store so many cases, each with a comment, and say which revisions they got."""
    engine = open_engine(url)
    store = SqlCaseStore(engine)
    for count in range(cases):
        state = comment(store, add(store, f"{name}-{count}"))
        sys.stdout.write(f"{state.number} {state.revision}\n")
    engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
