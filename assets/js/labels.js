/**
 * Names on the map. Each is placed at the deepest point of its area or beside it, the important ones first, so that no
 * two overlap; what finds no room is left out until the map is larger.
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});
  const L = window.L;
  const h = (...all) => onemap.h(...all);

  // Offsets to try, in widths and heights of the label itself: its own place, then around it, the nearest first. A name is
  // about four times as wide as high.
  const TRIES = [];
  const [WIDEST, HIGHEST] = [1.25, 3.5];
  for (let dx = -WIDEST; dx <= WIDEST; dx += 0.125) for (let dy = -HIGHEST; dy <= HIGHEST; dy += 0.5) TRIES.push([dx, dy]);
  const far = ([dx, dy]) => Math.hypot(dx * 4, dy);
  TRIES.sort((a, b) => far(a) - far(b));
  const FAR = TRIES.map(far);
  // Names that only may be shown do not wander so far that they would seem to belong elsewhere.
  const NEAR = TRIES.findIndex((offset) => far(offset) > 1.7);
  // What it costs a name to stand outside of its area, in its own heights.
  const OUTSIDE = 6;
  const GAP_PX = 3;

  const overlap = (a, b) =>
    Math.max(0, Math.min(a.right, b.right) - Math.max(a.left, b.left) + GAP_PX) *
    Math.max(0, Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) + GAP_PX);

  class Labels {
    /**
     * @param {L.Map} map
     * @param {string} pane
     */
    constructor(map, pane) {
      this.map = map;
      this.pane = map.getPane(pane);
      this.items = new Map();
      this.obstacles = () => [];
      // [left, top, right, bottom] on the map in pixels that names keep within; null for all of it.
      this.room = () => null;
      this.queued = false;
      map.on("zoomend viewreset resize", () => this.later());
      map.on("zoomanim", (event) => this.follow(event));
    }

    /**
     * Sets or changes a label.
     * @param {string} key
     * @param {{place: {lon: number, lat: number}, element: HTMLElement, priority: number, must?: boolean, fixed?: boolean, box?: number[]}} item
     *   `must`: shown even where it overlaps; `fixed`: only its own place will do;
     *   `box`: [west, south, east, north] of its area, out of which it goes unwillingly
     */
    set(key, item) {
      const known = this.items.get(key);
      if (known && known.element !== item.element) known.element.remove();
      this.items.set(key, { ...known, ...item, size: null });
      if (!item.element.isConnected) this.pane.append(item.element);
      this.later();
    }

    drop(key) {
      const item = this.items.get(key);
      if (item) item.element.remove();
      this.items.delete(key);
    }

    /** Drops every label whose key begins with this prefix and is not in `keep`. */
    keepOnly(prefix, keep) {
      for (const key of [...this.items.keys()]) if (key.startsWith(prefix) && !keep.has(key)) this.drop(key);
    }

    /** A label's words changed: measure and arrange once, however many changed in this frame. */
    later() {
      if (this.queued) return;
      this.queued = true;
      requestAnimationFrame(() => {
        this.queued = false;
        this.arrange();
      });
    }

    arrange() {
      if (!this.map._loaded || !this.pane.isConnected) return;
      const items = [...this.items.values()].sort((a, b) => b.priority - a.priority);
      for (const item of items) item.size = item.size || [item.element.offsetWidth, item.element.offsetHeight];
      const taken = [];
      const signs = this.obstacles().map((point) => this.map.latLngToLayerPoint(point));
      const free = this.room();
      const room = free && [this.map.containerPointToLayerPoint(free.slice(0, 2)), this.map.containerPointToLayerPoint(free.slice(2))];
      for (const item of items) {
        const box = this.roomFor(item, taken, signs, room);
        item.element.style.visibility = box ? "visible" : "hidden";
        if (!box) continue;
        taken.push(box);
        item.shift = [box.left - item.point.x, box.top - item.point.y];
        L.DomUtil.setPosition(item.element, L.point(Math.round(box.left), Math.round(box.top)));
      }
    }

    /** The best box for a label: over no other label, over as few signs as can be, near to its own place. */
    roomFor(item, taken, signs, room) {
      const [width, height] = item.size;
      const point = (item.point = this.map.latLngToLayerPoint([item.place.lat, item.place.lon]));
      const [west, south, east, north] = item.box || [];
      const own = item.box && [this.map.latLngToLayerPoint([north, west]), this.map.latLngToLayerPoint([south, east])];
      const outside = (x, y) => (own && (x < own[0].x || x > own[1].x || y < own[0].y || y > own[1].y) ? OUTSIDE : 0);
      const last = item.fixed ? 1 : item.must ? TRIES.length : NEAR;
      // Of a thousand signs only those count that some try could cover.
      const near = signs.filter(({ x, y }) => Math.abs(x - point.x) < width * (WIDEST + 0.5) && Math.abs(y - point.y) < height * (HIGHEST + 0.5));
      let best = null;
      // The nearest come first and nothing costs less than its distance: mostly the first one is taken.
      for (let k = 0; k < last && !(best && best.cost <= FAR[k]); k++) {
        const [dx, dy] = TRIES[k];
        const left = point.x - width / 2 + dx * width;
        const top = point.y - height / 2 + dy * height;
        const box = { left, top, right: left + width, bottom: top + height };
        if (room && (left < room[0].x || top < room[0].y || box.right > room[1].x || box.bottom > room[1].y)) continue;
        // A name that only may be shown stands on no other.
        if (!item.must && taken.some((other) => overlap(box, other))) continue;
        const hidden = item.must ? taken.reduce((sum, other) => sum + overlap(box, other), 0) : 0;
        const covered = near.reduce((n, { x, y }) => n + (x > left && x < box.right && y > top && y < box.bottom), 0);
        const cost = hidden * 1000 + covered * 1.2 + FAR[k] + outside(left + width / 2, top + height / 2);
        if (!best || cost < best.cost) best = { box, cost, hidden };
      }
      return !best || (best.hidden && !item.must) ? null : best.box;
    }

    /** Keeps labels over their places while Leaflet animates a zoom; the final arrangement follows at its end. */
    follow({ zoom, center }) {
      for (const item of this.items.values()) {
        if (!item.shift) continue;
        const point = this.map._latLngToNewLayerPoint(L.latLng(item.place.lat, item.place.lon), zoom, center);
        L.DomUtil.setPosition(item.element, point.add(item.shift));
      }
    }
  }

  onemap.Labels = Labels;

  /**
   * A township's label: its name, and signs with figures only where something is due or overdue.
   * @param {Area} area
   * @param {?number[]} counts [level, pending, amber, overdue]
   * @param {boolean} full with the pending figure where nothing is overdue: no cells are painted that would show it
   */
  onemap.townshipLabel = (area, counts, full) => {
    const [level = 0, pending = 0, amber = 0, overdue = 0] = counts || [];
    const signs = [];
    if (full && !overdue) signs.push(h("span.label-figure", null, onemap.count(pending)));
    if (overdue) signs.push(h("span.label-figure.red", null, onemap.sign(3), overdue));
    if (amber && !overdue && !full) signs.push(h("span.label-figure.amber", null, onemap.sign(2), amber));
    return h(`div.label.label-township.label-level-${level}`, { dataset: { labelOf: area.code } }, h("span.label-name", null, onemap.named(area)), signs);
  };

  /**
   * A township's label while the map is painted by a measure: its name, its own figure and, of a rate, its n.
   * @param {Area} area
   * @param {?{figure: string, n: ?number}} said null where there is nothing to say
   */
  onemap.measureLabel = (area, said) =>
    h(`div.label.label-township.label-measured${said && said.n !== null ? ".label-two" : ""}`, { dataset: { labelOf: area.code } }, h("span.label-name", null, onemap.named(area)),
      said && h("span.label-figure", null, said.figure, said.n !== null ? h("span.label-n", null, `n=${onemap.count(said.n)}`) : null));

  /** A plain name: village, cell, neighbour or water. */
  onemap.nameLabel = (kind, name) => h(`div.label.label-${kind}`, null, h("span.label-name", null, name));
})();
