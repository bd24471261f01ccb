/**
 * The outbox: what a person has done and the hub does not know yet. A step is kept on this device before anything else
 * happens, can be undone for some seconds, is sent under a key of its own (so that sending it twice counts once), and is
 * sent again until the hub has it or says why not. Nothing leaves the box without an answer or the person's own wish.
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});
  const h = (...all) => onemap.h(...all);
  const t = (...all) => onemap.t(...all);

  const KEPT = "onemap-outbox";
  const UNDO_MS = 5000;
  const SENT_MS = 6000;
  const LONGEST_WAIT_MS = 30000;
  const PATIENCE_MS = 15000;
  // The hub has not judged the step: it is away, busy, or does not know who we are just now.
  const LATER = new Set([401, 403, 408, 425, 429]);

  /** @type {Array<{id: string, number: string, event: object, what: string, dueAt: number, state: string}>} */
  let items = read();
  let sent = [];
  let wait = 0;
  let timer = null;
  let busy = false;

  function read() {
    try {
      const kept = JSON.parse(localStorage.getItem(KEPT) || "[]");
      return Array.isArray(kept) ? kept : [];
    } catch (error) {
      return [];
    }
  }

  /** Writes down what is in the box, and tells everybody who shows it. */
  function keep() {
    try {
      localStorage.setItem(KEPT, JSON.stringify(items));
    } catch (error) {
      console.warn("onemap: this device keeps nothing; steps live only as long as this page", error);
    }
    onemap.emit("outbox", items);
  }

  // crypto.randomUUID needs a secure context; plain http inside an office network is none.
  const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

  const find = (id) => items.find((item) => item.id === id);

  function change(id, changes) {
    items = items.map((item) => (item.id === id ? { ...item, ...changes } : item));
    keep();
  }

  function remove(id) {
    items = items.filter((item) => item.id !== id);
    keep();
  }

  /**
   * Puts a step into the box. The same step of the same leg goes in once, however often it is tapped.
   * @param {object} step
   * @param {string} step.number of the case
   * @param {object} step.event kind, actor, leg and data
   * @param {string} step.what words for it, such as "已催办 · 执法中队"
   * @param {number} [step.undoMs] how long it can be undone
   * @returns {?string} its id; null when it is in the box already
   */
  function add({ number, event, what, undoMs = UNDO_MS }) {
    if (of(number, event.leg, event.kind)) return null;
    const id = newKey();
    const at = onemap.clock.now();
    items = [...items, { id, number, what, event: { ...event, occurred_at: new Date(at).toISOString() }, dueAt: Date.now() + undoMs, state: "held" }];
    keep();
    soon(undoMs);
    return id;
  }

  /** The step of a leg that is in the box, or nothing; one that was refused no longer stands in the way. */
  const of = (number, leg, kind) =>
    items.find((item) => item.number === number && item.event.leg === leg && item.event.kind === kind && item.state !== "refused");

  function undo(id) {
    const item = find(id);
    if (item && item.state === "held") remove(id);
  }

  function soon(ms) {
    clearTimeout(timer);
    timer = setTimeout(pump, Math.max(0, ms));
  }

  /** Sends what is due, one after the other, in the order of the taps. */
  async function pump() {
    if (busy) return;
    busy = true;
    try {
      for (let item = next(); item; item = next()) {
        if (!(await send(item))) break;
      }
    } finally {
      busy = false;
    }
    const waiting = items.filter((item) => item.state !== "refused");
    if (waiting.length) soon(wait || Math.min(...waiting.map((item) => item.dueAt)) - Date.now());
  }

  const next = () => items.find((item) => item.state !== "refused" && item.dueAt <= Date.now());

  /** @returns {Promise<boolean>} whether it is worth going on with the next one */
  async function send(item) {
    change(item.id, { state: "sending" });
    let answer;
    const patience = new AbortController();
    const end = setTimeout(() => patience.abort(), PATIENCE_MS);
    try {
      answer = await fetch(`/api/v1/cases/${encodeURIComponent(item.number)}/events`, {
        method: "POST",
        headers: { "Content-Type": "application/json", "Idempotency-Key": item.id },
        body: JSON.stringify(item.event),
        // Once begun it goes out even when the page is left.
        keepalive: true,
        signal: patience.signal,
      });
    } catch (error) {
      return later(item, "");
    } finally {
      clearTimeout(end);
    }
    if (answer.ok) return arrived(item);
    const said = await answer.json().catch(() => ({}));
    if (answer.status >= 500 || LATER.has(answer.status) || said.error === "stale") {
      return later(item, answer.status === 401 || answer.status === 403 ? "sign_in" : "");
    }
    wait = 0;
    change(item.id, { state: "refused", error: said.error || "other", detail: said.detail || String(answer.status) });
    return true;
  }

  function later(item, why) {
    wait = Math.min(LONGEST_WAIT_MS, wait ? wait * 2 : 1500);
    change(item.id, { state: "waiting", why });
    return false;
  }

  function arrived(item) {
    wait = 0;
    sent = [...sent, { ...item, until: Date.now() + SENT_MS }];
    remove(item.id);
    onemap.emit("outbox-sent", item);
    return true;
  }

  /** Tries at once: the network is back, the page is shown again, or the person says so. */
  function hurry() {
    wait = 0;
    pump();
  }

  window.addEventListener("online", hurry);
  window.addEventListener("storage", (event) => {
    if (event.key !== KEPT) return;
    items = read();
    onemap.emit("outbox", items);
  });
  // Whoever pockets the phone means what was tapped: it goes out now.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") {
      for (const item of items) if (item.state === "held") item.dueAt = Date.now();
      keep();
    }
    hurry();
  });
  onemap.on("state", ({ state }) => state === "live" && items.length && hurry());
  // What an earlier page left behind: a step that was on its way may have arrived, which its key finds out.
  items = items.map((item) => (item.state === "sending" ? { ...item, state: "waiting" } : item));
  if (items.length) soon(500);

  onemap.outbox = {
    add,
    of,
    undo,
    retry: (id) => {
      change(id, { state: "waiting", dueAt: Date.now() });
      hurry();
    },
    drop: remove,
    /** Adds to a step that can still be undone, such as a position or a note. */
    amend: (id, data, { holdMs = 0 } = {}) => {
      const item = find(id);
      if (!item || item.state !== "held") return false;
      const event = { ...item.event, data: { ...(item.event.data || {}), ...data } };
      change(id, { event, dueAt: Math.max(item.dueAt, Date.now() + holdMs) });
      return true;
    },
    /** Keeps a step from leaving for a while, for a note that is being written. */
    hold: (id, ms) => {
      const item = find(id);
      if (item && item.state === "held") change(id, { dueAt: Date.now() + ms });
    },
    release: (id) => {
      const item = find(id);
      if (item && item.state === "held") change(id, { dueAt: Date.now() });
      soon(0);
    },
    items: () => items,
  };

  // ---- how the box shows itself ---------------------------------------------------------------------------------------

  const words = (item) => {
    if (item.state === "held") return t("outbox.held", { what: item.what, n: Math.max(0, Math.ceil((item.dueAt - Date.now()) / 1000)) });
    if (item.state === "sending") return t("outbox.sending", { what: item.what });
    return t(item.why === "sign_in" ? "outbox.sign_in" : "outbox.waiting", { what: item.what });
  };

  function said(item) {
    const key = `outbox.error.${item.error}`;
    const plain = t(key) === key ? t("outbox.error.other") : t(key);
    return h("div.outbox-said", null, h("b", null, t("outbox.refused", { what: item.what })), h("p", null, plain), h("small", null, item.detail));
  }

  const tap = (label, act, name = "") => h(`button.tap${name}`, { type: "button", onclick: act }, label);

  function slip(item) {
    const note = item.event.kind === "urged" && item.state === "held" ? tap(t("township.remark"), () => onemap.emit("remark", item)) : null;
    const buttons =
      item.state === "held"
        ? [note, tap(t("outbox.undo"), () => undo(item.id), ".tap-strong")]
        : item.state === "refused"
          ? [h("a.tap", { href: `/case/${item.number}`, "data-go": "" }, t("outbox.case")), tap(t("outbox.again"), () => onemap.outbox.retry(item.id)), tap(t("outbox.drop"), () => remove(item.id), ".tap-strong")]
          : [tap(t("outbox.again"), hurry)];
    return h("div.slip", { dataset: { key: item.id, state: item.state } },
      item.state === "refused" ? said(item) : h("p.slip-words", null, words(item)),
      h("div.slip-taps", null, buttons.filter(Boolean)));
  }

  onemap.mount("outbox", (host) => {
    const draw = () => {
      const over = Date.now();
      sent = sent.filter((item) => item.until > over);
      const shown = [...items, ...sent.map((item) => ({ ...item, state: "sent" }))];
      onemap.forms.keep(host, shown.map(({ id, state, why, dueAt, ...rest }) => ({ key: `${id} ${state} ${why || ""}`, id, state, why, dueAt: state === "held" ? 0 : dueAt, ...rest })), {
        make: ({ id }) => {
          const item = find(id);
          return item ? slip(item) : h("div.slip", { dataset: { state: "sent" } }, h("p.slip-words", null, t("outbox.sent", { what: (sent.find((one) => one.id === id) || {}).what })));
        },
        renew: () => {},
      });
      tick();
    };
    const tick = () => {
      for (const item of items) {
        const line = item.state === "refused" ? null : host.querySelector(`[data-key^="${item.id} "] .slip-words`);
        if (line) onemap.write(line, words(item));
      }
      if (sent.some((item) => item.until <= Date.now())) draw();
    };
    const stops = [onemap.on("outbox", draw), onemap.on("second", tick)];
    draw();
    return () => stops.forEach((stop) => stop());
  });
})();
