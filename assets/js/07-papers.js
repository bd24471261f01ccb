/**
 * What leaves the screen: the map sheet of exactly what the page shows (moment, filters, area, language) as a picture or for
 * programs, the daily packs that are kept, and big exports with how far they are. One button; the rest unfolds below it.
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});
  const h = (...all) => onemap.h(...all);
  const t = (...all) => onemap.t(...all);

  const PICTURES = ["pdf", "png", "svg"];
  const TABLES = ["xlsx", "csv.zip", "gpkg", "geojson", "parquet"];
  const EXPORTS = ["xlsx", "parquet"];
  const SAME = ["platform", "domain", "matter", "department", "source"];
  const DAY_MS = 86400000;
  const LOOK_EVERY_MS = 1000;

  /** What the page shows, as filters that the API knows. */
  function shown() {
    const page = new URLSearchParams(location.search);
    const found = new URLSearchParams();
    for (const key of SAME) if (page.get(key)) found.append(key, page.get(key));
    for (const level of (page.get("level") || "").split(",")) if (["green", "amber", "red"].includes(level)) found.append("level", level);
    // Days of the region, both included; `to` of the API is the first instant that is not meant.
    const [first, last] = ["from", "to"].map((key) => onemap.zoned.instant(`${page.get(key)}T00:00`));
    if (!Number.isNaN(first)) found.set("from", new Date(first).toISOString());
    if (!Number.isNaN(last)) found.set("to", new Date(onemap.zoned.instant(onemap.zoned.local(last + 1.5 * DAY_MS).slice(0, 10) + "T00:00")).toISOString());
    found.set("lang", document.documentElement.lang);
    return found;
  }

  /** The chain of areas from the township down that the page looks at. */
  function areas() {
    const township = document.querySelector('[data-onemap="township"]');
    const code = township ? township.dataset.code : new URLSearchParams(location.search).get("area");
    if (!code) return [];
    const chain = onemap.places.chain(code).map((area) => area.code);
    return chain.length ? chain : [code];
  }

  /** The moment of a page of the past; nothing where the page shows the present. */
  function moment() {
    const past = document.querySelector(".map-history");
    return past && new URLSearchParams(location.search).get("at") ? past.dataset.moment || "" : "";
  }

  /** The address of a sheet of what the page shows. */
  function address(form, measure, paper) {
    const query = shown();
    const [township, village, cell] = areas();
    if (township) query.set("area", township);
    if (cell) query.set("cell", cell);
    else if (village) query.set("village", village);
    if (moment()) query.set("at", moment());
    query.set("measure", measure);
    query.set("paper", paper);
    return `/api/v1/snapshot.${form}?${query}`;
  }

  /** Saves a file; what was refused is said in the note. */
  async function save(url, button, note) {
    button.disabled = true;
    onemap.write(note, t("papers.drawing"));
    try {
      const answer = await fetch(url);
      if (!answer.ok) {
        const said = await answer.json().catch(() => ({}));
        onemap.write(note, `${t("papers.refused")} ${said.detail || answer.status}`);
        return;
      }
      const name = decodeURIComponent(((answer.headers.get("Content-Disposition") || "").match(/filename\*=UTF-8''([^;]+)/) || [])[1] || "sheet");
      const file = URL.createObjectURL(await answer.blob());
      const link = h("a", { href: file, download: name, hidden: true });
      document.body.append(link);
      link.click();
      link.remove();
      setTimeout(() => URL.revokeObjectURL(file), 60000);
      onemap.write(note, t("papers.saved", { name }));
    } catch (error) {
      onemap.write(note, t("papers.unreachable"));
    } finally {
      button.disabled = false;
    }
  }

  const size = (bytes) => (bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.max(1, Math.round(bytes / 1e3))} kB`);
  const duration = (seconds) => (seconds >= 90 ? t("papers.minutes", { n: Math.round(seconds / 60) }) : t("papers.seconds", { n: Math.max(1, Math.round(seconds)) }));
  const choice = (name, values) => {
    const box = h("select.input", { name }, values.map((value) => h("option", { value }, t(`papers.${name}.${value}`))));
    return { box, field: h("label.papers-field", null, h("span", null, t(`papers.${name}`)), box) };
  };

  /** One export: how far it is, at which rate, how long it takes, and its files. */
  function exportRow(one, act) {
    const running = one.state === "running" || one.state === "waiting";
    const told = one.state === "running" && one.rate
      ? t("papers.rate", { done: onemap.count(one.done), total: onemap.count(one.total), rate: onemap.count(one.rate), left: duration(one.seconds_left || 0) })
      : one.state === "done" ? t("papers.done", { n: onemap.count(one.done) }) : t(`papers.state.${one.state}`);
    const bar = h("progress", { max: one.total || 1, "aria-label": told });
    if (one.total) bar.value = one.done;
    return h("li.papers-export", { dataset: { state: one.state } },
      h("span", null, `${t(`papers.form.${one.form}`)} · ${told}`), running ? bar : null, one.message ? h("span.papers-why", null, one.message) : null,
      h("span.papers-files", null, one.files.map((file) => h("a.tap", { href: file.url, download: "" }, `${file.name}${file.bytes ? ` · ${size(file.bytes)}` : ""}`)),
        one.state === "failed" ? h("button.tap", { type: "button", onclick: () => act("POST", `/${one.id}/resume`) }, t("papers.resume")) : null,
        h("button.tap", { type: "button", onclick: () => act("DELETE", `/${one.id}`) }, t(running ? "papers.cancel" : "papers.forget"))));
  }

  class Exports {
    constructor(note) {
      this.list = h("ul.papers-exports");
      this.note = note;
      this.timer = null;
      this.act = async (method, path, body) => {
        const answer = await fetch(`/api/v1/exports${path}`, { method, headers: { "Content-Type": "application/json" }, body: body ? JSON.stringify(body) : undefined }).catch(() => null);
        if (answer && !answer.ok) onemap.write(this.note, `${t("papers.refused")} ${((await answer.json().catch(() => ({}))).detail) || answer.status}`);
        else if (!answer) onemap.write(this.note, t("papers.unreachable"));
        this.look();
      };
    }

    async look() {
      clearTimeout(this.timer);
      const said = await onemap.fetchJson("/api/v1/exports").catch(() => null);
      if (!this.list.isConnected) return;
      if (said) this.list.replaceChildren(...said.exports.slice(0, 10).map((one) => exportRow(one, this.act)));
      if (!said || said.exports.some((one) => ["waiting", "running"].includes(one.state))) this.timer = setTimeout(() => this.look(), LOOK_EVERY_MS);
    }

    ask(form) {
      const query = shown();
      const body = { form, lang: query.get("lang") };
      for (const key of SAME) if (query.get(key)) body[key] = query.getAll(key);
      for (const key of ["from", "to"]) if (query.get(key)) body[key] = query.get(key);
      const chain = areas();
      if (chain.length) body[["township", "village", "cell"][chain.length - 1]] = [chain[chain.length - 1]];
      return this.act("POST", "", body);
    }
  }

  /** The packs that are kept, the newest days first. */
  async function packs(host) {
    const said = await onemap.fetchJson("/api/v1/packs").catch(() => ({ packs: [] }));
    const rows = said.packs.slice(0, 31).map((pack) => h("a.tap", { href: `/api/v1/packs/${pack.day}`, download: "" }, `${pack.day} · ${size(pack.bytes)}`));
    host.replaceChildren(...(rows.length ? rows : [h("span.papers-none", null, t("papers.packs.none"))]));
  }

  function panel() {
    const note = h("p.papers-note", { role: "status" });
    const measure = choice("measure", ["level", "pending", "overdue", "density"]);
    const paper = choice("paper", ["a4", "a3"]);
    const buttons = (forms) => h("div.papers-row", null, forms.map((form) => {
      const button = h("button.tap", { type: "button", dataset: { form }, onclick: () => save(address(form, measure.box.value, paper.box.value), button, note) }, t(`papers.form.${form}`));
      return button;
    }));
    const own = new Exports(note);
    const kept = h("div.papers-row");
    const then = new URLSearchParams(location.search).get("known") === "then";
    const element = h("section.papers-panel", { "aria-label": t("papers.title") },
      h("p", null, t(moment() ? "papers.past" : "papers.present", { at: moment() ? onemap.zoned.local(Date.parse(moment())).replace("T", " ") : "" })),
      then ? h("p", null, t("papers.known")) : null,
      h("div.papers-row", null, measure.field, paper.field),
      h("h3", null, t("papers.pictures")), buttons(PICTURES),
      h("h3", null, t("papers.tables")), buttons(TABLES), note,
      h("h3", null, t("papers.packs")), kept,
      h("h3", null, t("papers.exports")), h("p", null, t("papers.exports.what")),
      h("div.papers-row", null, EXPORTS.map((form) => h("button.tap", { type: "button", dataset: { exports: form }, onclick: () => own.ask(form) }, t(`papers.form.${form}`)))), own.list);
    return { element, begin: () => { packs(kept); own.look(); } };
  }

  onemap.mount("papers", (host) => {
    const { person = {} } = onemap.config() || {};
    if (person.calls && !person.calls.includes("/api/v1/exports")) return () => {};
    let open = null;
    const toggle = () => {
      if (open) open.element.remove();
      open = open ? null : panel();
      button.setAttribute("aria-expanded", String(Boolean(open)));
      if (open) {
        host.append(open.element);
        open.begin();
      }
    };
    const button = h("button.tap.papers-button", { type: "button", "aria-expanded": "false", onclick: toggle }, t("papers.title"));
    const keys = (event) => event.key === "Escape" && open && toggle();
    host.addEventListener("keydown", keys);
    host.replaceChildren(button);
    return () => host.removeEventListener("keydown", keys);
  });

  onemap.papers = { address };
})();
