/**
 * Two small charts of what came and what was closed, and the figures of an ordinary day. Drawn as SVG in the wall's own
 * measure; no line moves by itself.
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});
  const h = (...all) => onemap.h(...all);
  const SVG = "http://www.w3.org/2000/svg";

  let day = null;

  function s(name, attributes, ...children) {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes || {})) element.setAttribute(key, value);
    element.append(...children);
    return element;
  }

  /** The smallest round number that holds a value and can be halved. */
  function roof(value) {
    const power = 10 ** Math.floor(Math.log10(Math.max(1, value)));
    return [1, 2, 3, 4, 5, 6, 8, 10].map((n) => n * power).find((n) => n >= value);
  }

  /**
   * @param {{at: number[], received: number[], closed: number[], ordinary?: number[]}} series
   * @param {{title: string, unit: string, tick: function(number, number): ?string, last: string}} words
   */
  function chart(series, { title, unit, tick, last }) {
    const box = h("figure.trend", null,
      h("figcaption.trend-title", null, h("b", null, title), h("span.trend-unit", null, unit),
        h("span.trend-key.key-received", null, onemap.t("wall.received")), h("span.trend-key.key-closed", null, onemap.t("wall.closed")),
        series.ordinary && series.ordinary.some((n) => n !== null) ? h("span.trend-key.key-ordinary", null, onemap.t("wall.ordinary")) : null),
      h("div.trend-plot"));
    const plot = box.lastElementChild;
    box.draw = () => draw(plot, series, tick, last);
    return box;
  }

  function draw(plot, series, tick, last) {
    const em = parseFloat(getComputedStyle(plot).fontSize);
    const [width, height] = [plot.clientWidth, plot.clientHeight];
    if (!width || !height) return;
    const [left, bottom, top, right] = [2.6 * em, 1.5 * em, 0.7 * em, 0.5 * em];
    const n = series.at.length;
    const most = roof(Math.max(1, ...series.received, ...series.closed, ...(series.ordinary || [])));
    const x = (k) => left + ((width - left - right) * k) / Math.max(1, n - 1);
    const y = (value) => height - bottom - ((height - bottom - top) * value) / most;
    const path = (values) => values.map((value, k) => `${k ? "L" : "M"}${x(k).toFixed(1)} ${y(value || 0).toFixed(1)}`).join("");
    // The last stretch is not over yet: it ends in an open dot, joined by dashes.
    const line = (values, name) => [
      s("path", { class: `line ${name}`, d: path(values.slice(0, n - 1)) }),
      s("path", { class: `line ${name} line-open`, d: `M${x(n - 2)} ${y(values[n - 2])}L${x(n - 1)} ${y(values[n - 1])}` }),
      s("circle", { class: `dot ${name}`, cx: x(n - 1), cy: y(values[n - 1]), r: 0.22 * em }),
    ];
    const ticks = series.at.flatMap((at, k) => {
      const words = k === n - 1 ? last : tick(at, k);
      if (!words || (k < n - 1 && x(n - 1) - x(k) < 3.4 * em)) return [];
      const anchor = k === n - 1 ? "end" : k === 0 ? "start" : "middle";
      return [s("text", { class: "tick", x: k === n - 1 ? width - 1 : x(k), y: height - 0.25 * em, "text-anchor": anchor }, words)];
    });
    const grid = [most / 2, most].filter((value) => Number.isInteger(value)).flatMap((value) => [
      s("path", { class: "grid", d: `M${left} ${y(value)}H${width - right}` }),
      s("text", { class: "tick", x: left - 0.5 * em, y: y(value) + 0.34 * em, "text-anchor": "end" }, onemap.count(value)),
    ]);
    const zero = s("path", { class: "grid grid-zero", d: `M${left} ${y(0)}H${width - right}` });
    const usual = series.ordinary && series.ordinary.some((value) => value !== null) ? [s("path", { class: "line ordinary", d: path(series.ordinary) })] : [];
    plot.replaceChildren(s("svg", { width, height, role: "img", "aria-label": plot.parentElement.querySelector("b").textContent }, ...grid, zero, ...ticks, ...usual, ...line(series.closed, "closed"), ...line(series.received, "received")));
  }

  const localHour = (at) => Number(onemap.time.minutes(at).slice(0, 2));

  function show() {
    const host = document.querySelector('[data-onemap="trends"]');
    if (!host || !day || !day.hours) return;
    const hours = chart(day.hours, {
      title: onemap.t("wall.hours"), unit: onemap.t("wall.hours.unit"), last: onemap.t("wall.now"),
      tick: (at) => (localHour(at) % 6 === 0 ? `${localHour(at)}:00` : null),
    });
    const days = chart(day.days, {
      title: onemap.t("wall.days"), unit: onemap.t("wall.days.unit"), last: onemap.t("wall.today"),
      tick: (at, k) => (k % 7 === 1 ? onemap.time.monthDay(at) : null),
    });
    host.replaceChildren(hours, days);
    hours.draw();
    days.draw();
  }

  /** Writes beside today's figures what is usual at this time, and once what "usual" means. */
  function showUsual() {
    if (!day) return;
    for (const element of document.querySelectorAll("[data-usual]")) {
      const value = (day.figures || {})[element.dataset.usual];
      onemap.write(element, value === undefined ? "" : onemap.t("wall.usual", { n: onemap.count(Math.round(value)) }));
    }
    const words = day.n ? onemap.t(day.works ? "wall.usual.workday" : "wall.usual.day_off", { n: day.n }) : onemap.t("wall.usual.none");
    document.querySelectorAll('[data-onemap="usual-note"]').forEach((element) => onemap.write(element, words));
  }

  onemap.mount("trends", (host) => {
    const watch = new ResizeObserver(() => host.querySelectorAll(".trend").forEach((one) => one.draw && one.draw()));
    watch.observe(host);
    show();
    return () => watch.disconnect();
  });
  onemap.mount("usual-note", showUsual);

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.wall = {
    ...window.dash_clientside.wall,
    /** @param {?object} found {n, works, figures, hours, days} */
    day: (found) => {
      if (found) day = found;
      show();
      showUsual();
    },
  };
})();
