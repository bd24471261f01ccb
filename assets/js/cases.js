/**
 * The case table. Its view lives in the address and this file is its only writer; rows come from /api/v1/case-table as the
 * reader scrolls. A view can be copied as a link, kept under a name, and taken away as a file.
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});
  const h = (...all) => onemap.h(...all);
  const t = (...all) => onemap.t(...all);

  const GRID = "cases-grid";
  // In the order of the callback's inputs, for which see dashboard/pages/filters.py.
  const CONTROLS = ["platform", "domain", "matter", "department", "source", "level"];
  const FILTERS = ["area", ...CONTROLS, "from", "to"];
  const KEYS = [...FILTERS, "state"];
  const USUAL = { state: "open" };
  const MANY = new Set(["level"]);
  const STATES = ["open", "ended", "all"];
  const OWNER = "onemap-views-of";
  const REFRESH_MS = 4000;
  const LONGEST_WAIT_MS = 8000;

  let here = null;
  let head = null;
  let grid = null;
  let kept = null;
  let owner = "command";
  let said = null;
  let stale = false;
  let refreshed = 0;

  const part = (name) => document.querySelector(`[data-cases="${name}"]`);
  const standsHere = () => document.querySelector('[data-onemap="cases"]');
  const viewOf = (search) => onemap.address.view(KEYS, search, USUAL);
  const query = (view = here) => onemap.address.search(KEYS, { ...view, state: STATES.includes(view.state) ? view.state : "open" });
  const file = (ending) => `/api/v1/case-table.${ending}${query()}`;

  /** What the controls show of a view that was just drawn: all of it but codes that they do not know. */
  const shownOf = (view) => {
    const unknown = new Set((standsHere().dataset.unknown || "").split(" "));
    return Object.fromEntries(CONTROLS.map((key) => [key, unknown.has(key) ? "" : MANY.has(key) ? view[key].split(",").filter(Boolean).sort().join(",") : view[key]]));
  };

  /** Goes to a view: the address first, then everything that follows from it. */
  function go(changes, { push = true } = {}) {
    const before = here;
    const view = { ...here, ...changes };
    if (KEYS.every((key) => before[key] === view[key])) return;
    here = view;
    if (push) history.pushState({}, "", onemap.address.of(KEYS, view, USUAL));
    onemap.emit("view", here);
    drawState();
    reload();
  }

  /** Shows a view in the controls, which then say nothing new. */
  function setControls(view) {
    for (const key of CONTROLS) {
      const value = MANY.has(key) ? view[key].split(",").filter(Boolean) : view[key] || null;
      window.dash_clientside.set_props(`cases-${key}`, { value });
    }
  }

  // ---- rows ----------------------------------------------------------------------------------------------------------

  const waiting = (ms) => new Promise((done) => setTimeout(done, ms));

  /** Where the grid gets its rows; a view that has changed meanwhile is not answered. */
  const source = (view) => ({
    rowCount: undefined,
    async getRows({ startRow, endRow, successCallback, failCallback }) {
      for (let wait = 500; view === here; wait = Math.min(LONGEST_WAIT_MS, wait * 2)) {
        try {
          const search = new URLSearchParams(query(view));
          search.set("start", startRow);
          search.set("limit", endRow - startRow);
          const answer = await fetch(`/api/v1/case-table?${search}`);
          const found = await answer.json();
          if (view !== here) break;
          if (answer.ok) {
            head = found;
            drawHead();
            successCallback(found.rows, found.listed);
            return;
          }
          if (answer.status < 500) {
            head = { rows: [], total: 0, listed: 0, chosen: [], notes: [found.detail] };
            drawHead();
            successCallback([], 0);
            return;
          }
        } catch (error) {
          // The server is away: the rows that are there stay, and we try again.
        }
        onemap.write(part("count"), t("cases.failed"));
        await waiting(wait);
      }
      failCallback();
    },
  });

  const INSIST_MS = 200;
  const INSIST_TIMES = 25;

  /** Gives the grid its source. Dash gives it one of its own when it becomes ready, which may be after us. */
  async function insist(api, ours, view) {
    for (let time = 0; time < INSIST_TIMES && view === here && !api.isDestroyed(); time++) {
      if (api.getGridOption("datasource") !== ours) api.setGridOption("datasource", ours);
      await waiting(INSIST_MS);
    }
  }

  async function reload() {
    onemap.write(part("count"), t("cases.loading"));
    if (!window.dash_ag_grid) return;
    try {
      grid = await window.dash_ag_grid.getApiAsync(GRID);
      if (!here || grid.isDestroyed()) return;
      if (grid.getDisplayedRowCount()) grid.ensureIndexVisible(0, "top");
      await insist(grid, source(here), here);
    } catch (error) {
      // The table left the page while it was still loading.
    }
  }

  /** Brings the rows in sight up to date when something has happened, at most every few seconds. */
  function refresh() {
    if (!stale || !grid || grid.isDestroyed() || Date.now() - refreshed < REFRESH_MS) return;
    stale = false;
    refreshed = Date.now();
    grid.refreshInfiniteCache();
  }

  // ---- what stands above the rows --------------------------------------------------------------------------------------

  function note(words) {
    const target = part("notes");
    if (target) target.replaceChildren(...words.map((one) => h("p", null, one)));
  }

  const without = (key) => (key === "period" ? { from: "", to: "" } : key === "state" ? { state: "all" } : { [key]: "" });

  function drop(key) {
    const next = { ...here, ...without(key) };
    setControls(next);
    go(without(key));
  }

  function clear() {
    const next = { ...Object.fromEntries(FILTERS.map((key) => [key, ""])), state: here.state };
    setControls(next);
    go(next);
  }

  const chip = ({ key, name, words }) =>
    h("button.chip.chip-filter", { type: "button", dataset: { key }, "aria-label": `${name}：${words} · ${t("cases.remove", { name })}`, onclick: () => drop(key) }, h("span", null, `${name}：${words}`), h("i", { "aria-hidden": "true" }, "×"));

  function drawHead() {
    if (!head || !here) return;
    const capped = head.total > head.listed;
    onemap.write(part("count"), t(capped ? "cases.count.capped" : "cases.count", { n: onemap.count(head.listed) }));
    const held = head.chosen.filter((one) => one.key !== "state");
    const chips = part("chips");
    // An empty table names its conditions itself.
    if (chips) chips.replaceChildren(...(head.total ? held.map(chip) : []), ...(head.total && held.length > 1 ? [h("button.chip.chip-clear", { type: "button", onclick: clear }, t("cases.clear"))] : []));
    note(head.notes);
    drawTools();
    drawNothing(held);
  }

  /** An empty table says what to take away. */
  function drawNothing(held) {
    const target = part("nothing");
    if (!target) return;
    target.hidden = head.total > 0;
    if (head.total > 0) return;
    const conditions = here.state === "all" ? held : head.chosen;
    target.replaceChildren(
      h("h2", null, conditions.length ? t("cases.nothing") : t("cases.nothing.none")),
      ...(conditions.length ? [h("p", null, t("cases.nothing.way")), h("div.ways", null, conditions.map(chip))] : []));
  }

  function drawState() {
    const target = part("state");
    if (!target || !here) return;
    target.replaceChildren(...STATES.map((name) =>
      h("label", null, h("input", { type: "radio", name: "cases-state", value: name, checked: here.state === name, onchange: () => go({ state: name }) }), t(`cases.state.${name}`))));
  }

  // ---- taking it away ----------------------------------------------------------------------------------------------------

  const linkOf = (path) => new URL(path, location.href).href;

  /** Copies a link; where the browser forbids that (plain http), it is shown to be copied by hand. */
  async function copy(path, button) {
    const link = linkOf(path);
    try {
      await navigator.clipboard.writeText(link);
      onemap.write(button, t("cases.shared"));
      setTimeout(() => button.isConnected && onemap.write(button, t("cases.share")), 2500);
    } catch (error) {
      window.prompt(t("cases.share.by_hand"), link);
    }
  }

  function drawTools() {
    const target = part("tools");
    if (!target || !here) return;
    const open = !part("panel").hidden;
    onemap.forms.keep(target, [{ key: "tools", query: query(), open, map: here.state !== "ended" }], {
      make: () => h("div.tools", null, tools(open)),
      renew: (element) => element.replaceChildren(...tools(open)),
    });
  }

  const tools = (open) => [
    h("button.way", { type: "button", "aria-expanded": String(open), dataset: { tool: "saved" }, onclick: toggle }, t("saved.title")),
    h("button.way", { type: "button", dataset: { tool: "share" }, onclick: (event) => copy(`/cases${onemap.address.search(KEYS, { ...here, state: here.state === "open" ? "" : here.state })}`, event.currentTarget) }, t("cases.share")),
    h("a.way", { href: `/${onemap.address.search(FILTERS, here)}`, "data-go": "" }, t("cases.as_map")),
    h("a.way", { href: file("csv"), download: "", dataset: { tool: "csv" } }, t("cases.csv")),
    h("a.way", { href: file("xlsx"), download: "", dataset: { tool: "xlsx" } }, t("cases.xlsx")),
  ];

  // ---- views that are kept -------------------------------------------------------------------------------------------------

  function toggle() {
    const panel = part("panel");
    panel.hidden = !panel.hidden;
    drawTools();
    if (!panel.hidden) readKept();
  }

  /** Asks the hub about views; gives its answer, or says what went wrong. */
  async function ask(method, path, body) {
    let answer;
    try {
      answer = await fetch(`/api/v1/views${path}`, { method, headers: { "Content-Type": "application/json" }, body: body && JSON.stringify(body) });
    } catch (error) {
      return { failed: t("saved.error.unreachable") };
    }
    if (answer.ok) return answer.status === 204 ? {} : await answer.json();
    const said = await answer.json().catch(() => ({}));
    const key = `saved.error.${said.error}`;
    return { failed: t(key) === key ? `${t("saved.error.other")} ${said.detail || answer.status}` : t(key) };
  }

  async function readKept() {
    const found = await ask("GET", `?owner=${encodeURIComponent(owner)}`);
    kept = found.failed ? { views: [], failed: found.failed } : found;
    drawKept();
  }

  const of = () => `owner=${encodeURIComponent(owner)}`;

  /** A view of this page is shown without drawing the page anew. */
  function open(event, item) {
    if (item.path !== standsHere().dataset.path || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const view = viewOf(item.url.split("?")[1] || "");
    setControls(view);
    go(view);
  }

  function keptRow(item) {
    const noted = h("span.form-note", { role: "status" });
    const say = (found) => (found.failed ? (onemap.write(noted, found.failed), (noted.dataset.state = "refused")) : readKept());
    const name = h("input.input", { value: item.name, maxlength: 60, "aria-label": t("saved.name") });
    const renaming = h("form.saved-rename", { hidden: true, onsubmit: async (event) => { event.preventDefault(); say(await ask("PATCH", `/${item.id}?${of()}`, { name: name.value })); } },
      name, h("button.way", { type: "submit" }, t("saved.rename")));
    let sure = false;
    const forget = async ({ currentTarget }) => {
      if (sure) return say(await ask("DELETE", `/${item.id}?${of()}`));
      sure = true;
      onemap.write(currentTarget, t("saved.delete.sure"));
      return null;
    };
    return h("li.saved-view", { dataset: { id: item.id } },
      h("a.saved-name", { href: item.url, "data-go": "", onclick: (event) => open(event, item) }, item.name),
      h("span.saved-ways", null,
        h("button.way", { type: "button", onclick: (event) => copy(item.url, event.currentTarget) }, t("cases.share")),
        h("button.way", { type: "button", onclick: () => { renaming.hidden = !renaming.hidden; name.focus(); } }, t("saved.rename")),
        h("button.way", { type: "button", dataset: { act: "delete" }, onclick: forget }, t("saved.delete"))),
      renaming, noted);
  }

  function drawKept() {
    const target = part("saved");
    if (!target || !kept) return;
    if (!target.firstChild) {
      const name = h("input.input", { name: "name", maxlength: 60, autocomplete: "off", placeholder: t("saved.name"), "aria-label": t("saved.name") });
      target.append(h("ul.saved-views"), onemap.forms.asking("view", null, t("saved.save"), [name], keepView, t("saved.done"), (form) => { form.reset(); readKept(); }));
    }
    // A view under another name is another row.
    const rows = kept.views.map((view) => ({ key: `${view.id} ${view.name}`, ...view }));
    onemap.forms.keep(target.firstChild, rows.length ? rows : [{ key: `none ${kept.failed || ""}` }], {
      make: (item) => (item.id ? keptRow(item) : h("li.empty", null, kept.failed || t("saved.none"))),
      renew: () => {},
    });
  }

  async function keepView(values) {
    const search = onemap.address.search(KEYS, { ...here, state: here.state === "open" ? "" : here.state }).slice(1);
    const found = await ask("POST", "", { owner, name: String(values.get("name") || ""), path: "/cases", query: search });
    return found.failed || "";
  }

  // ---- in and out ----------------------------------------------------------------------------------------------------------

  onemap.mount("cases", () => {
    here = viewOf(location.search);
    said = shownOf(here);
    owner = localStorage.getItem(OWNER) || owner;
    window.dash_clientside.set_props("cases-owner", { value: owner });
    onemap.emit("view", here);
    drawState();
    reload();
    const stops = [
      onemap.on("period", (days) => go(days)),
      onemap.on("delta", () => { stale = true; refresh(); }),
      onemap.on("second", refresh),
    ];
    return () => {
      stops.forEach((stop) => stop());
      here = head = grid = kept = said = null;
      stale = false;
    };
  });

  // As in the cockpit: Back and forward within the page are ours, Dash would draw everything anew.
  window.addEventListener("popstate", (event) => {
    if (!here || !standsHere() || location.pathname !== standsHere().dataset.path) return;
    event.stopImmediatePropagation();
    const view = viewOf(location.search);
    setControls(view);
    go(view, { push: false });
  });

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.cases = {
    /** The controls say what the view should hold; the address follows. */
    choose: (...values) => {
      const text = (value) => (Array.isArray(value) ? [...value].sort().join(",") : value === null || value === undefined ? "" : String(value));
      const wishes = Object.fromEntries(CONTROLS.map((key, k) => [key, text(values[k])]));
      // Only what the reader changed: a code that no control knows is shown by none, and stays in the address.
      if (!here) return;
      const changed = CONTROLS.filter((key) => wishes[key] !== said[key]);
      said = wishes;
      go(Object.fromEntries(changed.map((key) => [key, wishes[key]])));
    },
    /** Whose views the panel shows; remembered on this device. */
    owner: (of_) => {
      if (!here || !of_ || of_ === owner) return;
      owner = of_;
      localStorage.setItem(OWNER, owner);
      readKept();
    },
  };
})();
