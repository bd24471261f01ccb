/** On the offline page: says how many steps wait on this device, and goes back by itself when the hub answers again. */
(() => {
  "use strict";
  const EVERY_MS = 4000;

  let waiting = [];
  try {
    waiting = JSON.parse(localStorage.getItem("onemap-outbox") || "[]").filter((item) => item.state !== "refused");
  } catch (error) {
    waiting = [];
  }
  const line = document.querySelector(".waiting");
  if (waiting.length) {
    line.querySelector("[data-n]").textContent = waiting.length;
    line.hidden = false;
  }

  async function look() {
    try {
      const answer = await fetch("/healthz", { cache: "no-store" });
      if (answer.ok) location.reload();
    } catch (error) {
      // Still away.
    }
  }

  window.addEventListener("online", look);
  setInterval(look, EVERY_MS);
})();
