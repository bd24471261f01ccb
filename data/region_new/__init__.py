"""Making a region pack from polygon files, for a place that nobody here thought of."""

from data.region_new.lists import MatterFile
from data.region_new.making import Made, NewRegion, make
from data.region_new.polygons import LayerSource
from data.region_new.refusal import Refused

__all__ = ["LayerSource", "Made", "MatterFile", "NewRegion", "Refused", "make"]
