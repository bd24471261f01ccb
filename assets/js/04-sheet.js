/**
 * A sheet from below that asks for what a step must say: sentences for one tap, a field to write in, and one large button.
 * What is written stays when the sheet is closed by mistake and opened again.
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});
  const h = (...all) => onemap.h(...all);
  const t = (...all) => onemap.t(...all);

  const drafts = new Map();
  let open = null;

  function close() {
    if (!open) return;
    open.element.remove();
    document.removeEventListener("keydown", open.keys);
    document.documentElement.classList.remove("has-sheet");
    const { back } = open;
    open = null;
    if (back && back.isConnected) back.focus();
  }

  const input = (field) =>
    field.long === false
      ? h("input.input", { name: field.name, autocomplete: "off" })
      : h("textarea.input", { name: field.name, rows: 3 });

  /**
   * Opens a sheet.
   * @param {object} asked
   * @param {string} asked.key what is being written belongs to it
   * @param {string} asked.title
   * @param {string} [asked.about] the case and place that it is about
   * @param {Array<{name: string, label: string, required: boolean, value: string, long: boolean}>} asked.fields
   * @param {string[]} [asked.quick] sentences that a tap writes into the first field
   * @param {string} asked.send words of the button
   * @param {function(object): void} asked.done gets the fields that were filled in
   * @param {function(): void} [asked.cancelled]
   */
  function ask({ key, title, about, fields, quick = [], send, done, cancelled = () => {} }) {
    close();
    const note = h("p.sheet-note", { role: "alert" });
    const boxes = fields.map((field) => {
      const box = input(field);
      box.value = (drafts.get(key) || {})[field.name] ?? field.value ?? "";
      return box;
    });
    const write = () => drafts.set(key, Object.fromEntries(boxes.map((box) => [box.name, box.value])));
    const chips = quick.map((words) =>
      h("button.tap.sheet-quick", { type: "button", onclick: () => { boxes[0].value = words; write(); } }, words));
    const leave = () => {
      close();
      cancelled();
    };
    const form = h("form.sheet-card", { novalidate: true, role: "dialog", "aria-modal": "true", "aria-label": title },
      h("h2", null, title), about ? h("p.sheet-about", null, about) : null,
      chips.length ? h("div.sheet-chips", null, chips) : null,
      fields.map((field, at) => h("label.field", null, h("span", null, field.label), boxes[at])),
      note,
      h("div.sheet-foot", null, h("button.tap", { type: "button", onclick: leave }, t("steps.cancel")), h("button.tap.tap-main", { type: "submit" }, send)));
    form.addEventListener("input", write);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const missing = fields.findIndex((field, at) => field.required && !boxes[at].value.trim());
      if (missing >= 0) {
        onemap.write(note, t("steps.missing", { name: fields[missing].label }));
        boxes[missing].focus();
        return;
      }
      drafts.delete(key);
      close();
      done(onemap.forms.filled(Object.fromEntries(boxes.map((box) => [box.name, box.value.trim()]))));
    });
    const element = h("div.sheet", { onclick: (event) => event.target === element && leave() }, form);
    const keys = (event) => event.key === "Escape" && leave();
    document.addEventListener("keydown", keys);
    open = { element, keys, back: document.activeElement };
    document.body.append(element);
    document.documentElement.classList.add("has-sheet");
    (chips[0] || boxes[0] || form.querySelector(".tap-main")).focus({ preventScroll: true });
  }

  onemap.sheet = { ask, close };
})();
