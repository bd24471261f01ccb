/**
 * 最多查一次: the page of subjects and their visits, and the panel on the page of a case. The server makes words and times
 * ready (dashboard/views/inspections.py); the view lives in the address, and this file is its only writer.
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});
  const h = (...all) => onemap.h(...all);
  const t = (...all) => onemap.t(...all);

  const KEYS = ["quarter", "q", "township", "department", "visited", "subject"];
  const TYPING_MS = 300;

  let here = null;
  let data = null;
  let townships = [];

  const standsHere = () => document.querySelector('[data-onemap="inspections"]');
  const place = (name) => document.querySelector(`[data-inspections="${name}"]`);
  // What was drawn where, and from what: a place whose words are the same keeps its elements, and with them the focus.
  const drawn = new Map();
  const opened = new Set();

  function fill(name, source, draw) {
    const target = place(name);
    const known = drawn.get(name);
    const words = JSON.stringify(source);
    if (!target || (known && known.target === target && known.words === words)) return;
    drawn.set(name, { target, words });
    target.replaceChildren(...[draw()].flat(3).filter(Boolean));
  }

  // ---- the address ------------------------------------------------------------------------------------------------

  const tellServer = () => window.dash_clientside.set_props("inspections-view", { data: here });

  const viewOf = (search) => onemap.address.view(KEYS, search);
  const addressOf = (changes) => onemap.address.of(KEYS, { ...here, ...changes });

  function go(changes, { push = true } = {}) {
    if (!here || !KEYS.some((key) => key in changes && changes[key] !== here[key])) return;
    const away = "subject" in changes && changes.subject !== here.subject;
    if (push) history.pushState({}, "", addressOf(changes));
    here = { ...here, ...changes };
    tellServer();
    if (away) window.scrollTo(0, 0);
  }

  /** A link within the page: an address of its own, without loading the page anew. */
  const way = (kind, changes, ...inside) =>
    h(kind, {
      href: addressOf(changes),
      onclick: (click) => {
        if (click.ctrlKey || click.metaKey || click.shiftKey) return;
        click.preventDefault();
        go(changes);
      },
    }, ...inside);

  // ---- controls ---------------------------------------------------------------------------------------------------

  const option = (chosen) => ([value, words]) => h("option", { value, selected: value === chosen }, words);
  const field = (words, input) => h("label.field", null, h("span", null, words), input);

  /** Drawn once, so that an input keeps its cursor while the page follows others. */
  function controls() {
    const target = place("controls");
    if (!target.firstChild) {
      const q = h("input.input", { type: "search", name: "q", autocomplete: "off" });
      let waiting = 0;
      q.addEventListener("input", () => {
        clearTimeout(waiting);
        waiting = setTimeout(() => go({ q: q.value.trim(), subject: "" }), TYPING_MS);
      });
      const quarter = h("select.input", { name: "quarter", onchange: () => go({ quarter: quarter.value }) });
      const township = h("select.input", { name: "township", onchange: () => go({ township: township.value, subject: "" }) });
      target.append(field(t("inspections.q"), q), field(t("inspections.township"), township), field(t("inspections.quarter"), quarter));
    }
    const [q, township, quarter] = target.querySelectorAll(".input");
    if (document.activeElement !== q) q.value = here.q;
    township.replaceChildren(...[["", t("inspections.all_townships")], ...townships].map(option(here.township)));
    quarter.replaceChildren(...data.quarters.map(option(data.quarter)));
  }

  // ---- figures ----------------------------------------------------------------------------------------------------

  const figure = (item) => {
    const inside = [h("div.kpi-name", null, item.words), h("div.kpi-figure", { dataset: { figure: item.name } }, String(item.value), item.note ? h("small", null, ` ${item.note}`) : null)];
    return item.behind ? way(`a.kpi.kpi-${item.name}`, { visited: item.behind, department: "", subject: "" }, inside) : h(`div.kpi.kpi-${item.name}`, null, inside);
  };

  const department = (row) =>
    h("tr", { dataset: { department: row.code } },
      h("th", { scope: "row" }, row.name),
      h("td", null,
        row.more ? way("a.behind", { visited: "more", department: row.code, subject: "" }, String(row.more)) : "0",
        " / ",
        way("a.behind", { visited: "once", department: row.code, subject: "" }, String(row.visited))),
      h("td", null, row.rate),
      h("td", null, row.approved));

  const departments = () =>
    data.departments.length
      ? [
          h("table.counted", null,
            h("thead", null, h("tr", null, ["department", "more", "rate", "approved"].map((name) => h("th", { scope: "col" }, t(`inspections.head.${name}`))))),
            h("tbody", null, data.departments.map(department))),
          h("p.hint", null, t("inspections.formula")),
        ]
      : [h("p.empty", null, t("inspections.none_visited")), h("p.hint", null, t("inspections.formula"))];

  const previous = () =>
    h("table.counted", null, h("tbody", null, data.previous.map((one) =>
      h("tr", null, h("th", { scope: "row" }, way("a.behind", { quarter: one.key, subject: "" }, one.name)), h("td", null, one.note), h("td", null, one.value)))));

  // ---- the list ---------------------------------------------------------------------------------------------------

  const row = (item) =>
    way("a.subject-row", { subject: item.code },
      h("span.subject-what", null, h("b", null, item.name), h("small", null, [item.kind, item.place, item.code].filter(Boolean).join(" · "))),
      h("span.subject-visits", null, h("span", null, item.visits), h("small", null, item.last)),
      h("span.subject-open", null, item.open ? h("span.chip.chip-open", null, item.open) : null));

  function list() {
    const filtered = here.q || here.township || data.chip;
    return [
      h("div.inspections-list-head", null,
        h("h2", null, t("inspections.subjects")),
        data.chip ? h("span.chip", null, data.chip) : null,
        data.chip ? way("a.way", { visited: "", department: "" }, t("inspections.all")) : null),
      data.rows.length ? h("div.subject-rows", null, data.rows.map(row)) : h("p.empty", null, t(filtered ? "inspections.subjects.none" : "inspections.subjects.empty")),
      data.more ? h("p.hint", null, t("inspections.more")) : null,
    ];
  }

  // ---- one subject ------------------------------------------------------------------------------------------------

  const came = (one) => h("li", null, h("time", null, one.at), h("b", null, one.who), one.unit ? h("span", null, one.unit) : null, h("small", null, one.number));

  const checks = (parts) =>
    parts.length
      ? h("div.checks", null, parts.map((part) =>
          h("div.check-part", null,
            h("h4", null, part.department),
            h("ul", null, part.items.map((item) => h("li.todo", null, h("i.tick", { "aria-hidden": "true" }), h("span", null, item.text, item.cases.map((number) => h("small", null, number)))))))))
      : h("p.empty", null, t("inspections.visit.no_checks"));

  const second = (why) => (why ? h("p.second", null, h("b", null, t("inspections.second")), why.map((words) => h("span", null, words))) : null);

  const shared = (cases) =>
    h("ul.visit-cases", null, cases.map((one) => h("li", null, h("a", { href: one.href, "data-go": true }, one.number), h("span", null, one.matter), h("small", null, one.status))));

  /** An earlier visit shows its check list only when asked for, and stays open while the page follows others. */
  function checkList(one, folded) {
    if (!folded) return h("div.visit-checks", null, h("h4", null, t("inspections.visit.checks")), checks(one.checks));
    const element = h("details.visit-checks", null, h("summary", null, t("inspections.visit.checks")), checks(one.checks));
    element.open = opened.has(one.key);
    element.addEventListener("toggle", () => (element.open ? opened.add(one.key) : opened.delete(one.key)));
    return element;
  }

  function visit(one, { cases = true, folded = false } = {}) {
    return h("section.visit", { dataset: { visit: one.key, open: one.open ? "yes" : "no" } },
      h("header", null, h("h3", null, one.name), h(`span.chip${one.open ? ".chip-open" : ""}`, null, one.state), h("small", null, one.planned)),
      second(one.second),
      cases ? h("div.visit-shared", null, h("h4", null, t("inspections.visit.cases")), shared(one.cases)) : null,
      h("div.visit-came", null, h("h4", null, t("inspections.visit.on_site")), one.came.length ? h("ul.came", null, one.came.map(came)) : h("p.empty", null, t("inspections.visit.nobody"))),
      checkList(one, folded));
  }

  function subject() {
    const item = data.subject;
    const back = way("a.way.inspections-back", { subject: "" }, `‹ ${t("inspections.back")}`);
    if (!item) return [back, h("p.empty", null, t("inspections.unknown", { code: data.asked }))];
    const newest = item.visits_made[0];
    return [
      h("div.subject-tools", null, back, newest ? h("button.way", { type: "button", onclick: () => window.print() }, t("inspections.print")) : null),
      h("div.subject-head", null,
        h("h2", null, item.name),
        h("p", null, [item.kind, item.place, item.code].filter(Boolean).join(" · ")),
        h("p.hint", null, [item.visits, item.last, item.open].filter(Boolean).join(" · ")),
        newest ? h("p.printed", null, t("inspections.printed", { name: item.name, visit: newest.name, at: item.printed })) : null),
      item.visits_made.map((one, at) => visit(one, { folded: at > 0 })),
      newest ? h("p.printed.printed-foot", null, ["inspector", "subject", "day"].map((name) => h("span", null, t(`inspections.sign.${name}`)))) : null,
      item.unplanned.length ? h("section.visit", null, h("h3", null, t("inspections.unplanned")), h("ul.came", null, item.unplanned.map(came))) : null,
    ];
  }

  // ---- in ---------------------------------------------------------------------------------------------------------

  function draw() {
    if (!data || !here || !standsHere()) return;
    onemap.write(place("rule"), data.rule);
    controls();
    // Links keep the rest of the address, so they are drawn anew with it.
    fill("figures", [data.figures, here], () => h("div.kpis", null, data.figures.map(figure)));
    fill("departments", [data.departments, here], departments);
    fill("previous", [data.previous, here], previous);
    // An answer to an earlier question is not drawn over the one that is asked now.
    if (data.asked === here.subject) fill("main", [data.rows, data.subject, data.more, data.chip, here], data.asked ? subject : list);
  }

  onemap.mount("inspections", () => {
    here = viewOf(location.search);
    tellServer();
    return () => {
      here = data = null;
      drawn.clear();
    };
  });

  // Back and forward within the page are ours, Dash would draw everything anew.
  window.addEventListener("popstate", (event) => {
    if (!here || !standsHere() || location.pathname !== standsHere().dataset.path) return;
    event.stopImmediatePropagation();
    const q = place("controls").querySelector("[name=q]");
    const view = viewOf(location.search);
    if (q) q.value = view.q;
    go(view, { push: false });
  });

  /**
   * The subject of one case and the visit that it belongs to.
   * @param {?object} panel words of the server; null when no subject is named
   */
  onemap.caseVisit = (panel) => {
    const target = document.querySelector('[data-case="visit"]');
    if (!target) return;
    target.replaceChildren(
      ...(panel
        ? [
            h("div.subject-head", null,
              h("a", { href: panel.href, "data-go": true }, h("b", null, panel.name)),
              h("p", null, [panel.kind, panel.code, panel.visit ? panel.how : t("inspections.panel.waiting")].join(" · "))),
            panel.visit ? visit(panel.visit, { cases: panel.visit.cases.length > 1, folded: true }) : null,
            h("a.way", { href: panel.href, "data-go": true }, t("inspections.panel.page")),
          ].filter(Boolean)
        : [h("p.empty", null, t("inspections.panel.none"))]),
    );
  };

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.inspections = {
    /** @param {?object} next what the page shows, in words @param {Array} places the townships to choose from */
    draw: (next, places) => {
      data = next;
      townships = places || [];
      draw();
    },
  };
})();
