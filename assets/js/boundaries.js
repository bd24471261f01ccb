/**
 * Boundaries: what is published, and a file on its way there. The server makes words ready; this file lays them out, sends
 * the file and what is asked of it, and keeps what somebody is writing while others go on. Which file is open stands in
 * the address; this file is its only writer, see dashboard/pages/boundaries.py.
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});
  const h = (...all) => onemap.h(...all);
  const t = (...all) => onemap.t(...all);

  const API = "/api/v1/boundaries";
  const KEYS = ["draft"];
  // How often a check that goes on elsewhere is looked after, and a server that has not taken over yet what was published.
  const WAIT_MS = 2000;
  const SYSTEMS = ["EPSG:4490", "EPSG:4326", "EPSG:4549", "EPSG:4528", "GCJ-02", "BD-09", "swapped>EPSG:4490"];
  const ENCODINGS = ["UTF-8", "GB18030", "Big5"];

  let data = null;
  let shown = "";
  let busy = false;
  let timer = null;

  const { field, select, line, asking } = onemap.forms;
  const place = (name) => document.querySelector(`[data-boundaries="${name}"]`);
  const view = () => onemap.address.view(KEYS, location.search);
  const standsHere = () => document.querySelector('[data-onemap="boundaries"]');

  /** Has the server read again; the number makes every wish another one. */
  function refresh() {
    if (standsHere()) window.dash_clientside.set_props("boundaries-view", { data: { ...view(), n: Date.now() } });
  }

  function open(draft) {
    history.pushState({}, "", onemap.address.of(KEYS, { draft }));
    shown = "";
    place("work").replaceChildren();
    refresh();
    window.scrollTo(0, 0);
  }

  /** Asks the hub; gives [answer, refusal], one of which is empty. */
  async function ask(method, path, body, headers = { "Content-Type": "application/json" }) {
    let answer;
    try {
      answer = await fetch(API + path, { method, headers, body });
    } catch (error) {
      return [null, t("boundaries.error.unreachable")];
    }
    const said = await answer.json().catch(() => ({}));
    if (answer.ok) return [said, ""];
    const key = `boundaries.error.${said.error}`;
    return [null, `${t(key) === key ? t("boundaries.error.other") : t(key)} ${said.detail || answer.status}`];
  }

  const post = (path, body) => ask("POST", path, JSON.stringify(body));
  const actor = () => onemap.person().account ? h("input", { type: "hidden", name: "actor", value: onemap.person().account }) : field(t("boundaries.actor"), line("actor", { required: true, maxlength: 100, autocomplete: "name" }));

  // ---- what there is ------------------------------------------------------------------------------------------------

  const layerRows = (layer) =>
    h("div.bound-layer", null,
      h("h3", null, layer.name),
      h("ul.bound-versions", null, layer.versions.map((one) =>
        h("li", { dataset: { state: one.state } }, h("time", null, one.begins), h("span", null, one.areas), h("small", null, one.word)))));

  function withdrawal(id) {
    return h("details.deed", null, h("summary.way", null, t("boundaries.withdraw")),
      asking("withdraw", null, t("boundaries.withdraw.send"), [
        h("p.hint", null, t("boundaries.withdraw.note")),
        field(t("boundaries.withdraw.reason"), line("reason", { maxlength: 500 })),
        actor(),
      ], async (values) => {
        const [, refusal] = await post(`/publications/${id}/withdrawal`, { actor: values.get("actor"), reason: values.get("reason") });
        if (!refusal) refresh();
        return refusal;
      }, ""));
  }

  const publication = (item) =>
    h("article.bound-publication", { dataset: { withdrawn: item.withdrawn ? "yes" : "no" } },
      h("h3", null, item.title),
      item.note ? h("p", null, item.note) : null,
      h("ul.bound-lines", null, item.layers.map((words) => h("li", null, words))),
      h("p.hint", null, item.who),
      item.withdrawn ? h("p.bound-withdrawn", null, item.withdrawn) : withdrawal(item.id));

  function aside() {
    place("layers").replaceChildren(...data.layers.map(layerRows));
    const list = place("publications");
    onemap.forms.keep(list, data.publications, {
      make: publication,
      // Only a withdrawal changes a publication.
      fits: (element, item) => (element.dataset.withdrawn === "yes") === Boolean(item.withdrawn),
      renew: () => {},
    });
    const none = list.querySelector(".empty");
    if (!data.publications.length && !none) list.append(h("p.empty", null, t("boundaries.publications.none")));
  }

  // ---- sending a file -----------------------------------------------------------------------------------------------

  function sending() {
    const file = h("input.input", { type: "file", name: "file", required: true, "aria-label": t("boundaries.send") });
    const form = asking("send", h("h2.panel-title", null, t("boundaries.send")), t("boundaries.send.go"), [
      h("p.hint", null, data.hint), file, actor(),
    ], async (values) => {
      const given = file.files[0];
      if (!given) return t("boundaries.send");
      form.dataset.busy = "yes";
      const query = new URLSearchParams({ file: given.name, actor: values.get("actor") });
      const [draft, refusal] = await ask("POST", `/drafts?${query}`, given, { "Content-Type": "application/octet-stream" });
      form.dataset.busy = "no";
      if (draft) open(draft.id);
      return refusal;
    }, "");
    form.append(h("p.bound-busy", { role: "status" }, t("boundaries.send.going")));
    return h("section.panel", null, form);
  }

  const waiting = (item) =>
    h("li", null,
      h("button.bound-draft", { type: "button", onclick: () => open(item.id) }, h("b", null, item.file), h("span", { dataset: { state: item.state } }, item.word), h("small", null, item.who)));

  const start = () => [
    sending(),
    data.drafts.length ? h("section.panel", null, h("h2.panel-title", null, t("boundaries.drafts")), h("ul.bound-drafts", null, data.drafts.map(waiting))) : null,
  ].filter(Boolean);

  // ---- how it is meant ----------------------------------------------------------------------------------------------

  const options = (id, values) => h("datalist", { id }, values.map((value) => h("option", { value })));

  /** The fields of one layer of the file; the names of its layers are numbered, for they may hold anything. */
  function meaning(offer, k) {
    const named = (key) => `${key} ${k}`;
    const columns = offer.columns.map((column) => [column.value, column.words]);
    const layers = data.layers.map((layer) => [layer.key, layer.name]);
    const series = (name) => (data.layers.find((layer) => layer.key === name) || { series: [] }).series;
    const known = h("datalist", { id: `bound-series-${k}` });
    const fill = (name) => known.replaceChildren(...series(name).map((value) => h("option", { value })));
    const fields = h("div.bound-fields", null,
      field(t("boundaries.meant.series"), line(named("series"), { value: offer.value.series, list: `bound-series-${k}` })), known,
      field(t("boundaries.meant.code"), select(named("code"), [["", "—"], ...columns], offer.value.code)),
      field(t("boundaries.meant.name"), select(named("name"), [["", t("boundaries.meant.no_name")], ...columns], offer.value.name)),
      field(t("boundaries.meant.parent"), select(named("parent"), [["", t("boundaries.meant.no_parent")], ...columns], offer.value.parent)),
      field(t("boundaries.meant.crs"), line(named("crs"), { value: offer.value.crs, list: "bound-systems", placeholder: t("boundaries.meant.crs.hint") })),
      field(t("boundaries.meant.encoding"), line(named("encoding"), { value: offer.value.encoding, list: "bound-encodings", placeholder: t("boundaries.meant.encoding.hint") })));
    const layer = select(named("layer"), [["", t("boundaries.meant.skip")], ...layers], offer.value.layer);
    const show = () => {
      fields.hidden = !layer.value;
      fill(layer.value);
    };
    layer.addEventListener("change", show);
    show();
    return h("fieldset.bound-meaning", { dataset: { file: offer.name } }, h("legend", null, offer.words), field(t("boundaries.meant.use"), layer), fields);
  }

  function wanted(values, item) {
    const layers = item.offers.map((offer, k) => {
      const own = Object.fromEntries(["layer", "series", "code", "name", "parent", "crs", "encoding"].map((key) => [key, String(values.get(`${key} ${k}`) || "").trim() || null]));
      return { ...own, series: own.series || "", code: own.code || "", sublayer: offer.name };
    });
    return { begin: values.get("begin"), repair: Boolean(values.get("repair")), layers: layers.filter((one) => one.layer) };
  }

  function meant(item) {
    const form = asking("meant", h("h2.panel-title", null, t("boundaries.meant")), t(item.state === "uploaded" ? "boundaries.check" : "boundaries.check.again"), [
      options("bound-systems", SYSTEMS), options("bound-encodings", ENCODINGS),
      ...item.offers.map(meaning),
      h("div.bound-fields", null,
        field(t("boundaries.meant.begin"), line("begin", { type: "date", value: item.begin, required: true })),
        h("label.field-tick", null, h("input", { type: "checkbox", name: "repair", checked: item.repair }), h("span", null, t("boundaries.meant.repair")))),
    ], async (values) => {
      const asked = wanted(values, item);
      busy = true;
      waitFor(item);
      const [, refusal] = await post(`/drafts/${encodeURIComponent(item.id)}/check`, asked);
      busy = false;
      shown = "";
      refresh();
      return refusal;
    }, "");
    return h("section.panel", null, form);
  }

  // ---- what was found -----------------------------------------------------------------------------------------------

  const finding = (one) =>
    h("li.bound-finding", { dataset: { level: one.level } },
      h("span.bound-level", null, one.word), h("code", null, one.kind),
      h("div", null, one.where ? h("small", null, one.where) : null, h("p", null, one.says), h("p.hint", null, one.remedy)));

  function report(layer) {
    const frame = h("iframe.bound-report", { title: t("boundaries.found.report"), sandbox: "" });
    const whole = h("details.bound-whole", null, h("summary.way", null, t("boundaries.found.report")), frame);
    // The report is some hundred kilobytes: it comes when somebody wants to see it.
    whole.addEventListener("toggle", () => whole.open && !frame.src && (frame.src = layer.report));
    return whole;
  }

  const choose = (layer, one) => () => {
    const place = document.querySelector(`.bound-meaning[data-file="${CSS.escape(layer.file_layer)}"] input[name^="crs "]`);
    if (!place) return;
    place.value = one.value;
    place.focus();
  };

  const found = (layer) =>
    h("section.panel.bound-found", { dataset: { sound: layer.sound ? "yes" : "no" } },
      h("h2.panel-title", null, `${t("boundaries.found")} · ${layer.name}`),
      h("p.bound-counts", null, layer.counts), h("p.hint", null, layer.changes),
      layer.crs.length ? h("div.bound-crs", null, layer.crs.map((one) => h("button.way", { type: "button", onclick: choose(layer, one) }, one.words))) : null,
      h("ul.bound-findings", null, layer.findings.map(finding)),
      layer.more ? h("p.hint", null, layer.more) : null,
      layer.repairs.length
        ? h("ul.bound-repairs", null, layer.repairs.map((one) => h("li", null, h("b", null, one.who), h("span", null, one.says), h("small", null, one.change))))
        : null,
      report(layer));

  const head = (key, kind = "") => h(`th${kind}`, null, t(key));

  const moves = (told) =>
    h("section.panel", null, h("h2.panel-title", null, t("boundaries.moves")), h("p", null, told.words),
      told.rows.length
        ? h("div.bound-scroll", null, h("table.bound-table", null,
            h("thead", null, h("tr", null, head("boundaries.moves.layer"), head("boundaries.moves.from"), head("boundaries.moves.to"), head("boundaries.moves.open", ".number"), head("boundaries.moves.closed", ".number"))),
            h("tbody", null, told.rows.map((row) => h("tr", null, h("td", null, row.layer), h("td", null, row.from), h("td", null, row.to), h("td.number", null, row.open), h("td.number", null, row.closed))))))
        : null,
      told.more ? h("p.hint", null, told.more) : null);

  const publishing = (item) =>
    h("section.panel", null, asking("publish", h("h2.panel-title", null, t("boundaries.publish")), t("boundaries.publish.send"), [
      h("p", null, item.publish),
      field(t("boundaries.publish.note"), line("note", { maxlength: 500 })),
      actor(),
    ], async (values) => {
      const [done, refusal] = await post(`/drafts/${encodeURIComponent(item.id)}/publication`, { actor: values.get("actor"), note: values.get("note") });
      if (done) open("");
      return refusal;
    }, t("boundaries.publish.sent")));

  const told = (title, words) => h("section.panel.bound-stop", { role: "alert" }, h("h2.panel-title", null, title), h("p", null, words));

  // ---- one file -----------------------------------------------------------------------------------------------------

  const back = () => h("button.way", { type: "button", onclick: () => open("") }, t("boundaries.draft.back"));

  function bar(item) {
    const remove = h("button.way", { type: "button" }, t("boundaries.draft.remove"));
    const note = h("p.form-note", { role: "status" });
    remove.addEventListener("click", async () => {
      const [, refusal] = await ask("DELETE", `/drafts/${encodeURIComponent(item.id)}`);
      if (!refusal) return open("");
      note.dataset.state = "refused";
      onemap.write(note, refusal);
    });
    return h("header.bound-head", null, h("div", null, h("h1", null, item.file), h("p.hint", null, item.who)), h("span.chip", { dataset: { state: item.state } }, item.word), back(), remove, note);
  }

  const checking = () => h("p.bound-checking", { role: "status" }, t("boundaries.checking"));

  /** While a check runs there is nothing to fill in: what was asked stays in sight of the server alone. */
  const waitFor = (item) => place("work").replaceChildren(bar(item), checking());

  function file(item) {
    if (item.gone) return [h("p.empty", null, t("boundaries.draft.gone")), back()];
    if (item.state === "checking") return [bar(item), checking()];
    return [
      bar(item),
      item.refused ? told(t("boundaries.refused"), item.refused) : null,
      item.blocked && item.found.every((layer) => layer.sound) ? told(t("boundaries.blocked"), item.blocked) : null,
      ...item.found.map(found),
      item.moves ? moves(item.moves) : null,
      item.publish ? publishing(item) : null,
      meant(item),
    ].filter(Boolean);
  }

  /** What somebody is filling in stays until the file itself has changed. */
  function work() {
    const target = place("work");
    const now = JSON.stringify(data.draft ? [data.draft.id, data.draft.state, data.draft.found, data.draft.refused, data.draft.blocked, data.draft.moves] : ["", data.drafts]);
    if (busy || (shown === now && target.firstChild)) return;
    if (!data.draft && [...target.querySelectorAll("input")].some((input) => input.value)) return;
    shown = now;
    target.replaceChildren(...(data.draft ? file(data.draft) : start()));
  }

  function draw(next) {
    if (!next || !standsHere()) return;
    data = next;
    if ((data.draft ? data.draft.id : "") !== view().draft) return void refresh();
    aside();
    work();
    clearTimeout(timer);
    if (data.behind || (data.draft && data.draft.state === "checking" && !busy)) timer = setTimeout(refresh, WAIT_MS);
  }

  onemap.mount("boundaries", () => {
    shown = "";
    busy = false;
    data = null;
    refresh();
    return () => clearTimeout(timer);
  });

  // As in the lists: Back and forward within the page are ours, Dash would draw everything anew.
  window.addEventListener("popstate", (event) => {
    if (!standsHere() || location.pathname !== "/boundaries") return;
    event.stopImmediatePropagation();
    shown = "";
    place("work").replaceChildren();
    refresh();
  });

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.boundaries = { draw };
})();
