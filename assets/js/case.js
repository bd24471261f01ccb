/**
 * The case page: draws what the server has made ready (words in the page's language, contacts masked) as timeline, legs
 * and clocks. Built as DOM, not as Dash components: it follows every revision of the case.
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});
  const h = (...all) => onemap.h(...all);

  let data = null;

  /** What was looked at on this page, by number: it stays until the page is left. */
  const looked = new Map();

  /** A masked contact with a button that shows it; the hub notes who looked, and when. */
  function contact(label, value) {
    const shown = looked.get(data.number);
    const note = h("small.contact-note", { role: "status" }, shown ? "" : onemap.t("case.unmask.note"));
    const button = h("button.way.contact-ask", { type: "button" }, onemap.t("case.unmask"));
    button.addEventListener("click", async () => {
      button.disabled = true;
      const answer = await fetch(`/api/v1/cases/${encodeURIComponent(data.number)}/contact`, {
        method: "POST", headers: { "Content-Type": "application/json" }, body: "{}",
      }).catch(() => null);
      button.disabled = false;
      if (!answer || !answer.ok) {
        onemap.write(note, onemap.t("case.unmask.failed"));
        return;
      }
      const said = await answer.json();
      looked.set(said.number, Object.values(said.contact).filter(Boolean).join(" "));
      draw();
    });
    return h("div.fact.fact-contact", null, h("dt", null, label), h("dd", null, shown || value, shown ? null : [" ", button]), note);
  }

  const pair = ([label, value]) => h("div.fact", null, h("dt", null, label), h("dd", null, value));

  function header(item) {
    return [
      h("div.case-title", null, h("h1", null, item.matter), h("span.case-number", null, item.number)),
      h("div.chips", null,
        h("span.chip.chip-status", { dataset: { status: item.status } }, item.status_word),
        item.due
          ? h("span.chip.chip-due", { dataset: { levelRow: onemap.levelAt(item.amber, item.due, onemap.clock.now()) } }, h("i.sign.sign-row"), onemap.countdown(item.due, item.amber), item.due_word)
          : null,
        item.chips.map((chip) => h("span.chip", null, chip)),
      ),
      h("dl.facts", null, item.facts.map(([label, value]) => (label === item.contact ? contact(label, value) : pair([label, value])))),
      item.description ? h("p.case-description", null, item.description) : null,
    ];
  }

  function legSaid(item) {
    return h("div.leg-said", null,
      h("header", null, h("span.leg-role", null, item.role_word), h("b", null, item.department), h("span.leg-status", null, item.status_word)),
      item.unit ? h("p.leg-unit", null, item.unit) : null,
      item.clause ? h("p.leg-clause", null, item.clause) : null,
      item.sentence ? h("blockquote", null, item.sentence) : null,
      item.finding ? h("p.leg-finding", null, item.finding, item.basis ? h("small.leg-basis", null, item.basis) : null) : null,
      item.marks.length ? h("ul.leg-marks", null, item.marks.map((mark) => h("li.leg-mark", { dataset: { mark: mark.kind } }, mark.words))) : null,
      h("dl.facts.facts-small", null, item.stamps.map(pair)),
    );
  }

  function dressLeg(element, item) {
    Object.assign(element.dataset, { role: item.role, status: item.status });
    element.querySelector(".leg-said").replaceWith(legSaid(item));
    onemap.forms.acts(element.querySelector(".deeds"), data.number, item.acts);
  }

  function leg(item) {
    const element = h("article.leg", null, h("div.leg-said"), h("div.deeds"));
    dressLeg(element, item);
    return element;
  }

  /** What is being written into the forms of a leg outlives every refresh, so the legs are not drawn anew. */
  function legs(item) {
    const target = document.querySelector('[data-case="legs"]');
    if (!target) return;
    if (!target.firstChild) target.append(h("div"), h("div.leg-rows"));
    const [why, rows] = target.children;
    why.replaceChildren(...[onemap.why(item.why)].filter(Boolean));
    const shown = item.legs.map((one) => ({ ...one, clause: onemap.beyond(item.why, one.clause) }));
    onemap.forms.keep(rows, shown, { make: leg, renew: dressLeg });
  }

  function acts(item) {
    const target = document.querySelector('[data-case="acts"]');
    if (!target) return;
    if (!target.firstChild) target.append(h("div.deeds"), h("p.empty", null, onemap.t("case.acts.none")));
    const [forms, none] = target.children;
    onemap.forms.acts(forms, item.number, item.acts);
    none.hidden = forms.childElementCount > 0;
  }

  function event(item) {
    return h("li.event", { dataset: { kind: item.kind, late: item.late ? "yes" : null } },
      h("time", null, item.at),
      h("div", null,
        h("span.event-word", null, item.word),
        item.who ? h("span.event-who", null, item.who) : null,
        item.late ? h("span.event-late", { title: item.late }, onemap.t("case.late")) : null,
        item.detail ? h("p.event-detail", null, item.detail) : null,
      ),
    );
  }

  /** A clock as a bar against the calendar. */
  function clockRow(item, axis) {
    const now = onemap.clock.now();
    const level = item.stop ? (item.due && item.stop > item.due ? "missed" : "met") : onemap.levelAt(item.amber, item.due, now);
    return h("div.clock-row", { dataset: { level } },
      h("div.clock-head", null, h("b", null, item.name), h("span", null, item.owner),
        h("span.clock-words", null, item.stop || !item.due ? item.words : onemap.countdown(item.due, item.amber))),
      onemap.clockbars.track(item, axis, now),
      h("div.clock-foot", null, item.foot),
    );
  }

  function clocks(item) {
    if (!item.clocks.length) return [h("p.empty", null, onemap.t("case.no_clocks"))];
    return [
      ...item.axes.flatMap((axis) => [
        h("h3.clock-axis", null, axis.title),
        onemap.clockbars.scale(axis),
        ...axis.clocks.map((at) => clockRow(item.clocks[at], axis)),
      ]),
      onemap.clockbars.legend(item.axes),
    ];
  }

  function showPoint(item) {
    const host = document.querySelector('[data-map-of="case"]');
    if (!host || !host.countyMap) return;
    host.classList.toggle("map-empty", !item.point);
    if (item.point) host.countyMap.ready.then(() => host.countyMap.pin(item.point, item.level));
  }

  onemap.on("map", (county) => data && county.options.mode === "case" && showPoint(data));

  function draw() {
    const fill = (name, children) => {
      const target = document.querySelector(`[data-case="${name}"]`);
      if (target) target.replaceChildren(...children.flat().filter(Boolean));
    };
    if (!data || !data.number) return;
    fill("header", header(data));
    legs(data);
    acts(data);
    fill("events", data.events.map(event));
    fill("clocks", clocks(data));
    onemap.caseVisit(data.visit);
    onemap.caseDisputes(data.disputes);
    onemap.caseResults(data.results);
    showPoint(data);
  }

  onemap.mount("case", () => {
    draw();
    return () => {
      data = null;
      looked.clear();
    };
  });

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.case = {
    /** @param {?object} next the case, ready to be shown; null while it is unknown */
    draw: (next) => {
      data = next;
      draw();
    },
  };
})();
