/** Instants as people of the region write them: the browser may stand in another zone, the region's clock counts. */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});
  const MINUTE = 60_000;
  let format = null;

  function parts(ms) {
    const { zone = "Asia/Shanghai" } = onemap.config() || {};
    format = format || new Intl.DateTimeFormat("en-GB", { timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" });
    return Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, value]));
  }

  /** Minutes that the region's clock is ahead of UTC at an instant. */
  function offset(ms) {
    const { year, month, day, hour, minute, second } = parts(ms);
    return Math.round((Date.UTC(+year, +month - 1, +day, +hour, +minute, +second) - Math.floor(ms / 1000) * 1000) / MINUTE);
  }

  const two = (n) => String(n).padStart(2, "0");

  onemap.zoned = {
    /** 2026-11-20T08:00, as an input of type datetime-local has it */
    local: (ms) => {
      const { year, month, day, hour, minute } = parts(ms);
      return `${year}-${month}-${day}T${hour}:${minute}`;
    },
    /** 2026-11-20T08:00+08:00, for addresses and requests; with seconds where there are any */
    iso: (ms) => {
      const minutes = offset(ms);
      const { second } = parts(ms);
      const seconds = second === "00" ? "" : `:${second}`;
      return `${onemap.zoned.local(ms)}${seconds}${minutes < 0 ? "-" : "+"}${two(Math.trunc(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
    },
    /** 11-20 08:00 */
    words: (ms) => onemap.zoned.local(ms).slice(5).replace("T", " "),
    /** @returns {number} the instant of a local time, NaN for what is none */
    instant: (local) => {
      const guess = Date.parse(`${local}Z`);
      if (Number.isNaN(guess)) return NaN;
      // The offset at the guess may be the one before a change of the clocks; the second look settles it.
      const once = guess - offset(guess) * MINUTE;
      return guess - offset(once) * MINUTE;
    },
    /** Reads what stands in an address: with an offset, or without one as the region's own time. */
    read: (text) => (/(Z|[+-]\d\d:?\d\d)$/i.test(text) ? Date.parse(text) : onemap.zoned.instant(text)),
  };
})();
