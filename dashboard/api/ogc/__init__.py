"""OGC API - Features, part 1 (OGC 17-069r4): the live county by address, for QGIS and every other client, read only.

`collections` says what there is, `items` finds features, `routes` answers. Coordinates are CRS84: longitude, latitude.
"""

from dashboard.api.ogc.routes import router

__all__ = ["router"]
