/**
 * The township page: cases as cards by time left, each with one tap to urge and one to supervise; shares on time; open
 * disputes. What was tapped shows at once, whether or not the hub has heard of it yet.
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});
  const h = (...all) => onemap.h(...all);
  const t = (...all) => onemap.t(...all);

  const STEP = 40;
  // On a phone the parts below the cases are reached without a long way.
  const NARROW_STEP = 12;
  const NARROW_PX = 900;
  const NOTE_MS = 120000;

  let data = null;
  let shares = null;
  let limit = STEP;
  const part = (name) => document.querySelector(`[data-township-part="${name}"]`);

  const about = (item) => [item.matter, item.place, item.who].filter(Boolean).join(" · ");
  const event = (item, kind, words = {}) => ({ kind, actor: data.code, leg: item.leg, data: words });

  const urge = (item) => onemap.outbox.add({ number: item.number, event: event(item, "urged"), what: `${t("steps.urged.done")} ${item.who}` });

  function supervise(item) {
    onemap.sheet.ask({
      key: `supervised ${item.number} ${item.leg}`,
      title: `${t("township.supervise")} · ${item.who}`,
      about: about(item),
      quick: [1, 2, 3].map((n) => t(`township.supervise.quick.${n}`)),
      fields: [{ name: "text", label: t("township.supervise"), required: true, value: t("township.supervise.words"), long: true }],
      send: t("township.supervise"),
      done: (words) => onemap.outbox.add({ number: item.number, event: event(item, "supervised", words), what: `${t("steps.supervised.done")} ${item.who}` }),
    });
  }

  const DRIVES = { urged: ["township.urge", urge], supervised: ["township.supervise", supervise] };

  function button(item, kind) {
    const [label, act] = DRIVES[kind];
    const waiting = onemap.outbox.of(item.number, item.leg, kind);
    return h("button.tap", { type: "button", disabled: Boolean(waiting), dataset: { kind, waiting: waiting ? "yes" : null }, "aria-label": `${t(label)} ${item.who} ${item.matter}`, onclick: () => act(item) },
      waiting ? `${t(`steps.${kind}.done`)} …` : t(label));
  }

  function inside(item) {
    const level = onemap.levelAt(item.amber, item.due, onemap.clock.now());
    return [
      h("div.card-time", { dataset: { levelRow: level } }, h("i.sign.sign-row"), onemap.countdown(item.due, item.amber), h("span.card-clock", null, item.clock)),
      h("a.card-case", { href: `/case/${item.number}`, "data-go": "" },
        h("b", null, item.matter), h("span.card-place", null, item.place),
        h("span.card-who", null, item.who ? t("township.waits", { who: item.who }) : t("township.nobody"))),
      item.marks.length ? h("ul.card-marks", null, item.marks.map((mark) => h("li", { dataset: { mark: mark.kind } }, mark.words))) : null,
      item.acts.length ? h("div.card-acts", null, item.acts.map((kind) => button(item, kind))) : null,
    ].filter(Boolean);
  }

  function card(item) {
    return h("article.card", { dataset: { number: item.number } }, inside(item));
  }

  function drawCases() {
    const target = part("cases");
    if (!target || !data) return;
    // What waits in the box is part of what a card shows, so that it is drawn anew when that changes.
    const items = data.cases.map((item) => ({ ...item, waiting: item.acts.map((kind) => Boolean(onemap.outbox.of(item.number, item.leg, kind))).join() }));
    const rest = data.more ? [{ key: "more" }] : data.cases.length ? [] : [{ key: "none" }];
    onemap.forms.keep(target, [...items, ...rest], {
      make: (item) =>
        item.key === "more"
          ? h("button.tap.more", { type: "button", onclick: () => window.dash_clientside.set_props("township-limit", { data: (limit += limit < STEP ? NARROW_STEP : STEP) }) }, t("township.more"))
          : item.key === "none"
            ? h("p.empty", null, t("township.none"))
            : card(item),
      renew: (element, item) => item.number && renew(element, item),
    });
  }

  /** Draws a card anew without taking the button from under the finger. */
  function renew(element, item) {
    const kind = element.contains(document.activeElement) && document.activeElement.dataset.kind;
    element.replaceChildren(...inside(item));
    const again = kind && element.querySelector(`[data-kind="${kind}"]`);
    if (again) again.focus({ preventScroll: true });
  }

  function dispute(item) {
    return h("a.quarrel", { href: `/case/${item.number}`, "data-go": "", dataset: { levelRow: onemap.levelAt(item.amber, item.due, onemap.clock.now()) } },
      h("span.quarrel-time", null, h("i.sign.sign-row"), onemap.countdown(item.due, item.amber)),
      h("b", null, item.matter), h("span", null, item.between), item.clause ? h("small", null, item.clause) : null);
  }

  function drawDisputes() {
    const target = part("disputes");
    if (target && data) target.replaceChildren(...(data.disputes.length ? data.disputes.map(dispute) : [h("p.empty", null, t("township.no_disputes"))]));
  }

  /** One kind of limit: the share with its n, the county as a line, the month before. */
  function share(item) {
    const line = item.usual === null ? null : h("i.share-usual", { style: { left: `${100 * item.usual}%` }, title: t("township.share.usual") });
    return h("div.share", { dataset: { level: item.level, few: item.few ? "yes" : null } },
      h("span.share-name", null, item.name),
      h("b.share-figure", null, item.share),
      h("span.share-n", null, item.n),
      h("span.share-track", null, h("i.share-bar", { style: { width: `${100 * (item.part || 0)}%` } }), line),
      h("span.share-before", null, item.before, item.change ? h("em", { dataset: { way: item.way } }, item.change) : null),
      item.few ? h("small.share-few", null, item.few) : null);
  }

  function drawShares() {
    const target = part("shares");
    if (target && shares) target.replaceChildren(...shares.map(share));
  }

  function draw() {
    drawCases();
    drawDisputes();
  }

  onemap.on("remark", (item) => {
    onemap.outbox.hold(item.id, NOTE_MS);
    onemap.sheet.ask({
      key: `remark ${item.id}`, title: t("township.remark"), about: item.what, send: t("steps.send"),
      fields: [{ name: "text", label: t("township.remark"), required: false, value: "", long: true }],
      done: (words) => {
        onemap.outbox.amend(item.id, words);
        onemap.outbox.release(item.id);
      },
      cancelled: () => onemap.outbox.hold(item.id, 5000),
    });
  });

  onemap.mount("township", () => {
    const stop = onemap.on("outbox", drawCases);
    if (window.innerWidth <= NARROW_PX) window.dash_clientside.set_props("township-limit", { data: (limit = NARROW_STEP) });
    draw();
    drawShares();
    return () => {
      stop();
      onemap.sheet.close();
      data = shares = null;
      limit = STEP;
    };
  });

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.township = {
    /** @param {?object} next pending cases and open disputes; see dashboard/pages/township.py */
    draw: (next) => {
      data = next || data;
      draw();
    },
    /** @param {?Array} next how the limits were kept */
    shares: (next) => {
      shares = next || shares;
      drawShares();
    },
  };
})();
