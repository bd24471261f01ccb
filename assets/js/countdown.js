/**
 * Countdowns: any element with `data-due` (milliseconds since 1970) shows the time left, second by second, and carries its
 * level as a class; `data-amber` says when the last fifth begins. One timer for the whole page.
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});

  /**
   * The level of a clock at an instant, by the server's limits: amber from `amberAt` on, red after `dueAt`.
   * @param {?number} amberAt
   * @param {?number} dueAt
   * @param {number} now
   */
  onemap.levelAt = (amberAt, dueAt, now) => (!dueAt ? 1 : now > dueAt ? 3 : amberAt && now >= amberAt ? 2 : 1);

  /** Brings one element up to date. */
  function show(element, now) {
    const due = Number(element.dataset.due);
    if (!due) {
      onemap.write(element, "—");
      return;
    }
    const level = onemap.levelAt(Number(element.dataset.amber), due, now);
    const left = due - now;
    // Rounded up while it runs, so that a clock of 30 minutes begins with 30:00 and 00:00 means that it is over.
    const words = left > 0 ? onemap.time.span(left + 999) : onemap.t("time.over", { span: onemap.time.span(-left) });
    onemap.write(element, words);
    if (element.dataset.level === String(level)) return;
    element.dataset.level = level;
    const row = element.closest("[data-level-row]");
    if (row) row.dataset.levelRow = level;
  }

  onemap.on("second", (now) => {
    if (document.hidden) return;
    for (const element of document.querySelectorAll("[data-due]")) show(element, now);
  });

  /**
   * An element that counts down.
   * @param {?number} dueAt
   * @param {?number} amberAt
   * @returns {HTMLElement}
   */
  onemap.countdown = (dueAt, amberAt) => {
    const element = onemap.h("span.countdown", { dataset: { due: dueAt || "", amber: amberAt || "" } });
    if (onemap.config()) show(element, onemap.clock.now());
    return element;
  };

  onemap.refreshCountdown = (element) => show(element, onemap.clock.now());
})();
