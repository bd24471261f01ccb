/**
 * The cockpit's view lives in the address: area, filters and layers. This file is its only writer; the server's callbacks
 * read the store `cockpit-view`, which holds what the address says.
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});
  const h = (...all) => onemap.h(...all);

  // In the order of the callback's inputs, for which see dashboard/pages/filters.py.
  const FILTERS = ["platform", "domain", "matter", "department", "source", "level"];
  const PERIOD = ["from", "to"];
  const KEYS = ["area", ...FILTERS, ...PERIOD, "layers"];
  const CONTROL = (key) => `cockpit-${key}`;
  const MANY = new Set(["level", "layers"]);
  const USUAL = { layers: "cells" };

  let here = null;
  let paint = null;
  let points = null;
  let said = null;

  const standsHere = () => document.querySelector('[data-onemap="cockpit"]');

  const viewOf = (search) => onemap.address.view(KEYS, search, USUAL);
  const addressOf = (view) => onemap.address.of(KEYS, view, USUAL);

  function tellServer() {
    window.dash_clientside.set_props("cockpit-view", { data: here });
  }

  /** What the controls show of a view that was just drawn: all of it but codes that they do not know. */
  const shownOf = (view) => {
    const unknown = new Set((standsHere().dataset.unknown || "").split(" "));
    return Object.fromEntries([...FILTERS, "layers"].map((key) => [key, unknown.has(key) ? "" : MANY.has(key) ? view[key].split(",").filter(Boolean).sort().join(",") : view[key]]));
  };

  /** Goes to a view: the address first, then everything that follows from it. */
  function go(changes, { push = true } = {}) {
    const before = here;
    const view = { ...(here || viewOf(location.search)), ...changes };
    if (before && KEYS.every((key) => before[key] === view[key])) return;
    here = view;
    if (push) history.pushState({}, "", addressOf(view));
    tellServer();
    showLayers();
    showCrumbs();
    onemap.emit("view", here);
    if (!before || before.area !== view.area) zoom();
  }

  const withMap = (act) => onemap.map && onemap.map.options.mode === "cockpit" && onemap.map.ready.then(() => act(onemap.map));

  function zoom() {
    withMap((county) => {
      if (here.area) county.zoomTo(here.area);
      else {
        county.fit(true);
        county.focus(null);
      }
    });
  }

  // ---- the way down: township → village → cell ---------------------------------------------------------------------

  /** What a click on an area means from where the viewer stands: one step further down, never two. */
  function stepInto(area) {
    const chain = onemap.places.chain(area.code).map((one) => one.code);
    const depth = chain.indexOf(here.area);
    return chain[Math.min(depth + 1, chain.length - 1)];
  }

  onemap.on("pick", ({ map, area, at }) => {
    if (map.options.mode === "township") onemap.go(`/?area=${area.code}`);
    if (map.options.mode !== "cockpit") return;
    const number = map.points && map.points._map && map.points.near(at);
    if (number) onemap.go(`/case/${number}`);
    else go({ area: stepInto(area) });
  });

  function showCrumbs() {
    const list = document.querySelector('[data-onemap="crumbs"]');
    if (!list || !here) return;
    const chain = here.area ? onemap.places.chain(here.area) : [];
    const step = (area, words, last) =>
      h(last ? "span.crumb.crumb-here" : "button.crumb", { type: last ? null : "button", onclick: last ? null : () => go({ area }) }, words);
    const region = onemap.places.region;
    const unknown = here.area && !chain.length && onemap.places.layers.township;
    const steps = [
      step("", region ? onemap.named(region) : "…", !chain.length && !unknown),
      ...chain.map((area, k) => step(area.code, onemap.named(area), k === chain.length - 1)),
      unknown ? step(here.area, onemap.t("cockpit.unknown_area", { code: here.area }), true) : null,
    ];
    list.replaceChildren(...steps.filter(Boolean));
    const table = document.querySelector("[data-table-link]");
    if (table) table.href = `/cases${onemap.address.search([...KEYS.filter((key) => key !== "layers")], here)}`;
    const township = chain[0];
    const page = document.querySelector("[data-township-link]");
    if (page) {
      page.hidden = !township;
      if (township) {
        page.href = `/township/${township.code}`;
        onemap.write(page, onemap.t("cockpit.township_page", { name: onemap.named(township) }));
      }
    }
  }

  onemap.mount("crumbs", showCrumbs);

  // ---- layers and paint --------------------------------------------------------------------------------------------

  function showLayers() {
    withMap((county) => {
      const layers = new Set(here.layers.split(","));
      county.points = county.points || new onemap.Points("marks");
      county.map[layers.has("points") ? "addLayer" : "removeLayer"](county.points);
      if (points && layers.has("points")) county.points.setData(points);
      county.only(layers.has("cells") ? "auto" : layers.has("townships") ? "township" : "none");
    });
  }

  function spread(flat) {
    const into = new Map();
    for (let i = 0; i < flat.length; i += 5) into.set(flat[i], flat.slice(i + 1, i + 5));
    return into;
  }

  /** Paints the viewer's own filter, or the live picture where there is none. */
  function showPaint() {
    withMap((county) => {
      county.filtered = Boolean(paint);
      if (paint) county.repaint(spread(paint.cells), spread(paint.townships));
      else county.repaint();
    });
  }

  onemap.on("map", (county) => {
    if (county.options.mode !== "cockpit") return;
    if (!here) return;
    showLayers();
    showCrumbs();
    showPaint();
    if (here.area) zoom();
  });

  // ---- in and out ----------------------------------------------------------------------------------------------------

  onemap.mount("cockpit", () => {
    here = viewOf(location.search);
    said = shownOf(here);
    tellServer();
    showCrumbs();
    onemap.emit("view", here);
    const stop = onemap.on("period", (days) => go(days));
    return () => {
      stop();
      here = paint = points = said = null;
    };
  });

  // Back and forward between two views of the cockpit: we bring the view ourselves, so that the map stays and flies.
  // Dash would draw the whole page anew; it listens later than we do.
  window.addEventListener("popstate", (event) => {
    if (!standsHere() || location.pathname !== standsHere().dataset.path) return;
    event.stopImmediatePropagation();
    const view = viewOf(location.search);
    for (const key of [...FILTERS, "layers"]) {
      const value = MANY.has(key) ? view[key].split(",").filter(Boolean) : view[key] || null;
      window.dash_clientside.set_props(CONTROL(key), { value });
    }
    go(view, { push: false });
  });

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.cockpit = {
    /** The controls say what the view should hold back; the address follows. */
    choose: (...values) => {
      const text = (value) => (Array.isArray(value) ? [...value].sort().join(",") : value === null || value === undefined ? "" : String(value));
      const wishes = Object.fromEntries([...FILTERS, "layers"].map((key, k) => [key, text(values[k])]));
      // Only what the reader changed: a code that no control knows is shown by none, and stays in the address.
      if (!here) return;
      const changed = Object.keys(wishes).filter((key) => wishes[key] !== said[key]);
      said = wishes;
      go(Object.fromEntries(changed.map((key) => [key, wishes[key]])));
    },
    /** @param {?{cells: number[], townships: number[]}} data counts under the filter; null without one */
    paint: (data) => {
      paint = data || null;
      showPaint();
    },
    /** @param {?Array} data [number, lon, lat, level, …] of the pending cases in view */
    points: (data) => {
      points = data || [];
      if (here) showLayers();
    },
  };
})();
