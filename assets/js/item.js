/**
 * One item of the lists: lays out what the server has made ready, for reading aloud, for the phone and for A4 paper.
 * Built as DOM, not as Dash components, as the case page is.
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});
  const h = (...all) => onemap.h(...all);

  let data = null;
  let uses = null;

  const section = (name, title, note, ...children) =>
    h(`section.item-part.item-part-${name}`, null, h("h2.panel-title", null, title, note ? h("span.panel-count", null, note) : null), ...children);
  const listed = (clauses) => h("ol.clauses", null, clauses.map((clause) => h("li", null, clause)));
  const words = (value) => (Array.isArray(value) ? h("ul.materials", null, value.map((one) => h("li", null, one))) : value);

  function header(item) {
    return [
      h("h1", null, item.name),
      item.name_other ? h("p.item-other-name", null, item.name_other) : null,
      h("div.chips", null, item.chips.map((chip) => h("span.chip", null, chip))),
      onemap.listVersion(item.version),
      item.notice ? h("p.item-notice", { role: "note" }, item.notice) : null,
    ];
  }

  function main(item) {
    const { duties, checks, guide } = item;
    return [
      section("clause", item.clause.title, null,
        h("blockquote.item-clause", null, item.clause.text),
        h("dl.item-pairs", null, item.who.rows.flatMap(([name, value]) => [h("dt", null, name), h("dd", null, value)])),
      ),
      duties ? section("duties", duties.title, null, h("div.duties", null, duties.columns.map((column) => h("div.duty", null, h("h3", null, column.name), listed(column.clauses))))) : null,
      checks ? section("checks", checks.title, null, checks.rows.map((row) => h("div.check", null, h("h3", null, h("span.leg-role", null, row.role), row.name), row.clauses.map((clause) => h("p", null, clause))))) : null,
      guide ? section("guide", guide.title, null, h("table.guide", null, h("tbody", null, guide.rows.map(([name, value]) => h("tr", null, h("th", { scope: "row" }, name), h("td", null, words(value))))))) : null,
      section("basis", item.basis.title, null, h("ul.laws", null, item.basis.laws.map((law) => h("li", null, law)))),
    ];
  }

  /** The chart comes as SVG text of our own making; it is parsed as XML, never as HTML, and holds no script. */
  function flow(item) {
    if (!item.flow) return [];
    const drawing = new DOMParser().parseFromString(item.flow.svg, "image/svg+xml").documentElement;
    return [section("flow", item.flow.title, item.flow.note, document.importNode(drawing, true))];
  }

  function township(row) {
    return h("details.acts", { dataset: { township: row.code, changed: row.changed.length ? "yes" : null } },
      h("summary", null,
        h("span.acts-name", null, row.name),
        h("span.acts-lead", null, row.lead),
        h("span.acts-with", null, row.with.join("、")),
        row.changed.length ? h("span.acts-changed", null, row.changed.join("，")) : null,
      ),
      row.sentences.map((sentence) => h("p.acts-sentence", null, sentence)),
      row.clauses.map((clause) => h("p.acts-clause", null, clause)),
    );
  }

  const KEPT = 3;

  /** On paper the title stays with the first rows; a table without coordinating bodies is short enough for two columns. */
  function townships({ townships: all }) {
    if (!all.rows.length) return [];
    const short = all.rows.every((row) => !row.with.length);
    const part = section(short ? "townships.item-part-short" : "townships", all.title, all.note, h("div.acts-heads", null, all.heads.map((head) => h("span", null, head))));
    const rows = all.rows.map(township);
    if (short) part.append(...rows);
    else part.replaceChildren(h("div.keep", null, [...part.children], rows.slice(0, KEPT)), ...rows.slice(KEPT));
    return [part];
  }

  function usesOf(found) {
    const bar = (row) =>
      h("li.use", null,
        row.href ? h("a.use-name", { href: row.href, "data-go": true }, row.name) : h("span.use-name", null, row.name),
        h("span.rank-bar", null, h("i.bar.bar-1", { style: { width: `${100 * row.share}%` } })),
        h("span.use-n", null, row.n),
      );
    const one = (item) =>
      h("li.use-case", null, h("a", { href: `/case/${item.number}`, "data-go": true }, h("time", null, item.at), h("span", null, item.where), h("span.use-status", null, item.status)));
    return [
      section("uses", found.title, found.count,
        h("ul.uses", null, found.townships.map(bar)),
        found.cases.length ? h("h3", null, found.latest) : null,
        h("ul.use-cases", null, found.cases.map(one)),
        found.pending ? h("a.way", { href: found.pending.href, "data-go": true }, found.pending.words) : null,
      ),
    ];
  }

  function fill(name, children) {
    const target = document.querySelector(`[data-item="${name}"]`);
    if (target) target.replaceChildren(...children.flat().filter(Boolean));
  }

  // ---- paper ---------------------------------------------------------------------------------------------------------

  const paper = new CSSStyleSheet();
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, paper];

  /** What stands at the edge of every printed page: whose list, which version, that it is a model, and the page. */
  function edges(item) {
    const quoted = (text) => JSON.stringify(text).replace(/\\u/g, "\\");
    const top = [item.product, item.version.name, item.version.model].filter(Boolean).join(" · ");
    paper.replaceSync(`@page { @top-left { content: ${quoted(top)}; } @top-right { content: ${quoted(item.code)}; } @bottom-left { content: ${quoted(item.printed)}; } }`);
  }

  onemap.mount("print", (button) => {
    const click = () => window.print();
    button.addEventListener("click", click);
    return () => button.removeEventListener("click", click);
  });

  // ---- in and out ----------------------------------------------------------------------------------------------------

  function drawItem() {
    if (!data) return;
    fill("header", header(data));
    fill("main", main(data));
    fill("flow", flow(data));
    fill("townships", townships(data));
    edges(data);
    document.querySelector(".item-body").dataset.kind = data.kind;
  }

  /** Cases come in all the time; what the reader has opened above must stay as it is. */
  function drawUses() {
    if (uses) fill("uses", usesOf(uses));
  }

  onemap.mount("item", () => {
    drawItem();
    drawUses();
    return () => {
      data = uses = null;
      paper.replaceSync("");
    };
  });

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.item = {
    /** @param {?object} next the item, ready to be shown; null while it is unknown */
    draw: (next) => {
      data = next;
      drawItem();
    },
    /** @param {?object} next the cases that used it */
    uses: (next) => {
      uses = next;
      drawUses();
    },
  };
})();
