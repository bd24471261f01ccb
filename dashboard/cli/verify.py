"""`verify`: prove that the memory of cases is whole, or name what is not."""

import json
import sys
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console

from dashboard.cli.progress import telling
from dashboard.settings import Settings, SettingsError
from data.engine import is_current, open_engine
from data.region import RegionError, load
from data.verifying import BadAnchor, NotUpToDate, Verified, read_anchor, verify


def verify_all(
    first: Annotated[int, typer.Option("--from", min=1, help="Revision to begin with.")] = 1,
    anchor: Annotated[str | None, typer.Option(help="REVISION:HASH that was written down outside.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write the outcome as JSON.")] = False,
    region: Annotated[str | None, typer.Option(help="Region pack: a name or a folder.  [ONEMAP_REGION]")] = None,
    database_url: Annotated[str | None, typer.Option(help="Where cases are kept.  [ONEMAP_DATABASE_URL]")] = None,
) -> None:
    """Prove the chain of events, and that every table and clock says what the events say: docs/backup.md.

    The hub may go on working. Ends with code 1 when something is wrong, and names it.
    """
    console, done = Console(stderr=True, highlight=False), [first - 1]
    options = {"region": region, "database_url": database_url}
    try:
        wanted = read_anchor(anchor) if anchor else None
        settings = Settings(**{name: value for name, value in options.items() if value is not None})
        calendar = load(settings.region_folder()).calendar
        engine = open_engine(settings.database_url)
        try:
            if not is_current(engine):
                raise NotUpToDate(
                    "The tables are of another version than this program; start the hub once, or `serve`."
                )
            with telling(console, "Verifying", "revisions") as tell:

                def move(at: int, of: int) -> None:
                    done[0] = at
                    tell(at, of)

                found = verify(engine, calendar, first, wanted, move)
        finally:
            engine.dispose()
    except (BadAnchor, NotUpToDate, SettingsError, RegionError) as error:
        console.print(str(error), soft_wrap=True, markup=False)
        sys.exit(2)
    except KeyboardInterrupt:
        console.print(f"Stopped. To go on: verify --from {done[0] + 1}", soft_wrap=True)
        sys.exit(130)
    if as_json:
        sys.stdout.write(json.dumps(as_data(found), ensure_ascii=False, indent=2) + "\n")
    else:
        say(found, Console(highlight=False))
    sys.exit(0 if found.is_whole else 1)


def as_data(found: Verified) -> dict[str, Any]:
    """Write the outcome as JSON values."""
    return {
        "whole": found.is_whole,
        "from": found.first,
        "to": found.last,
        "anchor": str(found.anchor) if found.anchor else None,
        "cases": found.cases,
        "seconds": round(found.seconds, 2),
        "faults": [asdict(fault) | {"way_out": fault.way_out} for fault in found.faults],
        "more": found.more,
    }


def say(found: Verified, console: Console) -> None:
    """Write the outcome for people."""
    for fault in found.faults:
        at = " ".join(filter(None, (f"revision {fault.revision}" if fault.revision else "", fault.number)))
        console.print(f"{fault.what}: {at or 'database'}: {fault.detail}", soft_wrap=True, markup=False)
    if found.more:
        console.print(f"and {found.more} more", soft_wrap=True)
    for way in dict.fromkeys(fault.way_out for fault in found.faults):
        what = ", ".join(dict.fromkeys(fault.what for fault in found.faults if fault.way_out == way))
        console.print(f"What to do ({what}): {way}", soft_wrap=True, markup=False)
    verdict = "whole" if found.is_whole else f"{len(found.faults) + found.more} faults"
    console.print(
        f"Revisions {found.first} to {found.last}, {found.cases} cases: {verdict}.", soft_wrap=True, markup=False
    )
    if found.anchor:
        console.print(f"Anchor: {found.anchor}", soft_wrap=True)
