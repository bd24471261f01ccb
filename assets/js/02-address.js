/**
 * The view of a page lives in its address: a table of words, each left out where it says what is usual, so that links stay
 * short. Its name sees to it that it is there before the pages that use it.
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});

  onemap.address = {
    /**
     * Reads a view.
     * @param {string[]} keys what the page keeps in the address
     * @param {string} search of a location
     * @param {object} [usual] key to what holds where the address says nothing
     * @returns {object} key to text
     */
    view: (keys, search, usual = {}) => {
      const query = new URLSearchParams(search);
      return Object.fromEntries(keys.map((key) => [key, query.get(key) || usual[key] || ""]));
    },

    /**
     * Writes a view as the query string of another page.
     * @param {string[]} keys
     * @param {object} view
     * @returns {string} with its question mark; empty for a view that says nothing
     */
    search: (keys, view) => {
      const query = new URLSearchParams(keys.filter((key) => view[key]).map((key) => [key, view[key]])).toString();
      return query ? `?${query}` : "";
    },

    /**
     * Writes a view; what else stands in the address stays.
     * @param {string[]} keys
     * @param {object} view
     * @param {object} [usual]
     * @returns {string} for `history.pushState`, or for a link within the page
     */
    of: (keys, view, usual = {}) => {
      const query = new URLSearchParams(location.search);
      for (const key of keys) {
        if (view[key] && view[key] !== usual[key]) query.set(key, view[key]);
        else query.delete(key);
      }
      const search = query.toString();
      return search ? `?${search}` : location.pathname;
    },
  };
})();
