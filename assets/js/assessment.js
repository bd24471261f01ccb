/**
 * The assessment of stationed units. The server makes words and figures ready; this file lays them out, opens units and
 * figures, and sends ratings and consultations. The view of the page lives in the address; this file is its only writer, see
 * dashboard/pages/assessment.py.
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});
  const h = (...all) => onemap.h(...all);
  const t = (...all) => onemap.t(...all);
  const components = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});

  // In the order of the callback's inputs.
  const CONTROLS = ["period", "domain", "township"];
  const OPENED = ["unit", "indicator", "part"];
  const KEYS = [...CONTROLS, ...OPENED];
  const CONTROL = (key) => `assessment-${key}`;

  let here = null;
  let head = null;
  let panel = null;
  let ticks = 0;
  let pages = 1;
  let left = null; // what had the reader's attention before the panel opened

  const standsHere = () => document.querySelector('[data-onemap="assessment"]');
  const place = (name) => document.querySelector(`[data-assessment="${name}"]`);
  const pick = (keys) => Object.fromEntries(keys.map((key) => [key, here[key]]));

  const viewOf = (search) => onemap.address.view(KEYS, search);
  const addressOf = (view) => onemap.address.of(KEYS, view);

  const tellTable = () => window.dash_clientside.set_props("assessment-view", { data: { ...pick(CONTROLS), tick: ticks } });
  const tellPanel = () => window.dash_clientside.set_props("assessment-open", { data: { ...pick(["period", ...OPENED]), pages, tick: ticks } });

  /** Goes to a view; the table is counted anew only when it is another one. */
  function go(changes, { push = true } = {}) {
    const before = here;
    here = { ...before, ...changes };
    const changed = KEYS.filter((key) => before[key] !== here[key]);
    if (!changed.length) return;
    if (push) history.pushState({}, "", addressOf(here));
    if (changed.some((key) => CONTROLS.includes(key))) tellTable();
    if (changed.includes("period") || changed.some((key) => OPENED.includes(key))) {
      pages = 1;
      tellPanel();
    }
    if (!here.unit) close();
  }

  const open = (changes) => {
    if (!here) return;
    if (!here.unit) left = document.activeElement;
    go({ unit: "", indicator: "", part: "", ...changes });
  };

  function again() {
    ticks += 1;
    tellTable();
    if (here.unit) tellPanel();
  }

  // ---- sending ----------------------------------------------------------------------------------------------------

  const { field, select, line } = onemap.forms;
  const area = (name) => onemap.forms.area(name, 2);

  /** A form; `request` gives path and body from its fields when it is sent. What was saved stands above it from then on. */
  const form = (name, title, label, fields, request) => {
    const sending = (values) => {
      const [path, body] = request(values);
      return onemap.forms.send(`/assessment${path}`, body, "assessment");
    };
    return onemap.forms.asking(name, title ? h("h4", null, title) : null, label, fields, sending, t("assessment.sent"), (element) => {
      element.reset();
      element.closest("details").open = false;
      again();
    });
  };

  const rateForm = (item) =>
    form("rate", t("assessment.rate"), t("assessment.rate.send"), [
      field(t("assessment.rate.rater"), select("rater", item.raters)),
      field(t("assessment.rate.score"), line("score", { inputmode: "decimal" })),
      field(t("assessment.rate.reason"), area("reason")),
    ], (values) => {
      // A text that is no number is sent as it is: the server says what is wrong with it.
      const score = values.get("score").trim();
      const number = score && Number.isFinite(Number(score)) ? Number(score) : score;
      return ["/ratings", { unit: item.unit, period: item.period, rater: values.get("rater"), actor: values.get("rater"), score: number, reason: values.get("reason") }];
    });

  const askForm = (item) =>
    form("ask", t("assessment.ask"), t("assessment.ask.send"), [
      field(t("assessment.township"), select("township", item.townships)),
      field(t("assessment.ask.about"), line("about")),
      field(t("assessment.ask.document"), line("document")),
      field(t("assessment.ask.remarks"), area("remarks")),
    ], (values) => ["/consultations", { unit: item.unit, actor: item.department, ...Object.fromEntries(values) }]);

  const answerForm = (item, one) =>
    form("answer", t("assessment.answer"), t("assessment.answer.send"), [
      field(t("assessment.answer.opinion"), select("opinion", item.opinions)),
      field(t("assessment.ask.document"), line("document")),
      field(t("assessment.ask.remarks"), area("remarks")),
    ], (values) => [`/consultations/${one.id}/answer`, { actor: `township:${one.township}`, ...Object.fromEntries(values) }]);

  // ---- the panel --------------------------------------------------------------------------------------------------

  const folded = (key, title, inside) => h("details.assess-more", { dataset: { key } }, h("summary", null, title), inside);
  const sign = (tone) => (tone ? onemap.sign(tone + 1) : null);
  const part = (name, title, ...children) => h(`section.assess-part.assess-${name}`, null, h("h3", null, title), children.flat());

  const score = (one) =>
    h("tr", null, h("th", { scope: "row" }, one.name), h("td", null, one.weight), h("td.assess-score", null, one.score), h("td", null, one.points));

  /** An indicator; what a count means is said where it is first met. */
  function indicator(item, one, said) {
    const count = (two) =>
      h("button.assess-count", { type: "button", title: two.meaning, dataset: { part: two.part }, onclick: () => open({ unit: item.unit, indicator: one.code, part: two.part }) },
        h("span", null, two.name), h("b", null, two.n));
    const fresh = one.counts.filter((two) => !said.has(two.name));
    fresh.forEach((two) => said.add(two.name));
    return h("article.assess-indicator", { dataset: { indicator: one.code } },
      h("header", null, h("b", null, one.name), one.points ? h("small", null, one.points) : null, h("span.assess-rate", { dataset: { tone: one.tone } }, sign(one.tone), one.rate)),
      h("div.assess-formula", null, one.counts.flatMap((two, n) => [n ? h("i", null, "/") : null, count(two)]), one.domain ? h("small.assess-domain", null, one.domain) : null),
      fresh.length ? h("p.assess-meaning", null, fresh.map((two) => `${two.name}：${two.meaning}`).join("；")) : null,
      h("p.assess-source", null, one.source),
    );
  }

  const rating = (one) =>
    h("li.assess-rating", { dataset: { now: one.now ? "yes" : "no" } },
      h("b", null, one.score), h("span", null, one.who), h("small", null, `${one.at} · ${one.word}`), h("p", null, one.reason));

  const consultation = (item, one) =>
    h("li.assess-consultation", { dataset: { consultation: one.id } },
      h("header", null, h("b", null, one.about), h("span.chip", { dataset: { open: one.open ? "yes" : null } }, one.word)),
      h("small", null, one.asked), one.remarks ? h("p", null, one.remarks) : null,
      one.answered ? h("small", null, one.answered) : null, one.answer ? h("p", null, one.answer) : null,
      one.open && onemap.calls("/assessment/consultations/{asked}/answer") ? folded(`answer ${one.id}`, t("assessment.answer"), answerForm(item, one)) : null,
    );

  const list = (name, items, empty) => (items.length ? h(`ul.assess-${name}`, null, items) : h("p.empty", null, empty));

  function unit(item) {
    const said = new Set();
    return [
      item.missing.length ? h("p.item-notice", null, `${item.missing.join(" ")} ${t("assessment.never_rescaled")}`) : null,
      part("scores", t("assessment.scores"), h("table.assess-scores-table", null, h("tbody", null, item.scores.map(score)))),
      part("indicators", t("assessment.indicators"), h("p.hint", null, `${t("assessment.composite")}：${item.composite}`), item.indicators.map((one) => indicator(item, one, said))),
      part("ratings", t("assessment.ratings"),
        list("rating-rows", item.ratings.map(rating), t("assessment.rating.none")),
        item.raters.length && onemap.calls("/assessment/ratings") ? folded("rate", t("assessment.rate"), rateForm(item)) : null),
      part("consultations", t("assessment.consultations"),
        list("consultation-rows", item.consultations.map((one) => consultation(item, one)), t("assessment.consultation.none")),
        onemap.calls("/assessment/consultations") ? folded("ask", t("assessment.ask"), askForm(item)) : null),
    ];
  }

  const caseRow = (one) =>
    h("li.assess-case", null,
      h("a", { href: one.href, "data-go": true },
        h("span.matter-name", null, one.matter), h("span.matter-where", null, `${one.where} · ${one.number} · ${one.leg} · ${one.status}`), h("small", null, one.times)));

  function figure(item) {
    const shown = item.figure;
    const one = item.indicators.find((two) => two.code === shown.indicator);
    const tab = (two) =>
      h("button.assess-tab", { type: "button", "aria-pressed": String(two.part === shown.part), dataset: { part: two.part }, onclick: () => open({ unit: item.unit, indicator: one.code, part: two.part }) },
        h("small", null, t(`assessment.part.${two.part}`)), h("span", null, two.name), h("b", null, two.n));
    const meaning = one.counts.find((two) => two.part === shown.part).meaning;
    return [
      h("button.way.assess-back", { type: "button", onclick: () => open({ unit: item.unit }) }, t("assessment.back")),
      h("div.assess-figure-head", null, h("h3", null, one.name), h("span.assess-rate", { dataset: { tone: one.tone } }, sign(one.tone), one.rate || shown.n)),
      h("div.assess-tabs", { role: "group" }, one.counts.map(tab)),
      h("p.hint", null, meaning),
      list("cases", shown.rows.map(caseRow), t("assessment.cases.none")),
      shown.more ? h("button.way.assess-next", { type: "button", onclick: () => { pages += 1; tellPanel(); } }, t("assessment.cases.more")) : null,
    ];
  }

  /** What a reader has opened or begun to write stays when the same unit is drawn anew. */
  function kept(target, draw) {
    const before = new Map([...target.querySelectorAll("details[data-key]")].map((one) => [one.dataset.key, one]));
    draw();
    for (const one of target.querySelectorAll("details[data-key]")) {
      const old = before.get(one.dataset.key);
      if (!old) continue;
      one.open = old.open;
      for (const input of old.querySelectorAll("[name]")) one.querySelector(`[name="${input.name}"]`).value = input.value;
    }
  }

  function drawPanel() {
    const target = place("panel");
    if (!target || !here) return;
    if (!here.unit || !panel) return close();
    const same = target.dataset.shows === [panel.unit, panel.period].join(" ") && !panel.figure;
    const body = panel.unknown ? [h("p.item-notice", null, panel.unknown)] : panel.figure ? figure(panel) : unit(panel);
    const shut = h("button.assess-close", { type: "button", "aria-label": t("assessment.close"), title: t("assessment.close"), onclick: () => open({}) }, "✕");
    const top = panel.unknown
      ? h("header.assess-top", null, shut)
      : h("header.assess-top", null,
          h("div", null, h("h2", null, panel.name), h("p", null, panel.facts), h("p", null, panel.period_words)),
          h("div.assess-total", null, h("b", null, panel.total), h("small", null, panel.rank)), shut);
    const draw = () => target.replaceChildren(top, h("div.assess-scroll", null, body));
    target.hidden = false;
    standsHere().parentElement.dataset.panel = "open";
    if (same) kept(target, draw);
    else draw();
    target.dataset.shows = panel.figure || panel.unknown ? "" : [panel.unit, panel.period].join(" ");
    if (!same && left) shut.focus({ preventScroll: true });
  }

  function close() {
    const target = place("panel");
    panel = null;
    if (!target || target.hidden) return;
    target.hidden = true;
    target.replaceChildren();
    target.dataset.shows = "";
    delete standsHere().parentElement.dataset.panel;
    if (left && left.isConnected) left.focus({ preventScroll: true });
    left = null;
  }

  // ---- the head ---------------------------------------------------------------------------------------------------

  function drawHead() {
    const [target, tools] = [place("head"), place("tools")];
    if (!target || !head) return;
    target.replaceChildren(
      ...[
        head.refused ? h("p.item-notice", { role: "alert" }, head.refused) : null,
        h("p.assess-words", null,
          h("b", null, head.period_words), head.model ? h("span.chip.chip-model", { title: head.model_title }, head.model) : null,
          h("span", null, [head.as_of, head.running].filter(Boolean).join(" · ")), h("span", null, head.weights)),
        h("p.assess-words.assess-colours", null, head.colours),
      ].filter(Boolean),
    );
    const query = new URLSearchParams({ period: head.period });
    for (const key of ["domain", "township"]) if (here && here[key]) query.set(key, here[key]);
    tools.replaceChildren(
      h("a.way", { href: `${standsHere().dataset.file}?${query}`, download: "" }, t("assessment.excel")),
      h("button.way", { type: "button", onclick: again }, t("assessment.refresh")),
    );
  }

  onemap.mount("assessment", () => {
    here = viewOf(location.search);
    pages = 1;
    tellTable();
    tellPanel();
    drawHead();
    const escape = (event) => event.key === "Escape" && here && here.unit && open({});
    document.addEventListener("keydown", escape);
    return () => {
      document.removeEventListener("keydown", escape);
      here = head = panel = left = null;
    };
  });

  // As in the cockpit: Back and forward within the page are ours, Dash would draw everything anew.
  window.addEventListener("popstate", (event) => {
    if (!here || !standsHere() || location.pathname !== standsHere().dataset.path) return;
    event.stopImmediatePropagation();
    const view = viewOf(location.search);
    for (const key of CONTROLS) window.dash_clientside.set_props(CONTROL(key), { value: view[key] || (key === "period" && head ? head.period : null) });
    go(view, { push: false });
  });

  // ---- cells of the table -----------------------------------------------------------------------------------------

  const element = (...all) => window.React.createElement(...all);

  components.OneMapRank = ({ data }) => element("span", { className: "rank-cell", title: data.why, "data-ranked": data.rank ? "yes" : "no" }, data.rank_words);

  components.OneMapUnitCell = ({ data }) =>
    element("button", { type: "button", className: "matter-cell unit-cell", onClick: () => open({ unit: data.code }) },
      element("span", { className: "matter-name" }, data.name), element("span", { className: "matter-where" }, data.where));

  /** A rate with its n, or a count; it opens the cases behind it. */
  components.OneMapFigure = ({ data, colDef }) => {
    const figure_ = data.figures[colDef.field];
    return element("button", { type: "button", className: "figure-cell", "data-tone": figure_.tone, title: figure_.title, onClick: () => open({ unit: data.code, indicator: colDef.field, part: figure_.part }) },
      element("span", { className: "figure-words" }, figure_.tone ? element("i", { className: `sign sign-${figure_.tone + 1}` }) : null, figure_.words),
      figure_.n ? element("small", null, figure_.n) : null);
  };

  components.OneMapScore = ({ data, colDef }) => {
    const known = data[colDef.field] !== null && data[colDef.field] !== undefined;
    return element("span", { className: "score-cell", title: known ? "" : data.why, "data-known": known ? "yes" : "no" }, data.words[colDef.field]);
  };

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.assessment = {
    /** The controls say what the view should hold; the address follows. */
    choose: (...values) => {
      if (!here) return;
      const wishes = Object.fromEntries(CONTROLS.map((key, k) => [key, values[k] || ""]));
      // The control of periods knows its choices only with the data: until then, and for the month of today, the address
      // says what is meant.
      if (!head || wishes.period === head.period || !wishes.period) wishes.period = here.period;
      go(wishes);
    },
    /** @param {?object} data what is shown, as of when */
    head: (data) => {
      head = data;
      if (!data) return;
      drawHead();
      window.dash_clientside.set_props(CONTROL("period"), { value: data.period });
    },
    /** @param {?object} data a unit, or the cases behind a figure */
    panel: (data) => {
      panel = data;
      drawPanel();
    },
  };
})();
