/** On the page where one signs in, as long as nobody has chosen a theme: the system's, before anything is drawn. */
(() => {
  "use strict";
  const system = window.matchMedia("(prefers-color-scheme: light)");
  const follow = () => (document.documentElement.dataset.theme = system.matches ? "light" : "dark");
  system.addEventListener("change", follow);
  follow();
})();
