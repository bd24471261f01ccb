/**
 * The panel of a case about its results: the rounds with their documents, who was answered and how, and a button that
 * records an answer by phone. The words come from the server, see dashboard/views/results.py.
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});
  const h = (...all) => onemap.h(...all);
  const t = (...all) => onemap.t(...all);

  /** Records that a reporter was answered by phone; gives a sentence when that was refused, else nothing. */
  const record = (number) => onemap.forms.record(number, { kind: "answered", actor: "command", data: { channel: "phone" } });

  function phone(number) {
    const note = h("span.result-note", { role: "status" });
    const button = h("button.way", { type: "button" }, t("case.result.phone"));
    button.addEventListener("click", async () => {
      button.disabled = true;
      const refusal = await record(number);
      button.disabled = false;
      onemap.write(note, refusal);
    });
    return [button, note];
  }

  // Documents are pages of their own, which print as they stand: they open beside the cockpit.
  const link = (one) => h("a.way", { href: one.href, target: "_blank", rel: "noopener" }, one.words);

  const round = (item) =>
    h("li.result", null,
      h("b", null, item.name),
      h("span.result-issued", null, item.issued),
      h("span.result-links", null, item.links.map(link)),
      item.answered ? h("p.result-answered", null, item.answered) : null,
    );

  const reporter = (item) =>
    h("li.result-reporter", { dataset: { open: item.open ? "yes" : "no" } },
      h("span", null, item.source),
      h("a.result-number", { href: `/case/${item.number}`, "data-go": true }, item.number),
      h("span.result-answered", null, item.answered),
      item.open && onemap.may("answered") ? phone(item.number) : null,
    );

  const shown = new WeakMap();

  /**
   * Shows the results of one case; keeps what stands there while nothing of it has changed.
   * @param {?object} panel
   */
  onemap.caseResults = (panel) => {
    const target = document.querySelector('[data-case="results"]');
    if (!target || !panel) return;
    const now = JSON.stringify(panel);
    if (shown.get(target) === now) return;
    shown.set(target, now);
    target.replaceChildren(
      ...[
        panel.of ? h("p", null, h("a.way", { href: panel.of.href, "data-go": true }, panel.of.words)) : null,
        panel.rounds.length ? h("ul.results", null, panel.rounds.map(round)) : null,
        panel.reporters.length ? h("h4", null, t("case.result.reporters")) : null,
        panel.reporters.length ? h("ul.results", null, panel.reporters.map(reporter)) : null,
        !panel.of && !panel.rounds.length ? h("p.empty", null, t("case.result.none")) : null,
      ].filter(Boolean),
    );
  };
})();
