"""Region packs: a folder with areas, departments, lists and a calendar becomes a frozen `Region`."""

from data.region.faults import RegionError, Report, TableFault
from data.region.loading import load, read
from data.region.region import Region
from data.region.settings import MapView, Source
from geo.coverage import Severity

__all__ = ["MapView", "Region", "RegionError", "Report", "Severity", "Source", "TableFault", "load", "read"]
