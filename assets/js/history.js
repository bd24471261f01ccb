/**
 * The time machine: the view lives in the address (moment, knowledge, boundaries, filters, area, panel), the script asks
 * the API for moments, fetches the next ones ahead while it plays, and paints them on the map.
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});
  const h = (...all) => onemap.h(...all);
  const t = (...all) => onemap.t(...all);

  const FILTERS = ["platform", "domain", "matter"];
  const KEYS = ["at", "known", "basis", ...FILTERS, "area", "panel", "span", "days", "hours", "level", "speed"];
  const USUAL = { known: "today", basis: "shown", panel: "moment", span: "7", days: "7", hours: "12", level: "township", speed: "30" };
  const MINUTE = 60_000;
  const FRAMES_PER_SECOND = 4;
  const AHEAD = 8;
  const AT_ONCE = 3;
  const MOST_FRAMES = 300;
  const SPEEDS = ["5", "30", "120", "480"];

  let page = null;

  const clean = (view) => ({ ...view, span: ["1", "7", "30"].includes(view.span) ? view.span : "7", speed: SPEEDS.includes(view.speed) ? view.speed : "30", panel: ["moment", "hot", "expected"].includes(view.panel) ? view.panel : "moment", known: view.known === "then" ? "then" : "today", basis: view.basis === "current" ? "current" : "shown", days: ["1", "7", "14", "28"].includes(view.days) ? view.days : "7", hours: ["6", "12", "24"].includes(view.hours) ? view.hours : "12", level: ["township", "matter", "cell"].includes(view.level) ? view.level : "township" });

  /** Fetches moments, keeps the last ones, and never asks for one twice at a time. */
  class Frames {
    constructor() {
      this.known = new Map();
      this.waiting = [];
      this.running = 0;
    }

    get(query) {
      const key = query.toString();
      if (!this.known.has(key)) {
        this.known.set(key, new Promise((done, failed) => this.waiting.push({ key, done, failed })));
        if (this.known.size > MOST_FRAMES) this.known.delete(this.known.keys().next().value);
        this.next();
      }
      return this.known.get(key);
    }

    next() {
      while (this.running < AT_ONCE && this.waiting.length) {
        const { key, done, failed } = this.waiting.shift();
        this.running += 1;
        onemap
          .fetchJson(`/api/v1/history/moment?${key}`)
          .then(done, (error) => {
            this.known.delete(key);
            failed(error);
          })
          .finally(() => {
            this.running -= 1;
            this.next();
          });
      }
    }

    /** What was asked for and has not been sent yet is not wanted any more. */
    drop() {
      for (const { key, failed } of this.waiting) {
        this.known.delete(key);
        failed(new DOMException("dropped", "AbortError"));
      }
      this.waiting = [];
    }
  }

  class Machine {
    constructor(anchor) {
      this.parts = Object.fromEntries([...document.querySelectorAll("[data-history]")].map((element) => [element.dataset.history, element]));
      this.path = anchor.dataset.path;
      this.frames = new Frames();
      this.stops = [];
      this.asides = new Map();
      this.view = clean(onemap.address.view(KEYS, location.search, USUAL));
      this.notice = "";
      this.at = this.instantOf(this.view.at);
      this.build();
      this.begin();
    }

    async begin() {
      this.reach = await onemap.fetchJson("/api/v1/history");
      this.show();
    }

    /** The moment that an address names; now where it names none, one that has not come, or none that can be read. */
    instantOf(written) {
      const now = onemap.clock.now();
      if (!written) return now;
      // A plus that nobody has encoded arrives as a space.
      const ms = onemap.zoned.read(written.replace(" ", "+"));
      if (Number.isNaN(ms)) this.notice = t("history.unread", { at: written });
      else if (ms > now + 2000) this.notice = t("history.future");
      else return Math.min(ms, now);
      return now;
    }

    // ---- controls --------------------------------------------------------------------------------------------------

    build() {
      const { how, time, tabs } = this.parts;
      this.how = how;
      this.clock = h("input", { type: "datetime-local", "aria-label": t("history.at"), onchange: () => this.typed() });
      this.day = h("span.history-day");
      this.play = h("button.play", { type: "button", onclick: () => this.toggle() });
      const step = (key, days, sign) => h("button.step", { type: "button", title: t(key), "aria-label": t(key), onclick: () => this.move(this.at + days * 1440 * MINUTE) }, sign);
      this.speed = h("select", { "aria-label": t("history.speed"), onchange: () => this.go({ speed: this.speed.value }, { push: false }) }, SPEEDS.map((speed) => h("option", { value: speed }, t(`history.speed.${speed}`))));
      this.spans = h("div");
      const now = h("button.way", { type: "button", onclick: () => this.toNow() }, t("history.now"));
      time.replaceChildren(h("div.time-row", null, step("history.back", -1, "«"), this.play, step("history.ahead", 1, "»"), this.clock, this.day, h("span.time-gap"), this.speed, this.spans, now), (this.quiet = h("div.time-quiet", { hidden: true }, t("history.quiet"))));
      this.bar = new onemap.TimeBar(time, { moved: (ms, still) => this.move(ms, { push: still, light: !still }), stretch: (...asked) => this.stretch(...asked), quiet: (is) => (this.quiet.hidden = !is) });
      this.tabs = tabs;
      this.keys = (event) => this.key(event);
      document.addEventListener("keydown", this.keys);
    }

    /** Space plays; arrows move wherever no field has them. */
    key(event) {
      const busy = event.target.closest("input, select, textarea, button, a, [role=combobox], [role=listbox], .leaflet-container, .dash-dropdown");
      if (event.key === " " && !event.target.closest("input, select, textarea, button, a")) {
        event.preventDefault();
        this.toggle();
      } else if (!busy && event.key.startsWith("Arrow")) this.bar.key(event);
    }

    drawControls() {
      const { view } = this;
      const { pills } = onemap.historyPanels;
      const named = (key, values, change) => h("div.control", null, h("span.control-name", null, t(`history.${key}`)), pills(key, values, view[key], change));
      this.how.replaceChildren(
        named("known", ["today", "then"], (known) => this.go({ known })),
        named("basis", ["shown", "current"], (basis) => this.go({ basis })),
      );
      this.spans.replaceChildren(pills("span", ["1", "7", "30"], view.span, (span) => this.go({ span }, { push: false })));
      this.tabs.replaceChildren(pills("tab", ["moment", "hot", "expected"], view.panel, (panel) => this.go({ panel }), "history.panels"));
      this.speed.value = view.speed;
      onemap.write(this.play, this.playing ? "❚❚" : "▶");
      this.play.setAttribute("aria-label", t(this.playing ? "history.pause" : "history.play"));
      this.play.dataset.playing = this.playing ? "yes" : "no";
    }

    drawTime() {
      if (document.activeElement !== this.clock) this.clock.value = onemap.zoned.local(this.at);
      this.clock.max = onemap.zoned.local(onemap.clock.now());
      onemap.write(this.day, onemap.time.day(this.at));
      this.bar.show(this.at, Number(this.view.span));
    }

    typed() {
      const ms = onemap.zoned.instant(this.clock.value);
      if (Number.isNaN(ms)) return;
      this.notice = ms > onemap.clock.now() ? t("history.future") : "";
      this.move(Math.min(ms, onemap.clock.now()), { keep: true });
    }

    toNow() {
      this.stop();
      this.notice = "";
      this.at = onemap.clock.now();
      this.go({ at: "" });
    }

    // ---- the address -----------------------------------------------------------------------------------------------

    /** Goes to a view: the address first, then what follows from it. */
    go(changes, { push = true } = {}) {
      this.view = clean({ ...this.view, ...changes });
      const address = onemap.address.of(KEYS, this.view, USUAL);
      if (address !== `${location.search || location.pathname}`) history[push ? "pushState" : "replaceState"]({}, "", address);
      if (FILTERS.some((key) => key in changes)) this.bar.renew(this.filters().toString());
      this.show();
    }

    move(ms, { push = true, light = false, keep = false } = {}) {
      this.at = Math.min(ms, onemap.clock.now());
      if (!keep) this.notice = "";
      this.view.at = onemap.zoned.iso(this.at);
      if (light) this.frames.drop();
      if (push) this.go({ at: this.view.at });
      else this.show();
    }

    /** Back and forward: the address has changed already. */
    returned() {
      this.stop();
      this.notice = "";
      const view = clean(onemap.address.view(KEYS, location.search, USUAL));
      const filters = FILTERS.some((key) => view[key] !== this.view[key]);
      this.view = view;
      this.at = this.instantOf(view.at);
      if (filters) {
        for (const key of FILTERS) window.dash_clientside.set_props(`history-${key}`, { value: view[key] || null });
        this.bar.renew(this.filters().toString());
      }
      this.show();
    }

    // ---- asking ----------------------------------------------------------------------------------------------------

    filters() {
      const query = new URLSearchParams();
      for (const key of FILTERS) if (this.view[key]) query.set(key, this.view[key]);
      return query;
    }

    query(ms) {
      const query = this.filters();
      query.set("at", onemap.zoned.iso(ms));
      query.set("known", this.view.known);
      query.set("basis", this.view.basis);
      return query;
    }

    stretch(from, steps, minutes) {
      const query = this.filters();
      query.set("from", onemap.zoned.iso(from));
      query.set("steps", steps);
      query.set("minutes", minutes);
      return onemap.fetchJson(`/api/v1/history/density?${query}`).catch(() => null);
    }

    /** What a panel needs beside the moment, by the full hour; asked once and kept. */
    aside(path, more) {
      const query = this.filters();
      query.set("at", onemap.zoned.iso(Math.floor(this.at / (60 * MINUTE)) * 60 * MINUTE));
      for (const [key, value] of Object.entries(more)) query.set(key, value);
      const url = `/api/v1/history/${path}?${query}`;
      if (!this.asides.has(url)) {
        if (this.asides.size > 30) this.asides.clear();
        this.asides.set(url, onemap.fetchJson(url).catch(() => this.asides.delete(url)));
      }
      return this.asides.get(url);
    }

    // ---- showing ---------------------------------------------------------------------------------------------------

    async show() {
      this.drawControls();
      this.drawTime();
      const turn = (this.turn = (this.turn || 0) + 1);
      // While now is shown, the server may be a moment behind this clock.
      const asked = Math.min(this.at, onemap.clock.now() - 1000);
      let moment;
      try {
        moment = await this.frames.get(this.query(asked));
      } catch (error) {
        if (error.name !== "AbortError" && turn === this.turn) this.say([t("history.failed")]);
        return;
      }
      if (turn !== this.turn || this.gone) return;
      await this.paint(moment);
      if (turn !== this.turn || this.gone) return;
      this.moment = moment;
      await this.drawPanel(moment, turn);
    }

    async county() {
      if (!onemap.map || onemap.map.options.mode !== "history") return null;
      await onemap.map.ready;
      return onemap.map;
    }

    async paint(moment) {
      const county = await this.county();
      if (!county) return;
      const key = JSON.stringify(moment.version.layers);
      if (this.ground === undefined) this.ground = JSON.stringify(Object.fromEntries(Object.entries(county.region.layers).map(([name, { url }]) => [name, url])));
      if (this.ground !== key) {
        const layers = await onemap.places.version(moment.version);
        if (this.gone) return;
        this.ground = key;
        county.standOn(layers);
        this.clearSpots();
      }
      // Hot spots stand on silent ground: two pictures on one map would be read as one.
      county.figureless = this.view.panel === "hot";
      if (county.figureless) county.repaint(new Map(), new Map());
      else county.repaint(spread(moment.cells), spread(moment.townships));
      if (this.focused !== this.view.area) {
        const first = this.focused === undefined && !this.view.area;
        this.focused = this.view.area;
        if (!first) county.zoomTo(this.view.area);
      }
      county.host.dataset.moment = moment.at;
    }

    async drawPanel(moment, turn) {
      const { view } = this;
      const county = await this.county();
      const acts = { go: (changes) => this.go(changes), pick: (area) => this.go({ area }), spot: (spot) => this.toSpot(spot) };
      const put = (rows) => this.parts.panel.replaceChildren(...rows.flat().filter(Boolean));
      this.parts.panel.dataset.panel = view.panel;
      this.sayWhatIsMissing(moment);
      if (view.panel === "moment") {
        this.clearSpots();
        if (county) put(onemap.historyPanels.moment(moment, county, view, acts));
        return;
      }
      const [path, more] = view.panel === "hot" ? ["hotspots", { days: view.days, basis: view.basis }] : ["expected", { hours: view.hours }];
      if (this.shownPanel !== view.panel) put(onemap.historyPanels[view.panel](null, view, acts));
      this.shownPanel = view.panel;
      const answer = await this.aside(path, more);
      if (turn !== this.turn || this.gone || !answer) return;
      put(onemap.historyPanels[view.panel](answer, view, acts));
      this.clearSpots();
      if (view.panel === "hot" && county) this.spots = onemap.drawSpots(county, answer.spots, (spot) => this.toSpot(spot));
    }

    clearSpots() {
      if (this.spots) this.spots();
      this.spots = null;
    }

    async toSpot(spot) {
      const county = await this.county();
      const boxes = spot.gids.map((gid) => county.cells.byGid.get(gid).box);
      const box = [0, 1, 2, 3].map((k) => Math[k < 2 ? "min" : "max"](...boxes.map((one) => one[k])));
      const pad = Math.max(box[2] - box[0], box[3] - box[1], 0.01);
      county.fit(true, [box[0] - pad, box[1] - pad, box[2] + pad, box[3] + pad]);
    }

    // ---- what is missing -------------------------------------------------------------------------------------------

    say(words, ...ways) {
      const { notice } = this.parts;
      notice.hidden = !words.filter(Boolean).length;
      notice.replaceChildren(...words.filter(Boolean).map((text) => h("p", null, text)), ...ways.filter(Boolean));
    }

    sayWhatIsMissing(moment) {
      const { reach, view } = this;
      const way = (key, act) => h("button.way", { type: "button", onclick: act }, t(key));
      if (!reach.first_received) return this.say([this.notice, t("history.nothing")]);
      const first = Date.parse(reach.first_received);
      if (this.at < first) return this.say([this.notice, t("history.before", { at: onemap.zoned.local(first).replace("T", " ") })], way("history.before.go", () => this.move(first + MINUTE)));
      if (view.known === "then" && this.at < Date.parse(reach.first_recorded)) {
        return this.say([this.notice, t("history.unrecorded", { at: onemap.zoned.local(Date.parse(reach.first_recorded)).replace("T", " ") })], way("history.unrecorded.go", () => this.go({ known: "today" })));
      }
      if (moment.figures.pending) return this.say([this.notice]);
      const filtered = FILTERS.some((key) => view[key]);
      return this.say([this.notice, t(filtered ? "history.empty.filter" : "history.empty")], filtered ? way("history.clear", () => this.clearFilters()) : null);
    }

    clearFilters() {
      for (const key of FILTERS) window.dash_clientside.set_props(`history-${key}`, { value: null });
      this.go(Object.fromEntries(FILTERS.map((key) => [key, ""])));
    }

    // ---- play ------------------------------------------------------------------------------------------------------

    toggle() {
      if (this.playing) {
        this.stop();
        this.go({ at: onemap.zoned.iso(this.at) });
      } else this.start();
    }

    start() {
      // Whoever plays at the end of time begins a day earlier.
      if (this.at > onemap.clock.now() - 30 * MINUTE) this.at -= 1440 * MINUTE;
      this.at = Math.floor(this.at / (5 * MINUTE)) * 5 * MINUTE;
      this.notice = "";
      this.playing = true;
      this.drawControls();
      this.tick();
    }

    stop() {
      this.playing = false;
      clearTimeout(this.timer);
      this.drawControls();
    }

    get stride() {
      return (Number(this.view.speed) * MINUTE) / FRAMES_PER_SECOND;
    }

    /** One frame: ask for the next ones, wait for this one, show it, and go on when its time is over. */
    async tick() {
      const began = performance.now();
      const to = this.at + this.stride;
      if (to > onemap.clock.now() - 2000) {
        this.stop();
        this.toNow();
        return;
      }
      for (let k = 1; k <= AHEAD; k += 1) {
        const next = this.at + k * this.stride;
        if (next < onemap.clock.now() - 2000) this.frames.get(this.query(next)).catch(() => {});
      }
      this.at = to;
      this.view.at = onemap.zoned.iso(to);
      await this.show();
      if (!this.playing || this.gone) return;
      history.replaceState({}, "", onemap.address.of(KEYS, this.view, USUAL));
      this.timer = setTimeout(() => this.tick(), Math.max(0, 1000 / FRAMES_PER_SECOND - (performance.now() - began)));
    }

    leave() {
      this.gone = true;
      this.stop();
      this.bar.leave();
      document.removeEventListener("keydown", this.keys);
    }
  }

  function spread(flat) {
    const into = new Map();
    for (let k = 0; k < flat.length; k += 5) into.set(flat[k], flat.slice(k + 1, k + 5));
    return into;
  }

  onemap.mount("history", (anchor) => {
    const begin = () => {
      page = onemap.history = new Machine(anchor);
    };
    const stop = onemap.config() ? begin() : onemap.on("config", begin);
    return () => {
      if (stop) stop();
      if (page) page.leave();
      page = onemap.history = null;
    };
  });

  onemap.on("map", (county) => {
    if (page && county.options.mode === "history") {
      page.ground = page.focused = undefined;
      page.spots = null;
      page.show();
    }
  });

  onemap.on("pick", ({ map, area }) => {
    if (!page || map.options.mode !== "history") return;
    const chain = onemap.places.chain(area.code).map((one) => one.code);
    const depth = chain.indexOf(page.view.area);
    page.go({ area: chain.length ? chain[Math.min(depth + 1, chain.length - 1)] : area.code });
  });

  // Back and forward between two views of this page: Dash would draw the whole page anew; it listens later than we do.
  window.addEventListener("popstate", (event) => {
    if (!page || location.pathname !== page.path) return;
    event.stopImmediatePropagation();
    page.returned();
  });

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.history = {
    /** The filters, in the order of the page's controls; the address follows. */
    choose: (...values) => {
      if (!page) return;
      const changes = Object.fromEntries(FILTERS.map((key, k) => [key, values[k] || ""]));
      if (FILTERS.some((key) => changes[key] !== page.view[key])) page.go(changes);
    },
  };
})();
