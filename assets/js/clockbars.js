/**
 * Clocks as bars against the calendar, as SVG. Pure functions: what they draw follows from what they are given
 * (dashboard/views/clockbars.py says what) and from the instant that is shown.
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});
  const SVG = "http://www.w3.org/2000/svg";
  const WIDE = 1000;
  const HIGH = 30;
  const BAR = [9, 21];

  function s(tag, attributes, ...children) {
    const element = document.createElementNS(SVG, tag);
    for (const [key, value] of Object.entries(attributes)) if (value !== null && value !== undefined) element.setAttribute(key, value);
    element.append(...children.flat().filter(Boolean));
    return element;
  }

  /** Where an instant stands on an axis, 0 to WIDE. */
  const xOf = (axis) => (ms) => Math.max(0, Math.min(WIDE, (WIDE * (ms - axis.from)) / (axis.to - axis.from)));

  const band = (x, from, to, kind, [top, bottom], title) =>
    to > from
      ? s("rect", { class: `band band-${kind}`, x: x(from).toFixed(2), y: top, width: Math.max(2, x(to) - x(from)).toFixed(2), height: bottom - top }, title ? s("title", {}, title) : null)
      : null;

  const line = (x, at, kind, title) => s("line", { class: `mark mark-${kind}`, x1: x(at).toFixed(2), x2: x(at).toFixed(2), y1: 0, y2: HIGH, "vector-effect": "non-scaling-stroke" }, title ? s("title", {}, title) : null);

  /**
   * One clock on its axis: what does not count shaded, the time that ran, its last fifth, what it is over, its pauses, the
   * limit and now.
   * @param {{start: number, amber: ?number, due: ?number, stop: ?number, pauses: Array<[number, ?number]>, foot: string}} clock
   * @param {{from: number, to: number, shades: Array}} axis
   * @param {number} now
   * @returns {SVGElement}
   */
  function track(clock, axis, now) {
    const x = xOf(axis);
    const end = clock.stop || now;
    const due = clock.due || Infinity;
    const whole = [0, HIGH];
    return s("svg", { class: "clock-svg", viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "none", role: "img", "aria-label": clock.foot },
      axis.shades.map((shade) => band(x, shade.from, shade.to, shade.kind, whole, shade.title)),
      axis.ticks.map((tick) => line(x, tick.at, "tick")),
      clock.due && end < due ? band(x, Math.max(end, clock.start), due, "left", [13, 17]) : null,
      band(x, clock.start, Math.min(end, due), "in", BAR),
      clock.amber && clock.due ? band(x, Math.max(clock.amber, clock.start), Math.min(end, due), "last", BAR) : null,
      band(x, due, end, "over", BAR),
      clock.pauses.map(([from, to]) => band(x, from, Math.min(to || now, end), "pause", BAR, onemap.t("case.pause"))),
      clock.due ? line(x, clock.due, "due", onemap.t("case.mark.due")) : null,
      now < axis.to ? line(x, now, "now", onemap.t("case.mark.now")) : null);
  }

  /** The words of an axis, above its clocks; the last one that fits. */
  function scale(axis) {
    const x = xOf(axis);
    return onemap.h("div.clock-scale", { "aria-hidden": "true" },
      axis.ticks.filter((tick) => x(tick.at) < WIDE * 0.94).map((tick) => onemap.h("span", { style: { left: `${x(tick.at) / (WIDE / 100)}%` } }, tick.words)));
  }

  /** What the shades of some axes mean, of those only that are there. */
  function legend(axes) {
    const kinds = ["night", "weekend", "holiday", "make_up"].filter((kind) => axes.some((axis) => axis.shades.some((shade) => shade.kind === kind)));
    return onemap.h("p.clock-legend", null, kinds.map((kind) => onemap.h("span", null, onemap.h(`i.swatch.band-${kind}`), onemap.t(`case.shade.${kind}`))));
  }

  onemap.clockbars = { track, scale, legend };
})();
