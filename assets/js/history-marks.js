/**
 * Hot spots on the map: told by shape as well as by colour. New = a star-burst outline, lasting = a square, fading = a
 * hollow circle, a single high cell = a cross; the cells themselves are outlined.
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});
  const L = window.L;

  const SVG = "http://www.w3.org/2000/svg";
  const SHAPES = {
    emerging: ["path", { d: "M12 1l2.4 6 6.4-2-2 6.3 5 4-6.4.8.4 6.4L12 18.4 6.2 22.5l.4-6.4-6.4-.8 5-4-2-6.3 6.4 2z" }],
    persistent: ["rect", { x: 4, y: 4, width: 16, height: 16, rx: 1.5 }],
    fading: ["circle", { cx: 12, cy: 12, r: 8.4 }],
    island: ["path", { d: "M9 2h6v7h7v6h-7v7H9v-7H2V9h7z" }],
  };

  function drawn(tag, attributes, ...children) {
    const element = document.createElementNS(SVG, tag);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  }

  /**
   * The sign of a course as an element for lists, the same as on the map.
   * @param {string} course
   * @returns {HTMLElement}
   */
  onemap.hotSign = (course) =>
    onemap.h(`i.hot-sign.hot-${course}`, { role: "img", "aria-label": onemap.t(`history.hot.${course}`) }, drawn("svg", { viewBox: "0 0 24 24" }, drawn(...SHAPES[course])));

  /**
   * Draws the spots on a map; the answer takes them away again.
   * @param {object} county a county map
   * @param {Array} spots as `/api/v1/history/hotspots` lists them
   * @param {function(object): void} pick
   */
  onemap.drawSpots = (county, spots, pick) => {
    const group = L.layerGroup();
    for (const spot of spots) {
      const cells = spot.gids.map((gid) => county.cells.byGid.get(gid)).filter(Boolean);
      const features = cells.map((cell) => cell.feature);
      const tone = onemap.tone(`hot-${spot.course}`);
      L.geoJSON(
        { type: "FeatureCollection", features },
        {
          interactive: false,
          style: () => ({ renderer: county.signRenderer, pane: "marks", fill: true, fillColor: tone, fillOpacity: spot.course === "fading" ? 0.06 : 0.16, color: tone, weight: 1.6, dashArray: spot.course === "fading" ? "4 3" : null }),
        },
      ).addTo(group);
      const peak = county.cells.byCode.get(spot.code);
      if (!peak) continue;
      const icon = L.divIcon({ html: onemap.hotSign(spot.course), className: "hot-mark", iconSize: [22, 22] });
      const mark = L.marker([peak.anchor.lat, peak.anchor.lon], { icon, pane: "pulses", keyboard: false, interactive: true, zIndexOffset: 10 });
      mark.on("click", () => pick(spot));
      group.addLayer(mark);
    }
    group.addTo(county.map);
    return () => group.remove();
  };
})();
