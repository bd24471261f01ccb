/**
 * Disputes: the page of all of them, and the panel on the page of a case. The server makes words and times ready; this file
 * lays them out, keeps what a reader has opened or begun to write while others go on, and sends what is stated or settled.
 * The view of the page lives in the address; this file is its only writer, see dashboard/pages/disputes.py.
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});
  const h = (...all) => onemap.h(...all);
  const t = (...all) => onemap.t(...all);

  // In the order of the callback's inputs.
  const CONTROLS = ["township", "department", "period"];
  const KEYS = [...CONTROLS, "case"];
  const CONTROL = (key) => `disputes-${key}`;

  let here = null;
  let data = null;

  const standsHere = () => document.querySelector('[data-onemap="disputes"]');

  // ---- forms ------------------------------------------------------------------------------------------------------

  const { form, field, select, area, filled } = onemap.forms;

  function stateForm(item, bodies) {
    const known = new Set(item.form.speakers.map(([code]) => code));
    const speakers = [...item.form.speakers, ...bodies.filter(([code]) => !known.has(code))];
    return form("state", item.number, t("disputes.state"), t("disputes.state.send"), [
      field(t("disputes.state.by"), select("by", onemap.speakers(speakers))),
      field(t("disputes.state.text"), area("text")),
    ], (values) => ({ kind: "stated", actor: values.get("by"), leg: item.leg, data: { text: values.get("text") } }));
  }

  function settleForm(item, bodies) {
    const rule = h("input", { type: "checkbox", name: "rule" });
    const where = item.form.here ? [["here", item.form.here], ["everywhere", t("disputes.settle.everywhere")]] : [["everywhere", t("disputes.settle.everywhere")]];
    const ruling = h("div.form-ruling", { hidden: true }, field(t("disputes.settle.change"), area("change", 2)), select("where", where));
    const show = () => (ruling.hidden = !rule.checked);
    rule.addEventListener("change", show);
    const element = form("settle", item.number, t("disputes.settle"), t("disputes.settle.send"), [
      field(t("disputes.settle.department"), select("department", [["", t("disputes.settle.choose")], ...bodies], item.form.wanted)),
      field(t("disputes.settle.decision"), area("decision")),
      h("label.field-tick", null, rule, h("span", null, t("disputes.settle.rule"))),
      ruling,
    ], (values) => {
      const decision = { department: values.get("department"), decision: values.get("decision") };
      const made = { change: values.get("change"), ...(values.get("where") === "here" ? { township: true } : {}) };
      return { kind: "settled", actor: "adjudicator", leg: item.leg, data: values.get("rule") ? { ...decision, ruling: made } : decision };
    });
    element.addEventListener("reset", () => setTimeout(show));
    return element;
  }

  function raiseForm(panel) {
    const actor = (leg) => panel.legs.find((one) => String(one.leg) === leg).actor;
    return form("raise", panel.number, t("disputes.raise"), t("disputes.raise.send"), [
      field(t("disputes.raise.leg"), select("leg", panel.legs.map((one) => [one.leg, one.words]))),
      field(t("disputes.raise.clause"), area("clause", 2)),
      field(t("disputes.raise.wanted"), select("wanted", [["", t("disputes.raise.nobody")], ...panel.bodies])),
      field(t("disputes.state.text"), area("view", 2)),
    ], (values) => ({
      kind: "disputed", actor: actor(values.get("leg")), leg: Number(values.get("leg")),
      data: { clause: values.get("clause"), ...filled({ wanted: values.get("wanted"), view: values.get("view") }) },
    }));
  }

  // ---- one dispute ------------------------------------------------------------------------------------------------

  const views = (item) =>
    item.views.length
      ? h("ul.views", null, item.views.map((view) => h("li.view", null, h("b", null, view.who), h("time", null, view.at), h("p", null, view.text))))
      : h("p.empty", null, t("disputes.views.none"));

  function said(item, { link }) {
    return h("div.dispute-said", null,
      h("div.dispute-cited", null,
        h("h4", null, t("disputes.clause")),
        h("blockquote", null, item.clause),
        h("p.dispute-facts", null, [item.opened, item.limit].join(" · ")),
        item.wanted ? h("p.dispute-wanted", null, item.wanted) : null,
        link ? h("a.way", { href: item.href, "data-go": true }, t("disputes.case")) : null,
      ),
      h("div.dispute-views", null, h("h4", null, t("disputes.views")), views(item)),
      item.settled
        ? h("div.dispute-decision", null,
            h("h4", null, `${t("disputes.decision")} · ${item.settled.at}`),
            h("p", null, h("b", null, item.settled.decided)),
            item.settled.decision ? h("p", null, item.settled.decision) : null,
            item.settled.ruling ? h("p.dispute-ruling", null, item.settled.ruling) : null,
          )
        : null,
    );
  }

  function summary(item) {
    const time = item.settled
      ? h("span.dispute-time", { dataset: { late: item.settled.in_time ? "no" : "yes" } }, h("span", null, item.settled.at), h("small", null, item.settled.time_word))
      : h("span.dispute-time", { dataset: { levelRow: onemap.levelAt(item.amber, item.due, onemap.clock.now()) } }, h("i.sign.sign-row"), onemap.countdown(item.due, item.amber));
    return h("summary", null, time,
      h("span.dispute-what", null, h("span.matter-name", null, item.matter), h("span.matter-where", null, `${item.place} · ${item.number}`)),
      h("span.dispute-who", null, h("span", null, item.part), item.unit ? h("small", null, item.unit) : null),
      h("span.dispute-end", null, item.settled ? [h("span", null, item.settled.decided), h("small", null, item.settled.upheld)] : h("small", null, item.wanted || item.opened)),
    );
  }

  function dispute(item, options) {
    const forms = item.form && options.bodies ? h("div.dispute-forms", null, onemap.may("stated") ? stateForm(item, options.bodies) : null, onemap.may("settled") ? settleForm(item, options.bodies) : null) : null;
    return h("details.dispute", { dataset: { settled: item.settled ? "yes" : "no" } }, summary(item), said(item, options), forms);
  }

  /** What changed in a dispute takes its new words; what a reader has begun to write stays. */
  function renew(element, item, options) {
    element.querySelector("summary").replaceWith(summary(item));
    element.querySelector(".dispute-said").replaceWith(said(item, options));
  }

  const keep = (target, items, options) =>
    onemap.forms.keep(target, items, {
      make: (item) => dispute(item, options),
      renew: (element, item) => renew(element, item, options),
      fits: (element, item) => (element.dataset.settled === "yes") === Boolean(item.settled),
    });

  // ---- the page ---------------------------------------------------------------------------------------------------

  const tellServer = () => window.dash_clientside.set_props("disputes-view", { data: here });

  const viewOf = (search) => onemap.address.view(KEYS, search);
  const addressOf = (view) => onemap.address.of(KEYS, view);

  function go(changes, { push = true } = {}) {
    const before = here;
    const view = { ...before, ...changes };
    if (!KEYS.some((key) => before[key] !== view[key])) return;
    here = view;
    if (push) history.pushState({}, "", addressOf(view));
    tellServer();
  }

  /** Chooses a value of a control as a reader would, so that control, address and rows agree. */
  const choose = (key, value) => window.dash_clientside.set_props(CONTROL(key), { value: value || null });

  function figure(item) {
    const level = item.name === "overdue" && item.value ? 3 : null;
    return h(`div.kpi.kpi-${item.name}`, null,
      h("div.kpi-name", null, level ? onemap.sign(level) : null, item.words),
      h("div.kpi-figure", { dataset: { figure: item.name } }, item.value, item.note ? h("small", null, ` ${item.note}`) : null),
    );
  }

  function bar(key) {
    return (row) =>
      h("li.count-row", null,
        row.code ? h("button.count-name", { type: "button", onclick: () => choose(key, row.code) }, row.name) : h("span.count-name", null, row.name),
        h("span.rank-bar", null,
          h("i.bar.bar-3", { style: { width: `${(100 * row.overdue) / row.most}%` } }),
          h("i.bar.bar-1", { style: { width: `${(100 * (row.open - row.overdue)) / row.most}%` } })),
        h("span.count-n", null, row.open),
        h("span.count-n", null, row.opened),
        h("span.count-n", null, row.upheld),
      );
  }

  const counts = (rows, key) =>
    rows.length
      ? [h("div.count-row.count-heads", null, h("span"), h("span"), ["open", "opened", "upheld"].map((name) => h("span.count-n", null, t(`disputes.head.${name}`)))), h("ul.counts", null, rows.map(bar(key)))]
      : [h("p.empty", null, "—")];

  const waitingRow = (item) =>
    h("li.wait", { dataset: { code: item.key } },
      h("a.wait-matter", { href: `/lists/${item.code}`, "data-go": true }, `${item.matter} ${item.code}`),
      h("p.wait-row", null, item.row),
      h("p.wait-change", null, item.change),
      h("a.wait-since", { href: item.href, "data-go": true }, item.since),
    );

  const waiting = (items) =>
    items.length
      ? [h("p.hint", null, t("disputes.waiting.note")), h("ul.waits", null, items.map(waitingRow)), h("p.hint", null, t("disputes.waiting.export"))]
      : [h("p.empty", null, t("disputes.waiting.none"))];

  function fill(name, children) {
    const target = document.querySelector(`[data-disputes="${name}"]`);
    if (target) target.replaceChildren(...children.flat().filter(Boolean));
  }

  function fillRows(name, items, more) {
    const target = document.querySelector(`[data-disputes="${name}"]`);
    if (!target) return;
    if (!target.firstChild) target.append(h("div.dispute-rows"), h("p.empty"));
    const [rows, note] = target.children;
    keep(rows, items, { link: true, bodies: data.bodies });
    onemap.write(note, items.length ? (more ? t("disputes.more") : "") : t(`disputes.${name}.none`));
  }

  let openedFor = "";
  let offered = "";

  /** Which periods there are depends on today; the control is told when that changes, not with every case. */
  function offerPeriods() {
    const periods = JSON.stringify(data.periods);
    if (periods === offered) return;
    offered = periods;
    window.dash_clientside.set_props(CONTROL("period"), { options: data.periods });
  }

  /** A link to the disputes of one case shows them opened, once. */
  function openAsked() {
    if (!data.case || openedFor === data.case) return;
    openedFor = data.case;
    for (const element of document.querySelectorAll(".disputes-main .dispute")) element.open = true;
  }

  function draw() {
    if (!data || !standsHere()) return;
    offerPeriods();
    const only = data.case
      ? h("div.only", null, h("span.chip", null, t("disputes.one_case", { number: data.case })), h("button.way", { type: "button", onclick: () => go({ case: "" }) }, t("disputes.all_cases")))
      : null;
    fill("figures", [h("div.kpis", null, data.figures.map(figure)), only]);
    fillRows("open", data.open, data.more.open);
    fillRows("settled", data.settled, data.more.settled);
    fill("townships", counts(data.townships, "township"));
    fill("departments", counts(data.departments, "department"));
    fill("waiting", waiting(data.waiting));
    openAsked();
  }

  onemap.mount("disputes", () => {
    here = viewOf(location.search);
    tellServer();
    draw();
    return () => {
      here = data = null;
      openedFor = offered = "";
    };
  });

  // As in the lists: Back and forward within the page are ours, Dash would draw everything anew.
  window.addEventListener("popstate", (event) => {
    if (!here || !standsHere() || location.pathname !== standsHere().dataset.path) return;
    event.stopImmediatePropagation();
    const view = viewOf(location.search);
    for (const key of CONTROLS) choose(key, view[key]);
    go(view, { push: false });
  });

  // ---- the panel of a case ----------------------------------------------------------------------------------------

  const raised = new WeakMap();

  /**
   * The disputes of one case, and the form that opens one.
   * @param {?object} panel words of the server, see dashboard/views/disputes.py
   */
  onemap.caseDisputes = (panel) => {
    const target = document.querySelector('[data-case="disputes"]');
    if (!target || !panel) return;
    if (!target.firstChild) target.append(h("div.dispute-rows"), h("div.dispute-more"), h("details.dispute-raise", null, h("summary.way", null, t("disputes.raise"))));
    const [rows, more, raise] = target.children;
    keep(rows, panel.rows, { link: false, bodies: null });
    more.replaceChildren(...(panel.rows.length ? [h("a.way", { href: panel.href, "data-go": true }, t("disputes.page"))] : []));
    raise.hidden = !panel.legs.length || !onemap.may("disputed");
    const legs = JSON.stringify([panel.number, panel.legs]);
    // Which parts can be disputed changes seldom; what is being written about them stays until then.
    if (panel.legs.length && raised.get(raise) !== legs) {
      raised.set(raise, legs);
      raise.querySelector("form")?.remove();
      raise.append(raiseForm(panel));
    }
  };

  // ---- in ---------------------------------------------------------------------------------------------------------

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.disputes = {
    /** The controls say what the view should hold; the address follows. */
    choose: (...values) => {
      if (!here) return;
      const wishes = Object.fromEntries(CONTROLS.map((key, k) => [key, values[k] || ""]));
      // The control of periods knows its choices only with the data.
      if (!data) wishes.period = here.period;
      go(wishes);
    },
    /** @param {?object} next what the page shows, in words */
    draw: (next) => {
      const first = !data;
      data = next;
      if (!data) return;
      draw();
      if (first && here && here.period) choose("period", data.period);
    },
  };
})();
