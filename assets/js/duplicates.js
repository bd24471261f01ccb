/**
 * What may be one and the same: the list of what is to be judged, two cases side by side with one map, and the panel on
 * the page of a case. The server makes words and times ready; this file lays them out, keeps what is being written while
 * others go on, and sends what a person decides. Nothing is merged without somebody who says so.
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});
  const L = window.L;
  const h = (...all) => onemap.h(...all);
  const t = (...all) => onemap.t(...all);

  const ACTOR = "command";
  // Two points closer than this, in degrees, are shown with what is around them.
  const LEAST_SPAN = 0.0006;
  const NEAREST_ZOOM = 19;

  let data = null;
  let panel = null;

  const place = (name) => document.querySelector(`[data-duplicates="${name}"]`);
  const fill = (name, children) => {
    const target = place(name);
    if (target) target.replaceChildren(...[children].flat(3).filter(Boolean));
  };
  const fact = ([label, value]) => h("div.fact", null, h("dt", null, label), h("dd", null, value));
  const link = (href, words, kind = "a.way") => h(kind, { href, "data-go": true }, words);

  // ---- sending ----------------------------------------------------------------------------------------------------

  const record = (number, event) => onemap.forms.record(number, { actor: ACTOR, ...event }, "duplicates");

  /** A form that records one event; `ask` reads its fields and gives [number, event]. What was decided stays in sight. */
  const form = (name, title, send, done, fields, ask) =>
    onemap.forms.asking(name, h("h2.panel-title", null, title), send, fields, (values) => record(...ask(values)), done);

  // ---- two cases --------------------------------------------------------------------------------------------------

  const NAMES = ["one", "other"];

  function side(item, k) {
    const due = item.due
      ? h("span.chip.chip-due", { dataset: { levelRow: onemap.levelAt(item.amber, item.due, onemap.clock.now()) } }, h("i.sign.sign-row"), onemap.countdown(item.due, item.amber), item.due_word)
      : null;
    const leg = (one) => h("li", null, h("span.leg-role", null, one.role), h("b", null, one.department), h("span.leg-status", null, one.status), one.unit ? h("small", null, one.unit) : null);
    return [
      h("header.beside-title", null,
        h("i.beside-mark", null, t(`duplicates.side.${NAMES[k]}`)),
        h("div", null, h("h2", null, item.matter), h("a.case-number", { href: item.href, "data-go": true }, item.number)),
        h("span.beside-order", null, t(k ? "duplicates.second" : "duplicates.first")),
      ),
      h("div.chips", null, h("span.chip.chip-status", null, item.status_word), due, item.merged_into ? h("span.chip", null, t("duplicates.panel.merged", { number: item.merged_into })) : null),
      h("p.case-description", null, item.description || t("duplicates.description.none")),
      h("dl.facts", null, item.facts.map(fact)),
      item.photos.length
        ? h("p.beside-photos", null, item.photos.map((photo) => h("a.way", { href: photo.href, target: "_blank", rel: "noopener noreferrer" }, photo.words)))
        : null,
      h("h3", null, t("duplicates.legs")),
      h("ul.beside-legs", null, item.legs.map(leg)),
      item.reports.rows.length > 1 ? reports(item.reports) : null,
    ];
  }

  const reports = (item) => [
    h("h3", null, item.title),
    h("ul.beside-reports", null, item.rows.map((row) =>
      h("li", null, h("a.case-number", { href: row.href, "data-go": true }, row.number), h("span", null, row.source), h("time", null, row.at), row.contact ? h("span", null, row.contact) : null))),
  ];

  function head(item) {
    return [
      h("div.beside-near", null,
        h("b.beside-metres", null, item.metres), h("b", null, item.apart),
        item.score ? h("span.chip", null, item.score) : null,
        item.why.map((why) => h("span.chip", null, why)),
      ),
      item.told_apart ? h("p.beside-told", { role: "note" }, item.told_apart) : null,
      item.merged ? h("p.beside-told.beside-merged", { role: "note" }, item.merged.words, link(item.merged.href, item.merged.open)) : null,
      link("/duplicates", t("duplicates.back")),
    ];
  }

  function mergeForm(item) {
    const numbers = item.sides.map((one) => one.number);
    const [usual] = item.stays;
    const mark = (number) => t(`duplicates.side.${NAMES[numbers.indexOf(number)]}`);
    const later = h("p.hint.beside-later", { hidden: true }, t("duplicates.merge.later"));
    const choice = (number) =>
      h("label.field-tick", null,
        h("input", { type: "radio", name: "stays", value: number, checked: number === usual, onchange: () => (later.hidden = number === numbers[0]) }),
        h("i.beside-mark", null, mark(number)), h("span", null, number),
        number === numbers[0] ? h("small", null, t("duplicates.merge.older")) : null);
    later.hidden = usual === numbers[0];
    const reason = item.reason_needed ? t("duplicates.merge.reason.needed") : t("duplicates.merge.reason");
    return form("merge", t("duplicates.merge"), t("duplicates.merge.send"), t("duplicates.merge.sent"), [
      h("fieldset.beside-choice", null, h("legend", null, t("duplicates.merge.stays")), numbers.filter((number) => item.stays.includes(number)).map(choice)),
      later,
      h("label.field", null, h("span", null, reason), h("textarea.input", { name: "reason", rows: 2 })),
      h("p.hint", null, item.both),
    ], (values) => {
      const stays = values.get("stays");
      const given = String(values.get("reason") || "").trim();
      return [numbers.find((number) => number !== stays), { kind: "merged", data: { into: stays, ...(given ? { reason: given } : {}) } }];
    });
  }

  function apartForm(item) {
    const [first, second] = item.sides.map((one) => one.number);
    return form("apart", t("duplicates.apart"), t("duplicates.apart.send"), t("duplicates.apart.sent"), [
      h("label.field", null, h("span", null, t("duplicates.apart.note")), h("textarea.input", { name: "note", rows: 2 })),
    ], (values) => {
      const said = t("duplicates.apart.text", { number: first });
      const note = String(values.get("note") || "").trim();
      return [second, { kind: "commented", data: { text: note ? `${said}。${note}` : said, not_duplicate_of: first } }];
    });
  }

  let judged = "";

  /** The forms stay as they are while nothing about them changes: somebody may be writing. */
  function judge(item) {
    const target = place("judge");
    if (!target) return;
    const now = JSON.stringify([item.sides.map((one) => one.number), item.stays, item.told_apart, item.merged]);
    if (judged === now && target.firstChild) return;
    judged = now;
    if (item.merged) return void target.replaceChildren();
    const merge = item.stays.length ? mergeForm(item) : h("p.empty", null, t("duplicates.merge.closed"));
    target.replaceChildren(...[merge, item.told_apart ? null : apartForm(item)].filter(Boolean));
  }

  const near = (row) =>
    h("li", null,
      h("a.dup-row", { href: row.href, "data-go": true },
        h("span.dup-score", { title: row.score }, h("i", { style: { width: `${row.score}%` } })),
        h("span.dup-what", null,
          h("span.dup-near", null, row.near),
          h("span.dup-from", null, [row.number, row.source, row.status].join(" · ")),
          row.description ? h("span.dup-words", null, row.description) : null),
        h("span.dup-go", null, t("duplicates.panel.beside"))));

  // ---- the map ----------------------------------------------------------------------------------------------------

  const chip = (kind, words) => h(`span.beside-pin.beside-pin-${kind}`, null, words);

  function standing(county, [lon, lat], kind, words) {
    const icon = L.divIcon({ className: "beside-icon", html: chip(kind, words), iconSize: [0, 0] });
    return L.marker([lat, lon], { icon, interactive: false, keyboard: false, pane: "pulses" });
  }

  function dot(county, [lon, lat]) {
    return L.circleMarker([lat, lon], { renderer: county.signRenderer, pane: "marks", radius: 6 * county.scale, color: onemap.tone("ground"), weight: 2, fillColor: onemap.tone("focus"), fillOpacity: 1, interactive: false });
  }

  function showPair(item) {
    const host = document.querySelector('[data-map-of="compare"]');
    if (!host || !host.countyMap) return;
    const county = host.countyMap;
    host.classList.toggle("map-empty", !item.points);
    if (!item.points || !county.signRenderer) return;
    const now = JSON.stringify([item.points, item.metres]);
    if (county.pairShown === now) return;
    county.pairShown = now;
    if (county.pair) county.pair.remove();
    else L.control.scale({ imperial: false, position: "bottomright" }).addTo(county.map);
    const [one, other] = item.points;
    const west = one[0] <= other[0] ? 0 : 1;
    const middle = [(one[0] + other[0]) / 2, (one[1] + other[1]) / 2];
    const line = L.polyline(item.points.map(([lon, lat]) => [lat, lon]), { renderer: county.signRenderer, pane: "marks", color: onemap.tone("focus"), weight: 2.4 * county.scale, dashArray: "7 6", fill: false, interactive: false });
    const marks = item.points.map((point, k) => standing(county, point, k === west ? "west" : "east", t(`duplicates.side.${NAMES[k]}`)));
    county.pair = L.layerGroup([line, ...item.points.map((point) => dot(county, point)), ...marks, standing(county, middle, "metres", item.metres)]).addTo(county.map);
    const box = L.latLngBounds(item.points.map(([lon, lat]) => [lat, lon]));
    const reach = LEAST_SPAN / 2;
    box.extend([middle[1] - reach, middle[0] - reach]).extend([middle[1] + reach, middle[0] + reach]);
    county.map.setMaxZoom(NEAREST_ZOOM);
    // So near, one late cell would paint the whole map red; here only the two places speak.
    county.only("none");
    // Also when the map is resized: it then asks for what it should show.
    county.fit = () => county.map.fitBounds(box, { padding: [48, 48], maxZoom: NEAREST_ZOOM, animate: false });
    county.fit();
  }

  onemap.on("map", (county) => data && data.sides && county.options.mode === "compare" && showPair(data));

  // ---- the list ---------------------------------------------------------------------------------------------------

  const short = (row) =>
    h("div.pair-case", null, h("span.case-number", null, row.number), h("span.pair-facts", null, [row.at, row.source, row.status].join(" · ")), h("span.pair-facts", null, row.place));

  const pair = (row) =>
    h("li", null,
      h("a.pair", { href: row.href, "data-go": true },
        h("div.pair-near", null, h("span.dup-score", null, h("i", { style: { width: `${row.score}%` } })), h("b", null, row.matter), h("span", null, row.near), row.more ? h("span.chip", null, row.more) : null),
        row.cases.map(short),
        h("span.dup-go", null, t("duplicates.panel.beside"))));

  function work(item) {
    return item.rows.length
      ? [h("p.panel-count", null, item.count), h("ul.pair-rows", null, item.rows.map(pair))]
      : [h("p.empty", null, t("duplicates.work.none"))];
  }

  // ---- drawing ----------------------------------------------------------------------------------------------------

  function draw() {
    if (!data) return;
    if (data.work) return void fill("work", work(data.work));
    document.querySelector(".beside-body")?.classList.toggle("beside-nothing", Boolean(data.missing));
    if (data.missing) {
      fill("head", [h("p.beside-told", { role: "alert" }, data.missing), link("/duplicates", t("duplicates.back"))]);
      for (const name of ["one", "other", "judge", "others"]) fill(name, []);
      judged = "";
      return;
    }
    fill("head", head(data));
    NAMES.forEach((name, k) => fill(name, side(data.sides[k], k)));
    judge(data);
    fill("others", data.others ? [h("h2.panel-title", null, data.others.title), h("ul.dup-rows", null, data.others.rows.map(near))] : []);
    showPair(data);
  }

  onemap.mount("duplicates", () => {
    judged = "";
    draw();
    return () => {
      data = null;
      judged = "";
    };
  });

  // ---- the panel of a case ----------------------------------------------------------------------------------------

  function otherForm(item) {
    const input = h("input.input", { name: "number", autocomplete: "off", spellcheck: "false", placeholder: t("duplicates.panel.number"), "aria-label": t("duplicates.panel.number") });
    const element = h("form.dup-other", null, input, h("button.way", { type: "submit" }, t("duplicates.panel.other")));
    element.addEventListener("submit", (submit) => {
      submit.preventDefault();
      const wanted = input.value.trim();
      if (wanted) onemap.go(`/duplicates?case=${encodeURIComponent(item.number)}&beside=${encodeURIComponent(wanted)}`);
    });
    return element;
  }

  function drawPanel() {
    const target = document.querySelector('[data-onemap="case-duplicates"]');
    if (!target || !panel) return;
    if (!target.firstChild || target.dataset.number !== panel.number) {
      target.dataset.number = panel.number;
      target.replaceChildren(h("h2.panel-title"), h("div"), otherForm(panel));
    }
    const [title, body] = target.children;
    title.replaceChildren(t("duplicates.panel"), h("span.panel-count", null, panel.count ? ` ${panel.count}` : ""));
    const rows = panel.rows.length ? h("ul.dup-rows", null, panel.rows.map(near)) : panel.merged ? null : h("p.empty", null, t("duplicates.panel.none"));
    const merged = panel.merged ? link(panel.merged_href, panel.merged) : null;
    body.replaceChildren(...[merged, rows, panel.reports.rows.length > 1 ? reports(panel.reports) : null].flat().filter(Boolean));
  }

  onemap.mount("case-duplicates", () => {
    drawPanel();
    return () => {
      panel = null;
    };
  });

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.duplicates = {
    /** @param {?object} next the list, two cases, or the sentence that says why there are none */
    draw: (next) => {
      data = next;
      draw();
    },
    /** @param {?object} next what may be the same as the case of the page, and its reports */
    panel: (next) => {
      panel = next;
      drawPanel();
    },
  };
})();
