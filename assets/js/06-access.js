/**
 * What a screen reader is told of ticks. Dash 4.4 draws a group of checkboxes as a listbox without a name whose options hold
 * other controls; it is a group of labelled checkboxes, and says so here. A control asks for it by data-onemap="named".
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});

  onemap.mount("named", (control) => {
    const put = () => {
      const words = control.dataset.name || (control.querySelector(".control-name") || {}).textContent || "";
      for (const list of control.querySelectorAll('.dash-options-list[role="listbox"]')) {
        list.setAttribute("role", "group");
        list.setAttribute("aria-label", words);
      }
      for (const label of control.querySelectorAll("label[role], label[aria-selected]")) {
        label.removeAttribute("role");
        label.removeAttribute("aria-selected");
      }
    };
    // The list comes with a script of its own, some time after its place, and is brought up to date by it.
    const watch = new MutationObserver(put);
    watch.observe(control, { childList: true, subtree: true, attributes: true, attributeFilter: ["role", "aria-selected"] });
    put();
    return () => watch.disconnect();
  });
})();
