/** The audit, by person and day. Both stand in the address; this file is its only writer. */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});
  const h = (...all) => onemap.h(...all);
  const t = (...all) => onemap.t(...all);

  const KEYS = ["account", "day"];
  const PAGE = 100;

  let here = null;
  let data = null;

  const place = (name) => document.querySelector(`[data-audit="${name}"]`);
  const ask = () => window.dash_clientside.set_props("audit-view", { data: { ...here } });

  function choose(change) {
    here = { ...here, ...change, limit: PAGE };
    history.replaceState({}, "", onemap.address.of(KEYS, here));
    ask();
  }

  function filters() {
    const target = place("filters");
    if (!target || target.firstChild) return;
    const account = h("input.input", { name: "account", list: "audit-known", placeholder: t("audit.everybody"), value: here.account, autocomplete: "off" });
    const day = h("input.input", { name: "day", type: "date", value: here.day });
    account.addEventListener("change", () => choose({ account: account.value.trim() }));
    day.addEventListener("change", () => choose({ day: day.value }));
    target.append(
      h("label.field", null, h("span", null, t("audit.account")), account), h("datalist", { id: "audit-known" }),
      h("label.field", null, h("span", null, t("audit.day")), day), h("p.audit-note", null, t("audit.note")));
  }

  const row = (one) => h("tr", { dataset: { what: one.what } },
    h("td", null, h("time", null, one.at)), h("td", null, h("a", { href: `?account=${encodeURIComponent(one.account)}`, onclick: (event) => {
      event.preventDefault();
      place("filters").querySelector("[name=account]").value = one.account;
      choose({ account: one.account });
    } }, one.account || "—")),
    h("td.audit-what", null, one.words), h("td", null, one.target), h("td.audit-detail", null, one.detail), h("td.audit-address", null, one.address));

  function draw() {
    const target = place("rows");
    if (!target || !data) return;
    document.getElementById("audit-known")?.replaceChildren(...data.known.map((name) => h("option", { value: name })));
    if (!data.rows.length) {
      target.replaceChildren(h("p.empty", null, data.empty));
      return;
    }
    const heads = ["when", "account", "what", "target", "detail", "address"].map((name) => h("th", { scope: "col" }, t(`audit.${name}`)));
    const more = h("button.way", { type: "button", onclick: () => { here.limit += PAGE; ask(); } }, t("audit.more"));
    target.replaceChildren(h("table.audit-table", null, h("thead", null, h("tr", null, heads)), h("tbody", null, data.rows.map(row))), ...(data.more ? [more] : []));
  }

  onemap.mount("audit", () => {
    here = { ...onemap.address.view(KEYS, location.search), limit: PAGE };
    filters();
    draw();
    return () => {
      here = data = null;
    };
  });

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.audit = {
    /** @param {?object} next rows, ready to be shown */
    draw: (next) => {
      data = next;
      draw();
    },
  };
})();
