/**
 * The page of the lists. Its view lives in the address: words, list, department, domain, township and version. This file is
 * its only writer; the server's callback reads the store `lists-view`, which holds what the address says.
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});
  const h = (...all) => onemap.h(...all);
  const components = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});

  // In the order of the callback's inputs, for which see dashboard/pages/lists.py.
  const CONTROLS = ["q", "department", "domain", "township", "on"];
  const KEYS = [...CONTROLS, "kind"];
  const CONTROL = (key) => `lists-${key}`;

  let here = null;
  let head = null;

  const standsHere = () => document.querySelector('[data-onemap="lists"]');

  const viewOf = (search) => onemap.address.view(KEYS, search);
  const addressOf = (view) => onemap.address.of(KEYS, view);

  const tellServer = () => window.dash_clientside.set_props("lists-view", { data: here });

  /** Goes to a view. Words that are being typed replace each other in the history: Back leads before the search. */
  function go(changes, { push = true } = {}) {
    const before = here;
    const view = { ...before, ...changes };
    const changed = KEYS.filter((key) => before[key] !== view[key]);
    if (!changed.length) return;
    here = view;
    if (push) {
      const typing = changed.length === 1 && changed[0] === "q" && before.q && view.q;
      history[typing ? "replaceState" : "pushState"]({}, "", addressOf(view));
    }
    tellServer();
    drawHead();
  }

  /** One list with its count; choosing it shows that list alone. */
  function card(item) {
    const chosen = (here ? here.kind : head.kind) === item.kind;
    return h("button.list-card", { type: "button", "aria-pressed": String(chosen), dataset: { kind: item.kind || "all" }, onclick: () => here && go({ kind: item.kind }) },
      h("span.list-card-name", null, item.name),
      h("span.list-card-n", null, item.n),
      h("span.list-card-note", null, item.note),
    );
  }

  /**
   * The version that is shown: name, since when, source, and whether it is a model.
   * @param {object} version words of the server
   * @returns {HTMLElement}
   */
  onemap.listVersion = (version) =>
    h("p.list-version", { dataset: { state: version.state } },
      h("b", null, version.name),
      h("span.chip", null, version.state_word),
      version.model ? h("span.chip.chip-model", { title: version.model_title }, version.model) : null,
      h("span", null, [version.since, version.source].filter(Boolean).join(" · ")),
    );

  function drawHead() {
    const target = document.querySelector('[data-lists="head"]');
    if (!target || !head) return;
    target.replaceChildren(h("div.list-cards", { role: "group" }, head.cards.map(card)), onemap.listVersion(head.version));
    const versions = document.querySelector(".control-on");
    if (versions) versions.hidden = !head.many;
  }

  onemap.mount("lists", () => {
    here = viewOf(location.search);
    tellServer();
    drawHead();
    return () => {
      here = head = null;
    };
  });

  // As in the cockpit: Back and forward within the page are ours, Dash would draw everything anew.
  window.addEventListener("popstate", (event) => {
    if (!here || !standsHere() || location.pathname !== standsHere().dataset.path) return;
    event.stopImmediatePropagation();
    const view = viewOf(location.search);
    for (const key of CONTROLS) window.dash_clientside.set_props(CONTROL(key), { value: view[key] || (key === "q" ? "" : null) });
    go(view, { push: false });
  });

  /** An item: its name, and below it what the list says; on a phone also who leads. */
  components.OneMapItem = ({ data }) => {
    const element = window.React.createElement;
    return element("a", { className: "matter-cell", href: data.href, "data-go": "" },
      element("span", { className: "matter-name" }, data.name),
      element("span", { className: "matter-where" }, `${data.code} · `, element("span", { className: "where-department" }, `${data.list} · ${data.who} · `), data.clause),
    );
  };

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.lists = {
    /** The controls say what the view should hold; the address follows. */
    choose: (...values) => {
      if (!here) return;
      const text = (value) => (value === null || value === undefined ? "" : String(value).trim());
      const wishes = Object.fromEntries(CONTROLS.map((key, k) => [key, text(values[k])]));
      // The control of versions knows its choices only with the data, and shows a day by the version that holds on it:
      // only another choice of the reader changes the address.
      if (!head || (here.on && wishes.on === (head.on || ""))) wishes.on = here.on;
      go(wishes);
    },
    /** @param {?object} data version and counts */
    head: (data) => {
      head = data;
      if (!data) return;
      drawHead();
      window.dash_clientside.set_props(CONTROL("on"), { value: data.on });
    },
  };
})();
