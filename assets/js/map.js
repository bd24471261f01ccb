/**
 * The county map. Dash-leaflet only hosts the empty Leaflet map; what stands on it is drawn and kept here: geometry by
 * immutable address, values from the live stream, one registry gid → layer, and only what changed is drawn again.
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});
  const L = window.L;

  const PANES = { ground: 250, cells: 410, lines: 420, marks: 430, labels: 440, pulses: 450 };
  // Below this mean width of a cell its level cannot be seen: the map dissolves to townships.
  const DISSOLVE_PX = 6.5;
  // On a map narrower than this, names that find no room are left out.
  const NARROW_PX = 600;
  const VILLAGE_NAMES_PX = 62;
  const CELL_NAMES_PX = 90;
  // A single cell is shown with its neighbours, not alone.
  const CLOSEST_ZOOM = 15.5;

  class CountyMap {
    /**
     * @param {L.Map} map
     * @param {HTMLElement} host carries data-map: {mode, area?, point?}
     */
    constructor(map, host) {
      this.map = map;
      this.host = host;
      this.options = JSON.parse(host.dataset.map);
      this.looks = new Map();
      this.shapes = new Map();
      this.signs = new Map();
      this.townshipShapes = new Map();
      this.counts = { cells: new Map(), townships: new Map() };
      // The map of the past is painted by its own page, never by the stream.
      this.filtered = this.options.mode === "history";
      this.measure = null;
      this.stops = [];
      this.ready = this.build();
    }

    get scale() {
      return parseFloat(getComputedStyle(this.host).fontSize) / 16;
    }

    /** How far canvases reach beyond the map: nobody drags a wall, and its canvases are the largest. */
    get margin() {
      return this.options.mode === "wall" ? 0.04 : 0.2;
    }

    async build() {
      for (const [name, zIndex] of Object.entries(PANES)) {
        const pane = this.map.createPane(name);
        pane.style.zIndex = zIndex;
        if (name !== "cells") pane.style.pointerEvents = "none";
      }
      const region = await onemap.places.load();
      const isWall = this.options.mode === "wall";
      const [townships, cells, context, villages] = await Promise.all([
        onemap.places.layer("township"),
        onemap.places.layer(region.finest),
        onemap.places.context(),
        isWall ? null : onemap.places.layer("village"),
      ]);
      if (this.gone) return;
      Object.assign(this, { region, townships, cells, villages, context, named: !isWall });
      this.clip();
      this.labels = new onemap.Labels(this.map, "labels");
      this.labels.obstacles = () => (this.dissolved || this.measure ? [] : [...this.signs.values()].filter((sign) => sign.options.level === 3).map((sign) => sign.getLatLng()));
      if (this.options.clear) this.labels.room = () => this.freeBox();
      this.fit(false);
      this.drawAll();
      this.listen();
      if (this.filtered) this.repaint(new Map(), new Map());
      else this.repaint();
      this.host.dataset.ready = "yes";
      onemap.emit("map", this);
      this.stops.push(onemap.on("theme", () => this.recolour()));
      if (isWall) await this.addVillages();
    }

    /** Draws everything that stands on the layers. */
    drawAll() {
      const [west, south, east, north] = this.townships.box;
      this.cellWidthDegrees = Math.sqrt(((east - west) * (north - south) * 0.55) / this.cells.areas.length);
      this.signRenderer = new onemap.LevelCanvas({ pane: "marks", padding: this.margin });
      this.signLayer = L.layerGroup();
      this.drawStill();
      this.drawCells();
      this.drawLines();
    }

    /** On the wall, where nobody clicks, villages are lines and names only: they come after the first picture. */
    async addVillages() {
      await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
      this.villages = await onemap.places.layer("village");
      if (this.gone) return;
      this.drawVillages();
      this.named = true;
      this.name();
    }

    drawVillages() {
      if (!this.villages || this.villages === this.cells) return;
      this.line(this.villages, { color: onemap.tone("map-village-line"), weight: 0.7 * this.scale }).eachLayer((layer) => layer.bringToBack());
    }

    /** Draws the lines of a layer, without its areas. */
    line(layer, style) {
      const own = { interactive: false, renderer: this.lineRenderer, pane: "lines", fill: false, lineJoin: "round", ...style };
      return L.layerGroup(layer.areas.map((area) => onemap.drawn(area.feature, own))).addTo(this.map);
    }

    /** Another theme: everything is drawn anew in its colours. */
    recolour() {
      const still = [];
      this.map.eachLayer((layer) => ["ground", "lines"].includes(layer.options.pane) && still.push(layer));
      still.forEach((layer) => layer.remove());
      this.drawStill();
      this.drawLines();
      this.looks.clear();
      for (const [gid] of this.signs) this.sign(gid, "0");
      this.repaint(this.counts.cells, this.counts.townships);
    }

    /**
     * Draws the map anew on the areas of another day.
     * @param {{townships: Layer, cells: Layer, villages: ?Layer}} layers
     */
    standOn(layers) {
      this.map.eachLayer((layer) => layer.remove());
      for (const known of [this.looks, this.shapes, this.signs, this.townshipShapes]) known.clear();
      for (const kind of ["township ", "village ", "cell "]) this.labels.keepOnly(kind, new Set());
      Object.assign(this, layers);
      delete this.host.dataset.painted;
      this.drawAll();
      onemap.emit("ground", this);
    }

    /** On a township's own map there is nothing but itself: the others are ground, like the counties beside. */
    clip() {
      const { area } = this.options;
      if (!area || !this.townships.byCode.has(area)) return;
      const others = this.townships.areas.filter((one) => one.code !== area).map(({ feature }) => ({ ...feature, properties: { ...feature.properties, kind: "neighbour" } }));
      this.context = { ...this.context, features: [...this.context.features, ...others] };
      for (const name of ["townships", "cells", "villages"]) this[name] = this[name] && this[name].within(area);
    }

    // ---- still things ---------------------------------------------------------------------------------------------

    drawStill() {
      this.around = onemap.drawGround(this.map, this.context, this.townships, this.scale, this.margin);
    }

    /** Names of neighbours and waters, where they have most room within what is seen now. */
    nameGround() {
      const [west, south, east, north] = this.clearBox();
      const keep = new Set();
      for (const kind of ["neighbour", "sea", "lake"]) {
        const features = this.around[kind];
        features.forEach((feature, k) => {
          const text = onemap.named(feature.properties);
          const place = text && onemap.roomInView(onemap.polygonsOf(feature), west, south, east, north);
          if (!place) return;
          keep.add(`${kind} ${k}`);
          this.labels.set(`${kind} ${k}`, { place, element: onemap.nameLabel(kind, text), priority: -10 });
        });
      }
      for (const kind of ["neighbour", "sea", "lake"]) this.labels.keepOnly(`${kind} `, keep);
    }

    /** How much of the map other things cover, in pixels: top, right, bottom, left. */
    covered() {
      const clear = this.options.clear && document.querySelector(this.options.clear);
      if (!clear) return (this.options.padding || [1, 1, 1, 1]).map((em) => em * 16 * this.scale);
      const [own, free] = [this.host.getBoundingClientRect(), clear.getBoundingClientRect()];
      return [free.top - own.top, own.right - free.right, own.bottom - free.bottom, free.left - own.left];
    }

    /** The part of the map that no panel covers, in pixels: [left, top, right, bottom]. */
    freeBox() {
      const [top, right, bottom, left] = this.covered();
      const { x, y } = this.map.getSize();
      return [left, top, x - right, y - bottom];
    }

    /** The part of the map that no panel covers: [west, south, east, north]. */
    clearBox() {
      const [top, right, bottom, left] = this.covered();
      const size = this.map.getSize();
      const [a, b] = [this.map.containerPointToLatLng([left, size.y - bottom]), this.map.containerPointToLatLng([size.x - right, top])];
      return [a.lng, a.lat, b.lng, b.lat];
    }

    drawCells() {
      const renderer = new onemap.LevelCanvas({ pane: "cells", padding: this.margin, tolerance: 2 });
      this.cellLayer = L.layerGroup();
      this.townshipLayer = L.layerGroup();
      const shape = (area, group, into, look = "0") => {
        const layer = onemap.drawn(area.feature, { renderer, pane: "cells", noClip: this.options.mode === "wall", ...onemap.styleOf(look) });
        layer.on("click", (event) => this.pick(area, event));
        into.set(area.gid, layer);
        group.addLayer(layer);
      };
      // In the colours that are known already, trouble on top: what is drawn once need not be painted over.
      const known = this.filtered ? new Map() : onemap.stream.cells;
      const looks = new Map(this.cells.areas.map(({ gid }) => [gid, onemap.lookOf(known.get(gid))]));
      const rank = ({ gid }) => ["a", "r"].indexOf(looks.get(gid));
      for (const area of [...this.cells.areas].sort((a, b) => rank(a) - rank(b))) {
        shape(area, this.cellLayer, this.shapes, looks.get(area.gid));
        this.looks.set(area.gid, looks.get(area.gid));
        this.sign(area.gid, looks.get(area.gid));
      }
      // Townships as a whole are seen from afar only: their long outlines are made when they are wanted.
      this.shapeTownships = () => this.townshipShapes.size || this.townships.areas.forEach((area) => shape(area, this.townshipLayer, this.townshipShapes));
      this.dissolve();
    }

    drawLines() {
      const renderer = (this.lineRenderer = new onemap.LevelCanvas({ pane: "lines", padding: this.margin }));
      onemap.drawLakes(this.map, renderer, this.around, this.scale);
      this.drawVillages();
      this.line(this.townships, { color: onemap.tone("map-township-line"), weight: 1.4 * this.scale });
      if (this.options.area) this.focus(this.options.area);
    }

    // ---- where it looks -------------------------------------------------------------------------------------------

    /** What the map should show when nobody has moved it: its own area, or the whole region. */
    home() {
      const { area, point } = this.options;
      if (point) return [point[0] - 0.012, point[1] - 0.009, point[0] + 0.012, point[1] + 0.009];
      const own = area && onemap.places.area(area);
      return own ? own.box : this.townships.box;
    }

    fit(animate = true, box = this.home()) {
      const bounds = L.latLngBounds([box[1], box[0]], [box[3], box[2]]);
      this.fitted = box;
      const [top, right, bottom, left] = this.covered();
      const options = { paddingTopLeft: [left, top], paddingBottomRight: [right, bottom], maxZoom: CLOSEST_ZOOM };
      if (animate) this.map.flyToBounds(bounds, { ...options, duration: 0.7 });
      else this.map.fitBounds(bounds, { ...options, animate: false });
    }

    /**
     * Flies slowly to a box and stays; null flies home. Names and signs are out of sight while it moves.
     * @param {?number[]} box [west, south, east, north]
     */
    visit(box) {
      this.away = Boolean(box);
      const [west, south, east, north] = box || this.home();
      const [top, right, bottom, left] = this.covered();
      const bounds = L.latLngBounds([south, west], [north, east]);
      this.host.dataset.flying = "yes";
      this.map.once("moveend", () => delete this.host.dataset.flying);
      this.map.flyToBounds(bounds, { paddingTopLeft: [left, top], paddingBottomRight: [right, bottom], maxZoom: CLOSEST_ZOOM, duration: 2.4, easeLinearity: 0.12 });
    }

    /** @param {string} code of any area that is loaded; an unknown one shows the whole region */
    zoomTo(code) {
      const area = onemap.places.area(code);
      this.fit(true, area ? area.box : this.townships.box);
      this.focus(code);
    }

    /** Outlines the area that the page speaks of. */
    focus(code) {
      if (this.outline) this.outline.remove();
      const area = onemap.places.area(code);
      this.outline = area
        ? L.geoJSON(area.feature, {
            interactive: false,
            style: () => ({ renderer: this.signRenderer, pane: "marks", fill: false, color: onemap.tone("focus"), weight: 2.4 * this.scale, lineJoin: "round" }),
          }).addTo(this.map)
        : null;
    }

    cellWidthPx() {
      return (this.cellWidthDegrees * 256 * 2 ** this.map.getZoom()) / 360 / 0.93;
    }

    /** Paints cells where they are large enough to be told apart, townships elsewhere. */
    dissolve() {
      const small = this.cellWidthPx() < DISSOLVE_PX * this.scale && this.cells !== this.townships;
      const painted = this.choice === "none" ? "none" : this.choice === "township" || small ? "township" : this.cells.name;
      if (painted === this.host.dataset.painted) return;
      this.host.dataset.painted = painted;
      this.dissolved = painted !== this.cells.name;
      if (this.dissolved) this.shapeTownships();
      const stand = (layer, wanted) => layer[wanted ? "addTo" : "remove"](this.map);
      stand(this.cellLayer, painted === this.cells.name);
      stand(this.townshipLayer, painted !== this.cells.name);
      stand(this.signLayer, painted === this.cells.name && !this.measure);
      for (const gid of this.townshipShapes.keys()) this.paintTownship(gid);
    }

    /** A viewer's choice of what is painted: "auto", "township" or "none". */
    only(choice) {
      this.choice = choice;
      this.dissolve();
    }

    /**
     * Paints by a measure instead of by levels, or by levels again.
     * @param {?{cells: Map, townships: Map, words: Map}} measure looks of areas by gid, and figures of townships
     */
    paintBy(measure) {
      if (!measure && !this.measure) return;
      this.measure = measure;
      this.signLayer[!measure && this.host.dataset.painted === this.cells.name ? "addTo" : "remove"](this.map);
      for (const area of this.cells.areas) this.paint(area.gid);
      for (const area of this.townships.areas) this.paintTownship(area.gid);
    }

    /** Marks one place: a ring around it and, where its clocks run late, the sign of its level. */
    pin([lon, lat], level) {
      if (this.pinned) this.pinned.remove();
      const ring = L.circleMarker([lat, lon], { renderer: this.signRenderer, pane: "marks", radius: 11 * this.scale, fill: false, color: onemap.tone("focus"), weight: 2.2, interactive: false });
      const core =
        level > 1
          ? onemap.signAt({ lon, lat }, level, { renderer: this.signRenderer, pane: "marks", radius: 6 * this.scale })
          : L.circleMarker([lat, lon], { renderer: this.signRenderer, pane: "marks", radius: 4 * this.scale, stroke: false, fillColor: onemap.tone("focus"), fillOpacity: 1, interactive: false });
      this.pinned = L.layerGroup([ring, core]).addTo(this.map);
      this.options.point = [lon, lat];
      this.fit(false);
    }

    pick(area, event) {
      L.DomEvent.stop(event);
      onemap.emit("pick", { map: this, area, at: event.latlng });
    }

    // ---- what it says ---------------------------------------------------------------------------------------------

    listen() {
      const stops = this.stops;
      stops.push(onemap.on("full", () => !this.filtered && this.repaint()));
      stops.push(onemap.on("delta", (delta) => !this.filtered && this.follow(delta)));
      this.map.on("zoomend", () => {
        this.dissolve();
        this.sizeSigns();
      });
      // Leaflet ends a zoom with this, too.
      this.map.on("moveend", () => this.name());
      const watch = new ResizeObserver(() => {
        // What the map was last measured by counts: filters and the line of time may have taken room before anybody watched.
        const { x, y } = this.map._loaded ? this.map.getSize() : {};
        if (!this.map._loaded || (x === this.host.clientWidth && y === this.host.clientHeight)) return;
        this.resized();
      });
      watch.observe(this.host);
      for (const act of ["pointerdown", "wheel", "keydown"]) this.host.addEventListener(act, () => (this.held = true), { passive: true });
      stops.push(() => watch.disconnect());
    }

    resized() {
      this.map.invalidateSize({ animate: false });
      if (this.options.mode !== "cockpit" && !this.away) this.fit(false);
      // Filters and the line of time come after the map and take room from it: until somebody takes hold, all stays in sight.
      else if (this.options.mode === "cockpit" && !this.held) this.fit(false, this.fitted);
    }

    /** Paints everything from the stream, or from a viewer's own filter. */
    repaint(cells = onemap.stream.cells, townships = onemap.stream.townships) {
      this.counts = { cells, townships };
      for (const area of this.cells.areas) this.paint(area.gid);
      for (const area of this.townships.areas) this.paintTownship(area.gid);
      this.name();
    }

    follow({ cells = [], townships = [], cases = [] }) {
      for (let i = 0; i < cells.length; i += 5) this.paint(cells[i], true);
      for (let i = 0; i < townships.length; i += 5) this.paintTownship(townships[i]);
      for (const one of cases) if (one.k === "came" && one.x && (!this.options.area || one.t === this.options.area)) onemap.pulse(this, { lon: one.x, lat: one.y }, "came");
    }

    paint(gid, live = false) {
      const counts = this.counts.cells.get(gid);
      const look = this.measure ? this.measure.cells.get(gid) || "0" : onemap.lookOf(counts);
      const before = this.looks.get(gid);
      if (look === before) return;
      this.looks.set(gid, look);
      const shape = this.shapes.get(gid);
      if (!shape) return;
      shape.setStyle(onemap.styleOf(look));
      if (look === "a" || look === "r") shape.bringToFront();
      this.sign(gid, look);
      if (live && !this.measure && look === "r" && this.signs.has(gid)) onemap.pulse(this, this.cells.byGid.get(gid).anchor, "overdue");
    }

    sign(gid, look) {
      if (this.signs.has(gid)) this.signLayer.removeLayer(this.signs.get(gid));
      this.signs.delete(gid);
      if (look !== "a" && look !== "r") return;
      const level = look === "r" ? 3 : 2;
      const sign = onemap.signAt(this.cells.byGid.get(gid).anchor, level, { renderer: this.signRenderer, pane: "marks", radius: this.signRadius(level) });
      this.signs.set(gid, sign);
      this.signLayer.addLayer(sign);
    }

    /** Signs are read from afar, so they keep their size on small cells and grow a little on large ones. */
    signRadius(level) {
      const grown = Math.min(1.5, Math.max(1, this.cellWidthPx() / (26 * this.scale)));
      return (level === 3 ? 5.6 : 3.4) * this.scale * grown;
    }

    sizeSigns() {
      for (const sign of this.signs.values()) sign.setRadius(this.signRadius(sign.options.level));
    }

    paintTownship(gid) {
      const shape = this.townshipShapes.get(gid);
      const area = this.townships.byGid.get(gid);
      if (!area) return;
      const counts = this.counts.townships.get(gid);
      const own = this.measure && this.measure.townships.get(gid);
      if (shape) shape.setStyle(own ? { ...onemap.styleOf(own), stroke: false } : this.choice === "none" ? onemap.townshipStyle(null, this.counts.townships) : onemap.townshipStyle(counts, this.counts.townships));
      const figure = this.measure ? this.measure.words.get(gid) || null : undefined;
      const words = JSON.stringify([counts || [], figure]) + this.dissolved + Boolean(this.figureless);
      if (area.said === words && this.labels.items.has(`township ${area.code}`)) return;
      area.said = words;
      const [, pending = 0, , overdue = 0] = counts || [];
      // `figureless`: a page that shows something else than pending cases wants names alone.
      const foreign = this.figureless || (this.options.area && this.options.area !== area.code);
      this.labels.set(`township ${area.code}`, {
        place: area.anchor,
        box: area.box,
        element: figure === undefined ? onemap.townshipLabel(area, foreign ? null : counts, this.dissolved && !foreign) : onemap.measureLabel(area, figure),
        priority: 1000 + overdue * 10 + pending / 1000,
        must: !foreign && this.map.getSize().x > NARROW_PX,
      });
    }

    /** Names of villages and cells where the map is large enough to hold them. */
    name() {
      if (!this.labels) return;
      for (const area of this.townships.areas) this.paintTownship(area.gid);
      // Names of what lies around are looked for once the first picture stands.
      if (this.named) this.nameGround();
      const bounds = this.map.getBounds().pad(0.1);
      const inView = ({ anchor }) => bounds.contains([anchor.lat, anchor.lon]);
      const keep = new Set();
      const show = (layer, kind, priority) => {
        for (const area of layer.areas.filter(inView)) {
          const key = `${kind} ${area.code}`;
          keep.add(key);
          if (!this.labels.items.has(key)) this.labels.set(key, { place: area.anchor, element: onemap.nameLabel(kind, onemap.named(area)), priority });
        }
      };
      const width = this.cellWidthPx() / this.scale;
      if (this.villages && width * 2.4 > VILLAGE_NAMES_PX) show(this.villages, "village", 10);
      if (width > CELL_NAMES_PX && this.cells !== this.villages) show(this.cells, "cell", 1);
      this.labels.keepOnly("village ", keep);
      this.labels.keepOnly("cell ", keep);
      this.labels.later();
    }

    /** Level of a cell as it is painted now, for whoever wants to know (tests among them): 0 none, 1, 2, 3. */
    levelOf(gid) {
      const counts = this.counts.cells.get(Number(gid));
      return counts && counts[1] ? counts[0] : 0;
    }

    leave() {
      this.gone = true;
      this.stops.forEach((stop) => stop());
    }
  }

  onemap.map = null;

  // Dash-leaflet makes the map; whatever host stands around it says what kind of map it is.
  L.Map.addInitHook(function hostCountyMap() {
    queueMicrotask(() => {
      const host = this.getContainer().closest("[data-map]");
      if (!host) return;
      const begin = () => {
        const own = (onemap.map = host.countyMap = new CountyMap(this, host));
        this.on("unload", () => own.leave());
        own.ready.catch((error) => console.error("onemap: the map could not be drawn", error));
      };
      if (onemap.config()) begin();
      else onemap.on("config", begin);
    });
  });
})();
