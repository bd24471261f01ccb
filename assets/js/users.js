/**
 * Accounts, kiosk tokens and keys. Everything is written through the API; afterwards the page reads itself anew. A secret
 * is shown once, at the top, until the next one or until the page is left.
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});
  const h = (...all) => onemap.h(...all);
  const t = (...all) => onemap.t(...all);

  let data = null;
  let turn = 0;
  let told = null;

  const place = (name) => document.querySelector(`[data-users="${name}"]`);
  const refresh = () => window.dash_clientside.set_props("users-turn", { data: ++turn });

  /** Sends something; gives the answer, or a sentence in `refused`. */
  async function send(path, body) {
    const answer = await fetch(`/api/v1${path}`, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
    }).catch(() => null);
    if (!answer) return { refused: t("users.error.unreachable") };
    const said = await answer.json().catch(() => ({}));
    if (answer.ok) return said;
    const key = `users.error.${said.error}`;
    return { refused: `${t(key) === key ? t("users.error.other") : t(key)} ${said.detail || answer.status}` };
  }

  /** Shows what is told this once, with a button that copies it. */
  function tell(words, secret) {
    told = { words, secret };
    drawTold();
    place("told").scrollIntoView({ block: "nearest" });
  }

  function drawTold() {
    const target = place("told");
    if (!target || !told) return;
    const copy = h("button.way", { type: "button" }, t("users.copy"));
    copy.addEventListener("click", async () => {
      await navigator.clipboard.writeText(told.secret).catch(() => getSelection().selectAllChildren(target.querySelector("code")));
      onemap.write(copy, t("users.copied"));
    });
    target.replaceChildren(h("p", null, told.words), h("div.users-secret", null, h("code", null, told.secret), copy));
  }

  const { asking, field, line, select } = onemap.forms;
  const fold = (key, title, inside, open) => h("details.deed.users-more", { dataset: { key }, open }, h("summary.way", null, title), inside);

  /** Role and scope: what can be chosen of the second follows the first. */
  function roleFields(role, scope) {
    const roles = data.choices.roles;
    const chosen = select("role", roles.map((one) => [one.role, one.words]), role);
    const where = h("select.input", { name: "scope" });
    const wrap = field(t("users.scope"), where);
    const renew = () => {
      const { scopes } = roles.find((one) => one.role === chosen.value);
      wrap.hidden = !scopes.length;
      where.replaceChildren(...scopes.map((kind) =>
        h("optgroup", { label: data.choices.families[kind] },
          data.choices.codes[kind].map(([code, name]) => h("option", { value: `${kind}:${code}`, selected: `${kind}:${code}` === scope }, name)))));
    };
    chosen.addEventListener("change", renew);
    renew();
    return [field(t("users.role"), chosen), wrap];
  }

  const rights = (values, element) => ({
    display: values.get("display"), role: values.get("role"),
    scope: element.querySelector("[name=scope]").options.length ? values.get("scope") || "" : "",
  });

  /** A form whose answer is looked at: a secret in it is told. */
  function form(name, label, fields, sending) {
    const element = asking(name, null, label, fields, async (values) => {
      const said = await sending(values, element);
      if (!said.refused) refresh();
      return said.refused || "";
    }, t("users.done"), () => element.closest("details")?.removeAttribute("open"));
    return element;
  }

  const addAccount = () => form("user", t("users.save"), [
    field(t("users.name"), line("name", { autocapitalize: "none", spellcheck: "false", maxlength: 64 })),
    field(t("users.display"), line("display", { maxlength: 80 })),
    roleFields(data.accounts.length ? "leader" : "administrator", ""),
  ].flat(), async (values, element) => {
    const said = await send("/users", { name: values.get("name"), ...rights(values, element) });
    if (said.first_password) {
      tell(t("users.told.password", { name: said.name }), said.first_password);
      element.reset();
    }
    return said;
  });

  const editAccount = (one) => form("edit", t("users.save"), [
    field(t("users.display"), line("display", { value: one.display, maxlength: 80 })), roleFields(one.role, one.scope),
  ].flat(), (values, element) => send(`/users/${encodeURIComponent(one.name)}`, rights(values, element)));

  /** A button that says what it will do before it does it. */
  function sure(label, words, act) {
    const note = h("p.form-note", { role: "status" });
    const button = h("button.way.form-send", { type: "button" }, t("users.sure"));
    button.addEventListener("click", async () => {
      button.disabled = true;
      const said = await act();
      button.disabled = false;
      note.dataset.state = said.refused ? "refused" : "sent";
      onemap.write(note, said.refused || "");
      if (!said.refused) refresh();
    });
    return fold(label, label, h("div.form.users-sure", null, words ? h("p", null, words) : null, h("div.form-foot", null, button, note)));
  }

  function account(one) {
    const path = `/users/${encodeURIComponent(one.name)}`;
    const reset = async () => {
      const said = await send(`${path}/reset`, {});
      if (said.first_password) tell(t("users.told.password", { name: said.name }), said.first_password);
      return said;
    };
    return h("article.users-row", { dataset: { key: one.key, state: one.state } },
      h("div.users-who", null, h("b", null, one.name), one.display ? h("span", null, one.display) : null),
      h("div.users-right", null, h("span.chip", null, one.role_words), h("span", null, one.scope_words)),
      h("div.users-state", null, h("span", null, [one.state_words, one.provider].filter(Boolean).join(" · ")), h("small", null, one.made)),
      h("div.deeds", null,
        fold("edit", t("users.edit"), editAccount(one)),
        sure(t("users.reset"), t("users.reset.sure"), reset),
        one.state === "disabled"
          ? sure(t("users.enable"), "", () => send(path, { disabled: false }))
          : sure(t("users.disable"), t("users.disable.sure"), () => send(path, { disabled: true }))));
  }

  function token(one) {
    const revoke = () => send(`/tokens/${one.id}/revoke?kind=${one.kind}`, {});
    return h("article.users-row", { dataset: { key: one.key, state: one.state } },
      h("div.users-who", null, h("b", null, one.name)),
      h("div.users-right", null, one.source ? h("span.chip", null, one.source) : null),
      h("div.users-state", null, h("span", null, one.state_words), h("small", null, one.made)),
      h("div.deeds", null, one.state === "active" ? sure(t("users.revoke"), t("users.revoke.sure"), revoke) : null));
  }

  const addKiosk = () => form("kiosk", t("users.save"), [field(t("users.kiosk_name"), line("name", { maxlength: 80 }))], async (values, element) => {
    const said = await send("/tokens", { kind: "kiosk", name: values.get("name") });
    if (said.path) {
      tell(t("users.told.kiosk"), location.origin + said.path);
      element.reset();
    }
    return said;
  });

  const addKey = () => form("key", t("users.save"), [
    field(t("users.key_name"), line("name", { maxlength: 80 })), field(t("users.source"), select("source", data.choices.codes.source)),
  ], async (values, element) => {
    const said = await send("/tokens", { kind: "key", name: values.get("name"), source: values.get("source") });
    if (said.secret) {
      tell(t("users.told.key"), said.secret);
      element.reset();
    }
    return said;
  });

  /** Brings a row up to date; what was open in it has been done with. */
  function renew(element, next) {
    Object.assign(element.dataset, next.dataset);
    element.replaceChildren(...next.children);
  }

  /** Draws a part; the form that adds to it stays as it is, with what is written in it. */
  function part(name, add, title, rows, one) {
    const target = place(name);
    if (!target) return;
    if (!target.firstChild) target.append(fold("add", title, add(), name === "accounts" && !rows.length), h("div.users-rows"));
    const list = target.lastChild;
    if (rows.length) onemap.forms.keep(list, rows, { make: one, renew: (element, item) => renew(element, one(item)) });
    else list.replaceChildren(h("p.empty", null, name === "accounts" && data.first ? data.first : t("users.none")));
  }

  function draw() {
    if (!data) return;
    part("accounts", addAccount, t("users.add"), data.accounts, account);
    part("kiosks", addKiosk, t("users.add_kiosk"), data.kiosks, token);
    part("keys", addKey, t("users.add_key"), data.keys, token);
    drawTold();
  }

  onemap.mount("users", () => {
    draw();
    return () => {
      data = told = null;
    };
  });

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.users = {
    /** @param {?object} next accounts and tokens, ready to be shown */
    draw: (next) => {
      data = next;
      draw();
    },
  };
})();
