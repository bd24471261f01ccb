/**
 * The ground of a map that has no tiles: water, shore lines, neighbours with their names, and the county's own land.
 * It is drawn once and stays silent, so that the levels above it can speak.
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});
  const L = window.L;

  // Lines of water along the shore, widest and faintest first, as engravers drew them; the land covers their inner half.
  const WATER_LINES = [
    { weight: 34, opacity: 0.1 },
    { weight: 22, opacity: 0.14 },
    { weight: 12, opacity: 0.2 },
    { weight: 5, opacity: 0.3 },
  ];

  const KINDS = { sea: ["sea", "bay", "water"], lake: ["lake", "river", "reservoir"], shore: ["shore", "coast"], label: ["label"] };

  /** The surroundings by what they are; whatever is nothing else is a neighbour. */
  function sorted(features) {
    const found = { sea: [], lake: [], shore: [], label: [], neighbour: [] };
    for (const feature of features) {
      const kind = Object.keys(KINDS).find((name) => KINDS[name].includes(feature.properties.kind));
      found[kind || "neighbour"].push(feature);
    }
    return found;
  }

  function add(map, renderer, features, style) {
    for (const feature of features) onemap.drawn(feature, { interactive: false, renderer, pane: renderer.options.pane, ...style }).addTo(map);
  }

  /**
   * Draws the ground into its pane, and lakes above the cells that they lie in.
   * @param {L.Map} map
   * @param {object} context GeoJSON of neighbours, water and shore
   * @param {Layer} townships the county's own land
   * @param {number} scale of line widths, 1 at 1920 pixels
   * @param {number} margin how far the canvas reaches beyond the map
   * @returns {object} the surroundings by kind
   */
  onemap.drawGround = (map, context, townships, scale, margin) => {
    const renderer = new L.Canvas({ pane: "ground", padding: margin });
    const around = sorted(context.features);
    const own = townships.areas.map((area) => area.feature);
    const line = { fill: false, lineJoin: "round", lineCap: "round" };

    // Of a region that comes without surroundings nobody knows where its water is: no shore is invented.
    const bare = context.features.length === 0;
    map.getContainer().classList.toggle("map-bare", bare);

    add(map, renderer, around.sea, { fillColor: onemap.tone("map-water"), fillOpacity: 1, stroke: false });
    for (const { weight, opacity } of bare ? [] : WATER_LINES) {
      add(map, renderer, [...around.neighbour, ...own], { ...line, weight: weight * scale, color: onemap.tone("map-shallow"), opacity });
    }
    add(map, renderer, around.neighbour, { fillColor: onemap.tone("map-neighbour"), fillOpacity: 1, color: onemap.tone("map-neighbour-line"), weight: 0.8 * scale });
    // A glow of land under the county's edge lifts it off its neighbours without a bright outline.
    add(map, renderer, own, { fillColor: onemap.tone("map-land"), fillOpacity: 1, color: onemap.tone("map-county-glow"), weight: 5 * scale, opacity: 0.5 });
    add(map, renderer, own, { fillColor: onemap.tone("map-land"), fillOpacity: 1, stroke: false });
    add(map, renderer, around.shore, { ...line, color: onemap.tone("map-shore"), weight: 1.3 * scale, opacity: 1 });
    fog(map, context.features, renderer);
    return around;
  };

  const FOG_STEPS = 12;
  const FOG_DEGREES = 0.09;
  const WORLD = [[-85, -180], [-85, 180], [85, 180], [85, -180]];

  /** Where the surroundings end, the map fades into the ground instead of being cut. */
  function fog(map, features, renderer) {
    const points = features.flatMap((feature) => onemap.polygonsOf(feature)).flatMap((polygon) => polygon[0]);
    if (!points.length) return;
    const [lons, lats] = [points.map((p) => p[0]), points.map((p) => p[1])];
    const edge = (list, best) => list.reduce((a, b) => best(a, b));
    const [west, south, east, north] = [edge(lons, Math.min), edge(lats, Math.min), edge(lons, Math.max), edge(lats, Math.max)];
    for (let step = 0; step <= FOG_STEPS; step++) {
      const inset = (FOG_DEGREES * step) / FOG_STEPS;
      const hole = [[south + inset, west + inset], [south + inset, east - inset], [north - inset, east - inset], [north - inset, west + inset]];
      L.polygon([WORLD, hole], { renderer, pane: "ground", interactive: false, stroke: false, fillColor: onemap.tone("ground"), fillOpacity: step ? 0.17 : 1 }).addTo(map);
    }
  }

  /** Draws lakes over the cells that hold them. */
  onemap.drawLakes = (map, renderer, around, scale) => {
    add(map, renderer, around.lake, { fillColor: onemap.tone("map-lake"), fillOpacity: 1, color: onemap.tone("map-shore"), weight: 0.8 * scale, opacity: 0.8 });
  };

  /** Distance from a point to the nearest edge of a polygon in degrees of latitude, negative outside. */
  function depth(polygon, lon, lat, shrink) {
    let inside = false;
    let nearest = Infinity;
    for (const ring of polygon) {
      for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
        const [ax, ay, bx, by] = [(ring[j][0] - lon) * shrink, ring[j][1] - lat, (ring[i][0] - lon) * shrink, ring[i][1] - lat];
        if (ay > 0 !== by > 0 && ax + ((bx - ax) * -ay) / (by - ay) > 0) inside = !inside;
        const [dx, dy] = [bx - ax, by - ay];
        const along = Math.max(0, Math.min(1, -(ax * dx + ay * dy) / (dx * dx + dy * dy || 1)));
        nearest = Math.min(nearest, (ax + along * dx) ** 2 + (ay + along * dy) ** 2);
      }
    }
    return (inside ? 1 : -1) * Math.sqrt(nearest);
  }

  /**
   * The place in a box that lies deepest inside any of the polygons, keeping away from the edge of the box too: where a
   * name has room in what is seen now. Null where there is none.
   */
  onemap.roomInView = (polygons, west, south, east, north) => {
    const STEPS = 14;
    const shrink = Math.cos((((south + north) / 2) * Math.PI) / 180);
    // Most neighbours lie elsewhere: their thousands of vertices are not asked for each place.
    const near = polygons.filter(([ring]) => ring.some(([lon, lat]) => lon > west && lon < east && lat > south && lat < north) || depth([ring], (west + east) / 2, (south + north) / 2, shrink) > 0);
    if (!near.length) return null;
    let best = null;
    for (let i = 1; i < STEPS; i++) {
      for (let j = 1; j < STEPS; j++) {
        const [lon, lat] = [west + ((east - west) * i) / STEPS, south + ((north - south) * j) / STEPS];
        const rim = Math.min((lon - west) * shrink, (east - lon) * shrink, lat - south, north - lat);
        const room = Math.min(rim, Math.max(...near.map((polygon) => depth(polygon, lon, lat, shrink))));
        if (room > 0 && (!best || room > best.room)) best = { lon, lat, room };
      }
    }
    return best && best.room > (north - south) / 50 ? best : null;
  };
})();
