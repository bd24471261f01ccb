/**
 * The ground that every script of the pages stands on: one namespace, a bus, mounting, time and small drawing helpers.
 * Scripts load in alphabetical order: this one first, which its name sees to.
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});

  // ---- bus ------------------------------------------------------------------------------------------------------

  const listeners = new Map();

  /**
   * Calls `listener` with every later event of this name.
   * @param {string} name
   * @param {function(*): void} listener
   * @returns {function(): void} stops listening
   */
  onemap.on = (name, listener) => {
    if (!listeners.has(name)) listeners.set(name, new Set());
    listeners.get(name).add(listener);
    return () => listeners.get(name).delete(listener);
  };

  /**
   * Tells every listener; one that fails does not keep the others from hearing it.
   * @param {string} name
   * @param {*} [detail]
   */
  onemap.emit = (name, detail) => {
    for (const listener of [...(listeners.get(name) || [])]) {
      try {
        listener(detail);
      } catch (error) {
        console.error(`onemap: a listener of "${name}" failed`, error);
      }
    }
  };

  // ---- mounting -------------------------------------------------------------------------------------------------
  // React brings and takes pages whenever it likes. A trade says how to dress an element that carries
  // data-onemap="<trade>"; the answer is called when the element leaves. Such elements have no React children.

  const trades = new Map();
  const dressed = new Map();

  /**
   * Registers what to do with elements that carry `data-onemap="<trade>"`, now and later.
   * @param {string} trade
   * @param {function(HTMLElement): (function(): void)|void} dress returns its own undoing
   */
  onemap.mount = (trade, dress) => {
    trades.set(trade, dress);
    if (whole) dressBelow(document.documentElement);
  };

  // A document that brings its elements with it (the wall) is dressed once all scripts have said what they do.
  let whole = document.readyState !== "loading";
  document.addEventListener("DOMContentLoaded", () => {
    whole = true;
    dressBelow(document.documentElement);
  });

  function dressOne(element) {
    const dress = trades.get(element.dataset.onemap);
    if (dress && !dressed.has(element)) dressed.set(element, dress(element) || (() => {}));
  }

  function dressBelow(root) {
    if (root.dataset && root.dataset.onemap) dressOne(root);
    for (const element of root.querySelectorAll("[data-onemap]")) dressOne(element);
  }

  function undressGone() {
    for (const [element, undress] of dressed) {
      if (!element.isConnected) {
        dressed.delete(element);
        undress();
      }
    }
  }

  new MutationObserver((changes) => {
    // What left is undressed first: a page that is drawn anew keeps what its new elements have set up.
    if (changes.some((change) => change.removedNodes.length)) undressGone();
    for (const change of changes) {
      for (const node of change.addedNodes) if (whole && node.nodeType === Node.ELEMENT_NODE) dressBelow(node);
    }
  }).observe(document.documentElement, { childList: true, subtree: true });

  // ---- what the server says about itself ------------------------------------------------------------------------

  let config = null;

  /**
   * What the layout carries for the scripts: build, zone, language, words, addresses. Null before the layout stands.
   * @returns {?object}
   */
  onemap.config = () => {
    // The wall's document brings its own, before Dash is there.
    const element = document.getElementById("first-config") || document.getElementById("shell-config");
    if (!config && element) config = JSON.parse(element.dataset.config);
    return config;
  };

  onemap.mount("config", () => onemap.emit("config", onemap.config()));

  // ---- time -----------------------------------------------------------------------------------------------------

  const clock = { offsetMs: 0, known: false };

  /** The server's time in milliseconds since 1970; countdowns follow it, not the viewer's own clock. */
  clock.now = () => Date.now() + clock.offsetMs;

  /**
   * Learns the server's time. A message is always a little old, so the largest offset seen is the nearest to the truth;
   * a jump of more than two seconds means that one of the clocks was set and starts afresh.
   * @param {number} serverMs
   */
  clock.learn = (serverMs) => {
    const offset = serverMs - Date.now();
    if (!clock.known || Math.abs(offset - clock.offsetMs) > 2000 || offset > clock.offsetMs) clock.offsetMs = offset;
    clock.known = true;
  };

  (function tick() {
    onemap.emit("second", clock.now());
    // Wakes just after the server's own second turns, so that every countdown on the wall steps together.
    setTimeout(tick, 1005 - (clock.now() % 1000));
  })();

  onemap.clock = clock;

  const formats = new Map();

  /**
   * Formats an instant in the region's zone.
   * @param {number} ms
   * @param {Intl.DateTimeFormatOptions} options
   */
  function inZone(ms, options) {
    const { language = "zh-CN", zone = "Asia/Shanghai" } = onemap.config() || {};
    const key = language + zone + JSON.stringify(options);
    if (!formats.has(key)) {
      formats.set(key, new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, { timeZone: zone, hourCycle: "h23", ...options }));
    }
    return formats.get(key).format(ms);
  }

  onemap.time = {
    /** 14:03:22 */
    seconds: (ms) => inZone(ms, { hour: "2-digit", minute: "2-digit", second: "2-digit" }),
    /** 14:03 */
    minutes: (ms) => inZone(ms, { hour: "2-digit", minute: "2-digit" }),
    /** 2026年11月24日 星期二 */
    day: (ms) => inZone(ms, { year: "numeric", month: "long", day: "numeric", weekday: "long" }),
    /** 11/24 */
    monthDay: (ms) => inZone(ms, { month: "2-digit", day: "2-digit" }),
    /** 14:03:22 today, 11/23 14:03 on other days */
    recent: (ms) => {
      const day = (instant) => inZone(instant, { year: "numeric", month: "2-digit", day: "2-digit" });
      return day(ms) === day(clock.now()) ? onemap.time.seconds(ms) : `${inZone(ms, { month: "2-digit", day: "2-digit" })} ${onemap.time.minutes(ms)}`;
    },

    /**
     * A span as people read it from afar: 04:31 below the hour, 3:04:31 below the day, 2天 03:04 above, 120天 from a hundred days on.
     * @param {number} ms not negative
     */
    span: (ms) => {
      const all = Math.floor(ms / 1000);
      const two = (n) => String(n).padStart(2, "0");
      const [days, hours, minutes, seconds] = [Math.floor(all / 86400), Math.floor(all / 3600) % 24, Math.floor(all / 60) % 60, all % 60];
      if (days >= 100) return onemap.t("time.days", { n: days });
      if (days) return `${onemap.t("time.days", { n: days })} ${two(hours)}:${two(minutes)}`;
      return hours ? `${hours}:${two(minutes)}:${two(seconds)}` : `${two(minutes)}:${two(seconds)}`;
    },
  };

  // ---- drawing --------------------------------------------------------------------------------------------------

  /**
   * Makes an element; text is always set as text, never parsed as HTML.
   * @param {string} tag `div`, or `div.name.other`
   * @param {?object} [attributes] `dataset`, `style` and `on…` are understood
   * @param {...(Node|string|number|null|undefined|Array)} children
   * @returns {HTMLElement}
   */
  onemap.h = (tag, attributes, ...children) => {
    const [name, ...classes] = tag.split(".");
    const element = document.createElement(name);
    if (classes.length) element.className = classes.join(" ");
    for (const [key, value] of Object.entries(attributes || {})) {
      if (value === null || value === undefined || value === false) continue;
      if (key === "dataset" || key === "style") Object.assign(element[key], value);
      else if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
      else element.setAttribute(key, value === true ? "" : value);
    }
    for (const child of children.flat()) {
      if (child !== null && child !== undefined) element.append(child instanceof Node ? child : String(child));
    }
    return element;
  };

  /**
   * Writes a text only where it differs: the browser then has nothing to lay out.
   * @param {Element} element
   * @param {string|number} text
   */
  onemap.write = (element, text) => {
    const next = String(text);
    if (element && element.textContent !== next) element.textContent = next;
  };

  const counting = new Intl.NumberFormat("en-US");

  /** 12345 as 12,345, and a figure that is not known as a dash. */
  onemap.count = (n) => (n === null || n === undefined ? "—" : counting.format(n));

  /**
   * The sign of a level: told by shape as well as by colour.
   * @param {number} level 0 none, 1 in time, 2 due soon, 3 overdue
   * @returns {HTMLElement}
   */
  onemap.sign = (level) => onemap.h(`i.sign.sign-${level}`, { role: "img", "aria-label": onemap.t(`level.${level}`) });
})();
