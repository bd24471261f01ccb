/**
 * Areas whose neighbours share their edges at every zoom. Leaflet thins each outline by itself, so that two neighbours keep
 * different vertices and gaps open between them. The server has thinned the coverage as a whole: the third number of a vertex
 * says at which zooms it is drawn, see dashboard/geometry.py. Outlines without it are thinned as ever.
 */
(() => {
  "use strict";
  const L = window.L;

  // As in dashboard/geometry.py: up to each of these zooms, the vertices with this bit.
  const ZOOMS = [9, 10, 11, 12, 13];

  /** Which bit counts at a zoom; -1 beyond the last one, where every vertex is drawn. */
  const bitAt = (zoom) => ZOOMS.findIndex((limit) => zoom <= limit);

  const { _projectLatlngs: project, _simplifyPoints: simplify } = L.Polyline.prototype;

  L.Polygon.include({
    _projectLatlngs(latlngs, result, bounds) {
      const isMarked = latlngs[0] instanceof L.LatLng && latlngs[0].alt !== undefined;
      if (isMarked) this._isMarked = true;
      const bit = isMarked ? bitAt(this._map.getZoom()) : -1;
      project.call(this, bit < 0 ? latlngs : latlngs.filter(({ alt }) => (alt >> bit) & 1), result, bounds);
    },

    _simplifyPoints() {
      if (!this._isMarked) simplify.call(this);
    },
  });
})();
