/**
 * Forms that record what happened, and places whose elements outlive a refresh: what a person has opened or begun to write
 * stays while the case goes on. Its name
 * sees to it that it is there before the pages that have something to fill in.
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});
  const h = (...all) => onemap.h(...all);
  const t = (...all) => onemap.t(...all);

  /**
   * Sends something to the hub; the answer is a sentence when it was refused, else nothing.
   * @param {string} path below the API's version
   * @param {object} body
   * @param {string} [words] whose words say what went wrong: `forms`, `duplicates`, ...
   * @returns {Promise<string>}
   */
  async function send(path, body, words = "forms") {
    let answer;
    try {
      answer = await fetch(`/api/v1${path}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    } catch (error) {
      return t(`${words}.error.unreachable`);
    }
    if (answer.ok) return "";
    const said = await answer.json().catch(() => ({}));
    const key = `${words}.error.${said.error}`;
    return `${t(key) === key ? t(`${words}.error.other`) : t(key)} ${said.detail || answer.status}`;
  }

  /**
   * Records an event of now, as `send` does.
   * @param {string} number of the case
   * @param {object} event
   * @param {string} [words]
   */
  const record = (number, event, words) =>
    send(`/cases/${encodeURIComponent(number)}/events`, { occurred_at: new Date(onemap.clock.now()).toISOString(), ...event }, words);

  /**
   * A form with a button and a place for what became of it.
   * @param {string} name of its class
   * @param {?Element} title
   * @param {string} label of its button
   * @param {Array<Node>} fields
   * @param {function(FormData): Promise<string>} sending gives a sentence when it was refused
   * @param {string} sent words for when it was not
   * @param {function(HTMLFormElement): void} [done]
   * @returns {HTMLFormElement}
   */
  function asking(name, title, label, fields, sending, sent, done = () => {}) {
    const note = h("p.form-note", { role: "status" });
    const button = h("button.way.form-send", { type: "submit" }, label);
    const element = h(`form.form.form-${name}`, { novalidate: true }, title, fields, h("div.form-foot", null, button, note));
    element.addEventListener("submit", async (submit) => {
      submit.preventDefault();
      button.disabled = true;
      onemap.write(note, "");
      const refusal = await sending(new FormData(element));
      button.disabled = false;
      note.dataset.state = refusal ? "refused" : "sent";
      onemap.write(note, refusal || sent);
      if (!refusal) done(element);
    });
    return element;
  }

  /**
   * A form that records one event of a case, and is empty again afterwards.
   * @param {string} name of its class
   * @param {string} number of the case
   * @param {string} title
   * @param {string} label of its button
   * @param {Array<Node>} fields
   * @param {function(FormData): object} event reads the fields when it is sent
   */
  const form = (name, number, title, label, fields, event) =>
    asking(name, h("h4", null, title), label, fields, (values) => record(number, event(values)), t("forms.sent"), (element) => element.reset());

  const field = (label, input) => h("label.field", null, h("span", null, label), input);
  const choices = (options, chosen) => options.map(([value, words]) => h("option", { value, selected: String(value) === String(chosen) }, words));
  const select = (name, options, chosen) => h("select.input", { name }, choices(options, chosen));
  const area = (name, rows = 3) => h("textarea.input", { name, rows });
  const line = (name, more = {}) => h("input.input", { name, autocomplete: "off", ...more });
  const filled = (pairs) => Object.fromEntries(Object.entries(pairs).filter(([, value]) => value));

  /** Whether somebody has begun to write in it, or is about to: the cursor stands in one of its fields. */
  const begun = (element) =>
    [...element.querySelectorAll("textarea, input, select")].some(
      (input) => input === document.activeElement || (input.tagName !== "SELECT" && input.value !== input.defaultValue),
    );

  const written = new WeakMap();

  /**
   * Brings the elements of a place up to date without touching those that are as they were: an input keeps its cursor.
   * @param {Element} target
   * @param {Array<{key: (string|number)}>} items in the order in which they are shown
   * @param {object} how
   * @param {function(object): HTMLElement} how.make draws an item
   * @param {function(HTMLElement, object): void} how.renew brings the element of a changed item up to date
   * @param {function(HTMLElement, object): boolean} [how.fits] whether the element can be kept for the item
   * @param {function(HTMLElement): boolean} [how.stays] whether an element stays although its item is gone
   */
  function keep(target, items, { make, renew, fits = () => true, stays = () => false }) {
    const before = new Map([...target.children].map((element) => [element.dataset.key, element]));
    const elements = items.map((item) => {
      const now = JSON.stringify(item);
      const old = before.get(String(item.key));
      const same = old && fits(old, item);
      const element = same ? old : make(item);
      element.dataset.key = item.key;
      if (same && written.get(old) !== now) renew(element, item);
      written.set(element, now);
      return element;
    });
    const wanted = new Set(elements);
    for (const child of [...target.children]) if (!wanted.has(child) && !stays(child)) child.remove();
    elements.forEach((element, at) => {
      if (target.children[at] !== element) target.insertBefore(element, target.children[at] || null);
    });
  }

  // ---- what the rules allow just now ------------------------------------------------------------------------------

  const SHAPES = { area: (name) => area(name, 2), line, count: (name) => line(name, { inputmode: "numeric" }) };

  /** A text that is no number is sent as it is: the server says what is wrong with it. */
  const valueOf = (one, written) => (one.shape === "count" && written.trim() && Number.isFinite(Number(written)) ? Number(written) : written);

  const actForm = (number, item) =>
    form("deed", number, item.title, item.title, [
      item.fields.map((one) => field(one.label, SHAPES[one.shape](one.name))),
      field(item.by, select("actor", item.actors)),
    ].flat(), (values) => ({
      kind: item.kind, actor: values.get("actor"), ...(item.leg ? { leg: item.leg } : {}),
      data: filled(Object.fromEntries(item.fields.map((one) => [one.name, valueOf(one, values.get(one.name))]))),
    }));

  /**
   * Offers what a person may do now. A form in which somebody writes stays, even when its time has passed: the server then
   * says so, and nothing that was written is lost.
   * @param {Element} target
   * @param {string} number of the case
   * @param {Array<object>} items see dashboard/views/acts.py
   */
  function acts(target, number, items) {
    keep(target, items, {
      make: (item) => h("details.deed", { dataset: { kind: item.kind } }, h("summary.way", null, item.title), actForm(number, item)),
      renew: (element, item) => begun(element) || element.querySelector("form").replaceWith(actForm(number, item)),
      stays: begun,
    });
  }

  onemap.forms = { send, record, asking, form, field, choices, select, area, line, filled, keep, acts };
})();
