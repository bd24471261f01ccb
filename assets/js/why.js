/**
 * Why a case went to whom it went, above the legs of the case page: list, item, clause, basis, arrangement, version.
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});
  const h = (...all) => onemap.h(...all);

  const words = (value) => (Array.isArray(value) ? h("ul.laws", null, value.map((one) => h("li", null, one))) : value);

  /**
   * What the clause of a leg says beyond the clause of the item, which stands above all legs: an arrangement, a transfer.
   * @param {?object} why
   * @param {string} clause
   * @returns {string}
   */
  onemap.beyond = (why, clause) => {
    if (!why || !why.clause || !clause.startsWith(why.clause)) return clause;
    const rest = clause.slice(why.clause.length).trim();
    return why.rows.some(([, said]) => said === rest) ? "" : rest;
  };

  /**
   * @param {?object} why words of the server, see dashboard/views/why.py
   * @returns {?HTMLElement}
   */
  onemap.why = (why) =>
    why
      ? h("article.why", { "aria-label": why.title },
          h("header", null, h("b", null, why.item.name), h("a.way", { href: why.item.href, "data-go": true }, why.item.words)),
          why.triage ? h("p.item-notice", { role: "note" }, why.triage) : null,
          why.clause ? h("p.why-clause", null, why.clause) : null,
          h("dl.item-pairs", null, why.rows.flatMap(([name, value]) => [h("dt", null, name), h("dd", null, words(value))])),
        )
      : null;
})();
