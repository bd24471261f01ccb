"""`locate`: say in which areas a point lies, on which day."""

import sys
from datetime import UTC, date, datetime, time
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from dashboard.settings import Settings, SettingsError
from data.region import Region, RegionError, load
from geo.errors import UnknownCRS


def locate(
    x: Annotated[str, typer.Argument(metavar="LON", help="Longitude, or easting.")],
    y: Annotated[str, typer.Argument(metavar="LAT", help="Latitude, or northing.")],
    crs: Annotated[str, typer.Option(help="CRS of the two numbers.")] = "EPSG:4490",
    on: Annotated[str | None, typer.Option(help="Day of the boundaries, such as 2024-11-19; today by default.")] = None,
    region: Annotated[str | None, typer.Option(help="Region pack: a name or a folder.  [ONEMAP_REGION]")] = None,
) -> None:
    """Say in which cell, village and township a point lies, by the boundaries of a day."""
    console = Console(highlight=False)
    try:
        settings = Settings(**({} if region is None else {"region": region}))
        place = load(settings.region_folder())
        day = date.fromisoformat(on) if on else datetime.now(UTC).astimezone(place.zone).date()
        console.print(answer(place, x, y, crs, day))
    except (SettingsError, RegionError, UnknownCRS, ValidationError) as error:
        console.print(str(error), soft_wrap=True, markup=False)
        sys.exit(1)
    except ValueError:
        console.print(f"{on!r} is no day; write it as 2024-11-20", markup=False)
        sys.exit(1)


def answer(region: Region, x: str, y: str, crs: str, day: date) -> Table:
    """Locate a point at noon of a day and tell it as a table."""
    found = region.place(x, y, crs, "", datetime.combine(day, time(12), tzinfo=region.zone))
    table = Table("", "code", "name", title=f"{region.names['zh']} · {day}")
    position = "—" if found.lon is None or found.lat is None else f"{found.lon:.7f}, {found.lat:.7f}"
    table.add_row("lon, lat", position, "")
    codes = {"township": found.township, "village": found.village, "grid": found.cell, **found.areas}
    for layer in region.layers:
        code = codes.get(layer)
        area = region.layers[layer].by_code(code, day) if code else None
        table.add_row(layer, code or "—", area.name if area else "")
    if found.nearest:
        table.add_row("nearest", found.nearest, f"{found.nearest_m:.1f} m")
    if found.flags:
        table.add_row("flags", ", ".join(found.flags), "")
    return table
