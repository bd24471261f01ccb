/**
 * An officer's own legs, the next due first. The next step is one large button; what a step must say is asked in a sheet;
 * every step goes through the outbox, so that it survives a lost network. Whose legs they are stands in the address and is
 * remembered on this device.
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});
  const h = (...all) => onemap.h(...all);
  const t = (...all) => onemap.t(...all);

  const REMEMBERED = "onemap-mine";
  const STEP = 40;
  const PLACE_MS = 8000;

  let here = null;
  let data = null;
  let waitingOpen = false;

  const ask = () => here && window.dash_clientside.set_props("mine-view", { data: { ...here } });

  function address() {
    const query = new URLSearchParams(location.search);
    if (here.of) query.set("of", here.of);
    else query.delete("of");
    const search = query.toString();
    history.replaceState({}, "", search ? `?${search}` : location.pathname);
  }

  const about = (item) => [item.matter, item.place].filter(Boolean).join(" · ");

  /** Where the phone is, if it says so in time; WGS84 degrees. A step never waits for it longer than that. */
  function locate(id) {
    if (!id || !navigator.geolocation || !window.isSecureContext) return;
    onemap.outbox.hold(id, PLACE_MS);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        onemap.outbox.amend(id, { point: { x: coords.longitude, y: coords.latitude, crs: "EPSG:4326" } });
        onemap.outbox.hold(id, 4000);
      },
      () => onemap.outbox.hold(id, 4000),
      { enableHighAccuracy: true, timeout: PLACE_MS - 1000, maximumAge: 30000 },
    );
  }

  function take(item, step, words = {}) {
    const id = onemap.outbox.add({
      number: item.number,
      event: { kind: step.kind, actor: item.actor, leg: item.leg, data: words },
      what: `${step.done} · ${item.matter}`,
    });
    if (step.placed) locate(id);
  }

  function begin(item, step) {
    if (!step.ask && !step.quick.length) return take(item, step);
    return onemap.sheet.ask({
      key: `${step.kind} ${item.key}`, title: step.title, about: about(item), quick: step.quick, fields: step.fields,
      send: step.title, done: (words) => take(item, step, words),
    });
  }

  function button(item, step, main) {
    const waiting = onemap.outbox.of(item.number, item.leg, step.kind);
    return h(`button.tap${main ? ".tap-main" : ""}`, { type: "button", disabled: Boolean(waiting), dataset: { kind: step.kind, waiting: waiting ? "yes" : null }, onclick: () => begin(item, step) },
      waiting ? `${step.done} …` : step.title);
  }

  function inside(item) {
    const level = onemap.levelAt(item.amber, item.due, onemap.clock.now());
    const main = item.turn ? item.steps.find((step) => step.next && !onemap.outbox.of(item.number, item.leg, step.kind)) || item.steps.find((step) => step.next) : null;
    const others = item.steps.filter((step) => step !== main && step.next);
    const aside = item.steps.filter((step) => !step.next);
    return [
      h("div.card-time", { dataset: { levelRow: level } }, h("i.sign.sign-row"), onemap.countdown(item.due, item.amber), h("span.card-clock", null, item.clock)),
      h("a.card-case", { href: `/case/${item.number}`, "data-go": "" },
        h("b", null, item.matter), h("span.card-place", null, item.place),
        item.told ? h("span.card-told", null, item.told) : null,
        h("span.card-who", null, `${item.role_word} · ${item.unit} · ${item.status}`)),
      item.marks.length ? h("ul.card-marks", null, item.marks.map((mark) => h("li", { dataset: { mark: mark.kind } }, mark.words))) : null,
      main ? h("div.card-acts", null, button(item, main, true), others.map((step) => button(item, step, false))) : null,
      item.turn && aside.length ? h("details.card-aside", { open: item.open || null }, h("summary.tap", null, t("mine.aside")), h("div.card-acts", null, aside.map((step) => button(item, step, false)))) : null,
    ].filter(Boolean);
  }

  const card = (item) => h("article.card", { dataset: { number: item.number, leg: item.leg } }, inside(item));

  function renew(element, item) {
    const open = Boolean(element.querySelector("details[open]"));
    const kind = element.contains(document.activeElement) && document.activeElement.dataset.kind;
    element.replaceChildren(...inside({ ...item, open }));
    const again = kind && element.querySelector(`[data-kind="${kind}"]`);
    if (again) again.focus({ preventScroll: true });
  }

  function group(rows) {
    return rows.map((item) => ({ ...item, waiting: item.steps.map((step) => Boolean(onemap.outbox.of(item.number, item.leg, step.kind))).join() }));
  }

  function draw() {
    const list = document.querySelector('[data-mine="list"]');
    if (!list || !data) return;
    if (!list.firstChild) {
      const rest = h("details.mine-rest", { ontoggle: (event) => { waitingOpen = event.target.open; } }, h("summary.tap"), h("div.cards"));
      rest.open = waitingOpen;
      list.append(h("div.cards"), rest, h("button.tap.more", { type: "button", onclick: () => { here.limit += STEP; ask(); } }, t("mine.more")));
    }
    const [now, rest, more] = list.children;
    const [mine, others] = [data.rows.filter((item) => item.turn), data.rows.filter((item) => !item.turn)];
    onemap.forms.keep(now, mine.length ? group(mine) : [{ key: "none", words: data.empty }], {
      make: (item) => (item.number ? card(item) : h("p.empty", null, item.words)),
      fits: (element, item) => Boolean(item.number) === element.classList.contains("card"),
      renew: (element, item) => (item.number ? renew(element, item) : onemap.write(element, item.words)),
    });
    onemap.forms.keep(rest.lastChild, group(others), { make: card, renew });
    rest.hidden = !others.length;
    onemap.write(rest.firstChild, t("mine.waiting", { n: others.length }));
    more.hidden = !data.more;
    for (const name of ["overdue", "amber", "pending"]) {
      const figure = document.querySelector(`[data-mine="${name}"]`);
      onemap.write(figure, onemap.count(data[name]));
      if (figure) figure.closest(".kpi").dataset.some = data[name] > 0 ? "yes" : "no";
    }
  }

  onemap.mount("mine", () => {
    const asked = new URLSearchParams(location.search).get("of");
    here = { of: asked || localStorage.getItem(REMEMBERED) || "", limit: STEP };
    address();
    if (here.of) window.dash_clientside.set_props("mine-of", { value: here.of });
    ask();
    const stop = onemap.on("outbox", draw);
    return () => {
      stop();
      onemap.sheet.close();
      here = data = null;
    };
  });

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.mine = {
    /** The reader says whose legs to show; address and device remember it. */
    choose: (of) => {
      if (!here || !of || of === here.of) return;
      here = { of, limit: STEP };
      localStorage.setItem(REMEMBERED, of);
      address();
      ask();
    },
    /** @param {?object} next the legs; see dashboard/pages/officer.py */
    draw: (next) => {
      data = next;
      if (next && next.of) localStorage.setItem(REMEMBERED, next.of);
      draw();
    },
  };
})();
