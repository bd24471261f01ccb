/**
 * How levels look on a map. Colours come from the style sheet (the custom properties of :root), shapes from here:
 * in order = silent ground, due soon = hatched with a diamond, overdue = filled with a triangle.
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});
  const L = window.L;

  const tones = new Map();

  /** A colour of the style sheet by its name without the dashes. */
  onemap.tone = (name) => {
    if (!tones.has(name)) tones.set(name, getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim());
    return tones.get(name);
  };

  onemap.on("theme", () => tones.clear());

  /**
   * The look of an area, as a short key, so that an unchanged look costs nothing.
   * @param {?number[]} counts [level, pending, amber, overdue]
   * @returns {string} 0 none, q1..q4 pending and in time (fuller with more cases), a amber, r red
   */
  onemap.lookOf = (counts) => {
    if (!counts || !counts[1]) return "0";
    if (counts[0] === 3) return "r";
    if (counts[0] === 2) return "a";
    return `q${Math.min(4, counts[1])}`;
  };

  /** Path options for a look. Outlines of silent cells are barely there: the fabric of the county, no more. */
  onemap.styleOf = (look) => {
    const edge = { stroke: true, weight: 0.6, color: onemap.tone("map-cell-line"), opacity: 1, fill: true, pattern: null };
    if (look === "r") return { ...edge, weight: 1.2, color: onemap.tone("red-edge"), fillColor: onemap.tone("red-fill"), fillOpacity: 1 };
    if (look[0] === "m" || look[0] === "l") return { ...edge, fillColor: onemap.tone(`${look[0] === "l" ? "late" : "ramp"}-${look[1]}`), fillOpacity: 1 };
    if (look === "a") return { ...edge, weight: 1, color: onemap.tone("amber-edge"), fillColor: onemap.tone("map-land"), fillOpacity: 1, pattern: "amber" };
    if (look.startsWith("q")) return { ...edge, fillColor: onemap.tone("map-pending"), fillOpacity: 0.1 + 0.09 * Number(look[1]) };
    return { ...edge, fillColor: onemap.tone("map-land"), fillOpacity: 1 };
  };

  /** A tile of diagonal strokes; one per pixel ratio. */
  function hatch(ctx, tone) {
    const ratio = window.devicePixelRatio > 1 ? 2 : 1;
    const key = `hatch ${tone} ${ratio}`;
    if (!tones.has(key)) {
      const size = 6;
      const tile = document.createElement("canvas");
      tile.width = tile.height = size * ratio;
      const pen = tile.getContext("2d");
      pen.scale(ratio, ratio);
      pen.fillStyle = onemap.tone(`${tone}-ground`);
      pen.fillRect(0, 0, size, size);
      pen.strokeStyle = onemap.tone(`${tone}-fill`);
      pen.lineWidth = 2;
      pen.beginPath();
      for (const shift of [-size, 0, size]) {
        pen.moveTo(shift - 1, size + 1);
        pen.lineTo(shift + size + 1, -1);
      }
      pen.stroke();
      const pattern = ctx.createPattern(tile, "repeat");
      // The canvas itself is scaled by the pixel ratio; the tile already has its full resolution.
      pattern.setTransform(new DOMMatrix().scale(1 / ratio));
      tones.set(key, pattern);
    }
    return tones.get(key);
  }

  /** Leaflet's canvas, able to hatch an area and to draw the signs of levels. */
  const LevelCanvas = L.Canvas.extend({
    _fillStroke(ctx, layer) {
      const options = layer.options;
      if (options.fill && options.pattern) {
        ctx.globalAlpha = options.fillOpacity;
        ctx.fillStyle = hatch(ctx, options.pattern);
        ctx.fill(options.fillRule || "evenodd");
        L.Canvas.prototype._fillStroke.call(this, ctx, { options: { ...options, fill: false } });
        return;
      }
      L.Canvas.prototype._fillStroke.call(this, ctx, layer);
    },

    _updateSign(layer) {
      if (!this._drawing || layer._empty()) return;
      const { x, y } = layer._point;
      const r = layer._radius;
      const ctx = this._ctx;
      ctx.beginPath();
      if (layer.options.level === 3) {
        ctx.moveTo(x, y - r * 1.1);
        ctx.lineTo(x + r, y + r * 0.75);
        ctx.lineTo(x - r, y + r * 0.75);
      } else {
        ctx.moveTo(x, y - r);
        ctx.lineTo(x + r, y);
        ctx.lineTo(x, y + r);
        ctx.lineTo(x - r, y);
      }
      ctx.closePath();
      this._fillStroke(ctx, layer);
    },
  });

  /** A sign of a level at a place: a triangle for overdue, a diamond for due soon. */
  const Sign = L.CircleMarker.extend({
    _updatePath() {
      this._renderer._updateSign(this);
    },
  });

  onemap.LevelCanvas = LevelCanvas;

  /**
   * @param {{lon: number, lat: number}} place
   * @param {number} level 2 or 3
   * @param {object} options Leaflet's path options, with `radius` in pixels
   */
  onemap.signAt = ({ lon, lat }, level, options) =>
    new Sign([lat, lon], {
      level,
      weight: 1.2,
      color: onemap.tone("map-halo"),
      fillColor: onemap.tone(level === 3 ? "red" : "amber-fill"),
      fillOpacity: 1,
      interactive: false,
      ...options,
    });
})();
