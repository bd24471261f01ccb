/**
 * The page on which one signs in. It stands for itself: nothing of the product is loaded before somebody is in.
 * A wrong password empties no field but itself; while one has to wait, the seconds run.
 */
(() => {
  "use strict";
  const words = JSON.parse(document.body.dataset.words);
  const shortest = Number(document.body.dataset.shortest);
  const word = (key, values = {}) => (words[key] || key).replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
  const [signIn, change] = ["sign-in", "change"].map((name) => document.querySelector(`[data-form="${name}"]`));
  if (!signIn) return;

  let first = "";
  let waiting = null;

  function say(form, text) {
    form.querySelector("[data-note]").textContent = text;
  }

  const span = (s) => `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`;

  /** Says how long one has to wait, and lets go when it is over. */
  function wait(form, seconds) {
    const button = form.querySelector(".door-send");
    const until = Date.now() + seconds * 1000;
    clearInterval(waiting);
    const tick = () => {
      const left = Math.ceil((until - Date.now()) / 1000);
      button.disabled = left > 0;
      say(form, left > 0 ? word("locked", { span: span(left) }) : word("locked_over"));
      if (left <= 0) clearInterval(waiting);
    };
    waiting = setInterval(tick, 500);
    tick();
  }

  async function send(form, path, body) {
    const button = form.querySelector(".door-send");
    button.disabled = true;
    let answer;
    try {
      answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    } catch (error) {
      say(form, word("away"));
      return null;
    } finally {
      button.disabled = false;
    }
    const said = await answer.json().catch(() => ({}));
    if (answer.ok) return said;
    if (said.error === "locked") wait(form, said.retry_after);
    else say(form, said.error === "wrong_password" ? word("wrong") : answer.status === 503 ? word("away") : `${word("other")} ${said.detail || answer.status}`);
    return null;
  }

  function enter(who) {
    location.replace(document.body.dataset.back || who.home || "/");
  }

  /** The first password opens nothing but this. */
  function choose(before) {
    first = before;
    signIn.hidden = true;
    for (const why of document.querySelectorAll(".door-why")) why.hidden = true;
    change.hidden = false;
    const asks = change.querySelector("[data-before]");
    asks.hidden = Boolean(before);
    change.elements.after.focus();
  }

  signIn.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { name, password } = signIn.elements;
    if (!name.value.trim() || !password.value) {
      say(signIn, word("empty"));
      (name.value.trim() ? password : name).focus();
      return;
    }
    say(signIn, "");
    const who = await send(signIn, "/api/v1/session", { name: name.value, password: password.value });
    if (!who) {
      password.value = "";
      password.focus();
    } else if (who.must_change) choose(password.value);
    else enter(who);
  });

  change.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { before, after, repeat } = change.elements;
    const missing = shortest - after.value.length;
    if (missing > 0) {
      say(change, word("refused.short", { shortest, missing }));
      after.focus();
      return;
    }
    if (after.value !== repeat.value) {
      say(change, word("differ"));
      repeat.focus();
      return;
    }
    say(change, "");
    const who = await send(change, "/api/v1/session/password", { before: first || before.value, after: after.value });
    if (who) enter(who);
  });

  change.elements.after.addEventListener("input", ({ target }) => {
    change.querySelector("[data-counted]").textContent = target.value ? word("counted", { n: target.value.length }) : "";
  });

  for (const button of document.querySelectorAll("[data-show]")) {
    button.addEventListener("click", () => {
      const input = button.parentElement.querySelector("input");
      const shown = input.type === "text";
      for (const one of button.closest("form").querySelectorAll(".door-secret input")) one.type = shown ? "password" : "text";
      button.textContent = word(shown ? "show" : "hide");
      input.focus();
    });
  }

  if (signIn.dataset.first) choose("");
})();
