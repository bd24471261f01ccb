/**
 * The door, as pages know it: who has signed in, the way out, and what happens when a session ends while somebody is at
 * work. A dialog then asks for the password over the page; whatever was on its way (a form, a callback of Dash) is sent
 * again afterwards by itself, so nothing that was written is lost. Its name sees to it that it is there before Dash asks
 * for anything.
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});
  const h = (...all) => onemap.h(...all);
  const t = (...all) => onemap.t(...all);

  const plain = window.fetch.bind(window);
  const WAY_IN = "/api/v1/session";

  let asking = null;

  /** Who has signed in, as the layout said it. */
  const person = () => (onemap.config() || {}).person || { role: "open", kinds: [], calls: [] };

  /** A wall has no hands: it goes to a page that says what to do, legible from afar. */
  const isWall = () => person().role === "kiosk" || Boolean(document.querySelector("main.wall"));

  function leave(reason) {
    const back = location.pathname + location.search;
    location.replace(`/login?why=${encodeURIComponent(reason)}&next=${encodeURIComponent(back)}`);
    return new Promise(() => {});
  }

  /**
   * Asks whoever sits there to sign in again; the same promise for all that wait for it.
   * @param {string} reason
   * @returns {Promise<void>} kept when they have
   */
  function ask(reason) {
    if (!onemap.config() || isWall() || reason === "first_password" || reason === "local_only") return leave(reason);
    asking = asking || dialog().then(() => { asking = null; });
    return asking;
  }

  /** Tells what a refused answer means: nobody is signed in, or only with a first password. */
  async function refusal(answer) {
    if (answer.status !== 401 && answer.status !== 403) return null;
    const said = await answer.clone().json().catch(() => ({}));
    if (answer.status === 401 && said.error === "signed_out") return said.reason || "ended";
    return said.error === "first_password" ? "first_password" : null;
  }

  window.fetch = async (resource, options) => {
    const url = new URL(resource instanceof Request ? resource.url : resource, location.href);
    const own = url.origin === location.origin && !url.pathname.startsWith(WAY_IN);
    const again = own && resource instanceof Request ? resource.clone() : resource;
    const answer = await plain(resource, options);
    const reason = own ? await refusal(answer) : null;
    if (!reason) return answer;
    await ask(reason);
    return plain(again, options);
  };

  const span = (s) => `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`;

  function dialog() {
    return new Promise((done) => {
      const before = person();
      const note = h("p.door-note", { role: "alert" });
      const name = h("input.input", { name: "name", autocomplete: "username", autocapitalize: "none", spellcheck: "false", value: before.account });
      const secret = h("input.input", { name: "password", type: "password", autocomplete: "current-password" });
      const button = h("button.way.form-send", { type: "submit" }, t("door.send"));
      const back = encodeURIComponent(location.pathname + location.search);
      const form = h("form.form.door-ask", { novalidate: true },
        h("h2", null, t("door.title")), h("p", null, t("door.way")),
        h("label.field", null, h("span", null, t("door.name")), name),
        h("label.field", null, h("span", null, t("door.secret")), secret),
        note, h("div.form-foot", null, button, h("a.door-other", { href: `/login?next=${back}` }, t("door.other"))));
      const over = h("dialog.door-over", { oncancel: (event) => event.preventDefault() }, form);
      form.addEventListener("submit", async (event) => {
        event.preventDefault();
        button.disabled = true;
        const refused = await enter(name.value, secret.value, before);
        button.disabled = false;
        if (refused) {
          onemap.write(note, refused);
          secret.value = "";
          secret.focus();
          return;
        }
        leaveDialog();
        onemap.emit("signed-in");
      });
      // Signed in again in another tab: the line that they share is back.
      const stop = onemap.on("hello", async () => {
        const answer = await plain(WAY_IN).catch(() => null);
        const who = answer && answer.ok ? await answer.json() : {};
        if (who.name === before.account && who.role === before.role) leaveDialog();
      });
      function leaveDialog() {
        stop();
        over.close();
        over.remove();
        done();
      }
      document.body.append(over);
      over.showModal();
      (before.account ? secret : name).focus();
    });
  }

  /** Signs in; a sentence when it was refused. Another account than before has other pages: everything loads anew. */
  async function enter(name, password, before) {
    const answer = await plain(WAY_IN, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ name, password }),
    }).catch(() => null);
    if (!answer) return t("door.away");
    const said = await answer.json().catch(() => ({}));
    if (answer.status === 429) return t("door.locked", { span: span(said.retry_after) });
    if (answer.status === 401) return t("door.wrong");
    if (!answer.ok) return said.detail || t("door.away");
    if (said.must_change) return leave("first_password");
    if (said.name !== before.account || said.role !== before.role || said.scope !== before.scope) {
      location.reload();
      return new Promise(() => {});
    }
    return "";
  }

  async function out(path) {
    await plain(`${WAY_IN}/${path}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" }).catch(() => null);
    location.assign("/login?why=left");
  }

  onemap.person = person;
  /** Whether whoever has signed in may record this kind of event. */
  onemap.may = (kind) => person().kinds.includes(kind);
  /** Whether they may send something there: a path of the API below its version. */
  onemap.calls = (path) => person().calls.includes(`/api/v1${path}`);

  /**
   * Whom a form offers as the one who does it: whoever has signed in, else everybody who may.
   * @param {Array<[string, string]>} everybody code and name
   */
  onemap.speakers = (everybody) => {
    const { actor, display, account } = person();
    const own = everybody.find(([code]) => code === actor);
    return actor ? [own || [actor, display || account]] : everybody;
  };

  // The stream says at once what a page would only learn by its next question.
  onemap.on("door", ({ reason }) => ask(reason));

  onemap.mount("person", (element) => {
    const { account, display, role_words } = person();
    if (!account || person().role === "kiosk") return undefined;
    element.append(h("details.person", null,
      h("summary", null, h("span.person-name", null, display || account), h("span.person-role", null, role_words)),
      h("div.person-ways", null,
        h("a", { href: "/login?why=first_password" }, t("door.password")),
        h("button", { type: "button", onclick: () => out("end") }, t("door.leave")),
        h("button", { type: "button", onclick: () => out("end-all") }, t("door.leave_everywhere")))));
    const shut = (event) => element.contains(event.target) || element.firstChild.removeAttribute("open");
    document.addEventListener("click", shut);
    return () => document.removeEventListener("click", shut);
  });
})();
