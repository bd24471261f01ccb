/**
 * The period of a view: the browser's own calendar for two days, and the usual periods by one tap. It says "period" on the
 * bus when the reader chooses, and follows the view that a page tells by "view".
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});
  const h = (...all) => onemap.h(...all);
  const t = (...all) => onemap.t(...all);
  const DAY_MS = 86400000;

  /** A day of the region's zone as an address writes it. */
  function dayOf(ms) {
    const zone = (onemap.config() || {}).zone || "Asia/Shanghai";
    return new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).format(ms);
  }

  /** The usual periods, as {from, to}. */
  function usual(now = onemap.clock.now()) {
    const today = dayOf(now);
    const first = `${today.slice(0, 8)}01`;
    const before = dayOf(new Date(`${first}T12:00:00Z`).getTime() - DAY_MS);
    return {
      pick: { from: "", to: "" },
      today: { from: today, to: today },
      week: { from: dayOf(now - 6 * DAY_MS), to: today },
      month: { from: first, to: today },
      before: { from: `${before.slice(0, 8)}01`, to: before },
    };
  }

  let view = {};
  onemap.on("view", (next) => { view = next || {}; });

  /** On a phone the filters fold away; the button says how many hold something back. */
  onemap.mount("filter-fold", (host) => {
    const root = document.documentElement;
    const button = h("button.tap", { type: "button", onclick: () => { root.dataset.filters = root.dataset.filters === "open" ? "" : "open"; show(); } });
    const show = () => {
      const held = ["area", "platform", "domain", "matter", "department", "source", "level", "from", "to"].filter((key) => view[key]).length;
      const open = root.dataset.filters === "open";
      button.setAttribute("aria-expanded", String(open));
      button.replaceChildren(h("span", null, t("cockpit.filters") + (held ? ` · ${held}` : "")), h("span", { "aria-hidden": "true" }, open ? "▴" : "▾"));
    };
    host.replaceChildren(button);
    show();
    const stop = onemap.on("view", show);
    return () => {
      stop();
      delete root.dataset.filters;
    };
  });

  onemap.mount("period", (host) => {
    const names = ["pick", "today", "week", "month", "before", "own"];
    const preset = h("select.input.period-usual", { "aria-label": t("cockpit.period") }, names.map((name) => h("option", { value: name }, t(`cockpit.period.${name}`))));
    const day = (key) => h("input.input", { type: "date", "aria-label": t(`cockpit.period.${key}`), min: "1970-01-01", max: "2199-12-31" });
    const [from, to] = [day("from"), day("to")];
    const days = h("span.period-days", null, from, h("span", { "aria-hidden": "true" }, "–"), to);
    const choose = () => onemap.emit("period", { from: from.value, to: to.value });
    const show = () => {
      if (document.activeElement !== from) from.value = view.from || "";
      if (document.activeElement !== to) to.value = view.to || "";
      const found = Object.entries(usual()).find(([, one]) => one.from === (view.from || "") && one.to === (view.to || ""));
      preset.value = found ? found[0] : "own";
      days.hidden = preset.value === "pick";
    };
    preset.addEventListener("change", () => {
      const one = usual()[preset.value];
      if (one) onemap.emit("period", one);
      else {
        days.hidden = false;
        from.focus();
      }
    });
    from.addEventListener("change", choose);
    to.addEventListener("change", choose);
    host.replaceChildren(preset, days);
    show();
    return onemap.on("view", show);
  });
})();
