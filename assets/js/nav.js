/**
 * Links inside the product change the page without loading it anew, so that the live connection and the geometry stay.
 * Any anchor with `data-go` is such a link, also one that a script or a table has drawn.
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});

  /**
   * Goes to an address of this site the way Dash's own links do.
   * @param {string} href
   */
  onemap.go = (href) => {
    // The wall is a document of its own: from there, other pages are loaded.
    if (document.body.classList.contains("wall-page")) return location.assign(href);
    history.pushState({}, "", href);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    window.scrollTo(0, 0);
  };

  /** On a phone the pages stand in a line that scrolls; the one that is shown is brought into sight. */
  onemap.mount("pages", (nav) => {
    const shown = nav.querySelector(".nav-here");
    if (shown) nav.scrollLeft = shown.offsetLeft - nav.offsetLeft - (nav.clientWidth - shown.offsetWidth) / 2;
  });

  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest("a[data-go][href]");
    const plain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
    if (!link || !plain || event.defaultPrevented) return;
    event.preventDefault();
    onemap.go(link.getAttribute("href"));
  });
})();
