/**
 * What a wall needs besides its picture: Dash, once the map is drawn; a screen that stays awake; and a fresh start of the
 * page in the dead of night, because no browser was made to run one page for months.
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});

  const LONGEST_WAIT_MS = 4000;
  const QUIET_HOUR = 3;
  const LEAST_AGE_MS = 12 * 3600000;
  const began = Date.now();

  /** Makes scripts of the inert ones that the document carries, in their order, and starts Dash. */
  function loadDash() {
    const waiting = [...document.querySelectorAll('script[type="text/plain"][src]')];
    waiting.forEach((inert, k) => {
      const script = document.createElement("script");
      Object.assign(script, { src: inert.src, async: false });
      if (k === waiting.length - 1) script.onload = () => (window.renderer = new window.DashRenderer());
      script.onerror = () => console.error(`onemap: ${inert.src} could not be loaded`);
      inert.replaceWith(script);
    });
  }

  if (document.body.classList.contains("wall-page")) {
    const soon = () => requestAnimationFrame(() => setTimeout(loadDash));
    onemap.on("map", soon);
    setTimeout(soon, LONGEST_WAIT_MS);
  }

  /** Keeps the screen on where the browser can; a page that was hidden must ask again. */
  async function stayAwake() {
    if (!document.querySelector(".wall") || !navigator.wakeLock || document.hidden) return;
    try {
      onemap.awake = await navigator.wakeLock.request("screen");
    } catch (error) {
      // No power, no permission, no screen: the wall works without.
      onemap.awake = null;
    }
  }

  document.addEventListener("visibilitychange", stayAwake);
  stayAwake();

  /**
   * Whether the page should be loaded anew now: at night, after half a day, with a live line.
   * @param {number} hour of the region's day
   * @param {number} ageMs of the page
   * @param {string} line state of the stream
   */
  onemap.isTimeToReload = (hour, ageMs, line) => hour === QUIET_HOUR && ageMs > LEAST_AGE_MS && line === "live";

  let asking = false;
  onemap.on("second", async (now) => {
    if (asking || !document.querySelector(".wall")) return;
    if (!onemap.isTimeToReload(Number(onemap.time.minutes(now).slice(0, 2)), Date.now() - began, onemap.stream.state)) return;
    asking = true;
    // A page that is loaded from a server that has just died would be an error for good.
    const answer = await fetch("/readyz", { cache: "no-store" }).catch(() => null);
    if (answer && answer.ok) location.reload();
    asking = false;
  });
})();
