/**
 * The stage of the wall: what the map shows in this second, its legend, and the director's cut. What is shown is a function
 * of the server's clock, so that two walls show the same; docs/wall.md says the programme in words.
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});
  const h = (...all) => onemap.h(...all);

  const MINUTE_MS = 60000;
  const QUARTER_MS = 900000;
  // Of every minute: the levels, with the flight between these seconds, and then one of the measures.
  const MEASURE_FROM_S = 40;
  const CUT_S = [3, 33];
  const LATEST_CUT_S = 20;
  // What the map flies to is shown with its surroundings, at least so many degrees wide and high.
  const LEAST_DEGREES = [0.075, 0.055];

  const asked = new URLSearchParams(location.search).get("show");

  /**
   * What the map shows at an instant.
   * @param {number} now milliseconds
   * @returns {{view: string, cut: boolean}} the levels or a measure, and whether it may be elsewhere
   */
  onemap.programme = (now) => {
    const { names } = onemap.measures;
    if (asked === "level" || names.includes(asked)) return { view: asked, cut: false };
    const [minute, second] = [Math.floor(now / MINUTE_MS), Math.floor(now / 1000) % 60];
    if (second >= MEASURE_FROM_S) return { view: names[minute % names.length], cut: false };
    return { view: "level", cut: second >= CUT_S[0] && second < CUT_S[1] };
  };

  const state = { view: null, cut: null, visiting: null, areas: null, told: {} };
  const county = () => (onemap.map && onemap.map.host.dataset.ready && onemap.map.options.mode === "wall" ? onemap.map : null);

  // ---- painting by a measure --------------------------------------------------------------------------------------

  const NO_COUNTS = [0, 0, 0, 0];
  const NO_RATES = [0, 0, 0, 0];

  function rows(layer, counts, rates) {
    return layer.areas.map(({ gid, km2 }) => ({ gid, km2, counts: counts.get(gid) || NO_COUNTS, rates: rates.get(gid) || NO_RATES }));
  }

  function byGid(flat = []) {
    const found = new Map();
    for (let i = 0; i < flat.length; i += 5) found.set(flat[i], flat.slice(i + 1, i + 5));
    return found;
  }

  function show(view) {
    const own = county();
    if (!own || !onemap.stream.known) return;
    state.view = view;
    const { cells, townships } = onemap.stream;
    const areas = state.areas || {};
    const km2 = own.townships.areas.reduce((sum, area) => sum + area.km2, 0);
    const whole = onemap.measures.county([...townships.values()], areas.county, km2);
    state.whole = whole;
    if (view === "level") own.paintBy(null);
    else {
      const paintedCells = onemap.measures.paint(view, rows(own.cells, cells, byGid(areas.cells)), whole);
      const paintedTownships = onemap.measures.paint(view, rows(own.townships, townships, byGid(areas.townships)), whole);
      state.limits = own.dissolved ? paintedTownships.limits : paintedCells.limits;
      own.paintBy({ cells: paintedCells.looks, townships: paintedTownships.looks, words: paintedTownships.words });
    }
    describe();
    legend(own);
  }

  // ---- what it says of itself ---------------------------------------------------------------------------------------

  function describe() {
    const head = document.querySelector('[data-onemap="stage-head"]');
    if (!head || !state.view) return;
    const { visiting } = state;
    const words = visiting
      ? [h("p.stage-title.stage-cut", null, onemap.sign(visiting.level), h("b", null, visiting.where)), h("p.stage-words.stage-why", null, visiting.why)]
      : [h("p.stage-title", null, onemap.t(`wall.map.${state.view}`)), h("p.stage-words", null, note(state.view))];
    const said = words.map((one) => one.textContent).join("|");
    if (state.told.head === said) return;
    state.told.head = said;
    head.dataset.cut = visiting ? visiting.kind : "";
    head.replaceChildren(...words);
    if (visiting && head.animate) head.animate([{ opacity: 0 }, { opacity: 1 }], 400);
  }

  /** n, unit and, for rates, what was done with small numbers. */
  function note(view) {
    const { figures } = onemap.stream;
    if (view === "level") return onemap.t("wall.map.level.note", Object.fromEntries(["pending", "overdue", "amber"].map((name) => [name, onemap.count(figures[name])])));
    const { whole } = state;
    const rate = onemap.measures.of[view].rate;
    const n = view === "on_time" ? whole.due : view === "response" ? whole.responses : view === "density" ? whole.pending : figures.pending;
    if (!n) return onemap.t("wall.map.n.none");
    const value = {
      pending: onemap.count(figures.pending),
      overdue: onemap.count(figures.overdue),
      on_time: ((100 * whole.on_time) / whole.due).toFixed(1),
      response: (whole.response_s / 60).toFixed(1),
      density: (whole.pending / whole.km2).toPrecision(2),
    }[view];
    const unit = onemap.t(`wall.map.${view}.unit`);
    const words = onemap.t(rate ? "wall.map.n.days" : "wall.map.n.now", { value, unit: rate && unit !== "%" ? ` ${unit}` : unit, n: onemap.count(n), days: (state.areas || {}).days || 30 });
    return rate || view === "density" ? `${words} · ${onemap.t("wall.map.shrunk")}` : words;
  }

  function legend(own) {
    const box = document.querySelector('[data-onemap="stage-legend"]');
    if (!box) return;
    const key = JSON.stringify([state.view, state.limits, own.dissolved]);
    if (state.told.legend === key) return;
    state.told.legend = key;
    const layer = own.dissolved ? "township" : own.cells.name;
    const item = (look, ...words) => h("span.legend-item", null, h(`i.swatch.look-${look}`), words);
    const items =
      state.view === "level"
        ? [item("r", onemap.sign(3), onemap.t("legend.overdue")), item("a", onemap.sign(2), onemap.t("legend.amber")), item("q", onemap.t("legend.pending"))]
        : [item("0", onemap.t("wall.map.nothing")), ...onemap.measures.classes(state.view, state.limits).map(({ look, words }) => item(look, words)), h("span.legend-unit", null, onemap.t(`wall.map.${state.view}.unit`))];
    box.replaceChildren(...items, h("span.legend-item.legend-by", null, onemap.t(`wall.map.by.${layer}`)));
  }

  // ---- the director's cut -------------------------------------------------------------------------------------------

  function visit(cut) {
    const own = county();
    const area = own && onemap.places.area(cut.area);
    if (!area) return;
    state.visiting = cut;
    own.visit(widened(area.box), cut.area === cut.township ? null : cut.area);
    own.focus(cut.area);
    describe();
  }

  function goHome() {
    state.visiting = null;
    const own = county();
    if (!own) return;
    own.focus(null);
    own.visit(null);
    describe();
  }

  function widened([west, south, east, north]) {
    const grow = (low, high, least) => {
      const missing = Math.max(0, least - (high - low)) / 2;
      return [low - missing, high + missing];
    };
    const [[w, e], [s, n]] = [grow(west, east, LEAST_DEGREES[0]), grow(south, north, LEAST_DEGREES[1])];
    return [w, s, e, n];
  }

  function direct(now) {
    const { view, cut } = onemap.programme(now);
    const second = Math.floor(now / 1000) % 60;
    const fresh = state.cut && state.cut.minute === Math.floor(now / MINUTE_MS);
    const lost = onemap.stream.state === "lost";
    if (state.visiting && (!cut || lost)) goHome();
    else if (!state.visiting && cut && fresh && !lost && second < LATEST_CUT_S && state.shown !== state.cut.minute) {
      state.shown = state.cut.minute;
      visit(state.cut);
    }
    // In an empty county there is nothing to measure: the map stays as it is.
    const wanted = onemap.stream.figures.pending || asked ? view : "level";
    if (county() && onemap.stream.known && wanted !== state.view) show(wanted);
  }

  // ---- when it is asked anew ------------------------------------------------------------------------------------------

  let [minuteTold, quarterTold, quarterRev] = [null, null, null];

  /** Wakes the callbacks once a minute and, where something happened, once a quarter of an hour. At rest it asks nothing. */
  function wake(now) {
    if (onemap.stream.state !== "live" || !document.querySelector('[data-onemap="wall-document"]')) return;
    const [minute, quarter] = [Math.floor(now / MINUTE_MS), Math.floor(now / QUARTER_MS)];
    if (minute !== minuteTold && onemap.stream.figures.pending && onemap.stream.put("wall-minute", minute)) minuteTold = minute;
    const due = quarter !== quarterTold && (quarterTold === null || onemap.stream.rev !== quarterRev || now % 3600000 < QUARTER_MS);
    // The first time Dash itself asks, when it begins.
    if (!due || !onemap.stream.loaded || (quarterTold !== null && !onemap.stream.put("wall-quarter", quarter))) return;
    [quarterTold, quarterRev] = [quarter, onemap.stream.rev];
  }

  onemap.on("second", (now) => {
    if (!document.querySelector(".wall")) return;
    direct(now);
    wake(now);
  });
  onemap.on("map", () => direct(onemap.clock.now()));
  onemap.on("full", () => (state.view ? show(state.view) : direct(onemap.clock.now())));
  let queued = false;
  onemap.on("delta", () => {
    if (queued) return;
    queued = true;
    // A burst of changes is measured once.
    setTimeout(() => {
      queued = false;
      if (state.view) show(state.view);
    }, 250);
  });
  onemap.on("theme", () => Object.assign(state.told, { legend: null }));

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.wall = {
    ...window.dash_clientside.wall,
    /** @param {?object} cut what needs eyes in a minute: {area, township, minute, level, kind, where, why} */
    cut: (cut) => {
      state.cut = cut || null;
    },
    /** @param {?object} areas rates of the last weeks: {days, county, cells, townships}, flat by gid */
    areas: (areas) => {
      state.areas = areas || null;
      if (state.view && state.view !== "level") show(state.view);
    },
  };
  onemap.stage = state;
})();
