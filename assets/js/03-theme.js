/**
 * Dark or light: `?theme=` wins and is remembered in a cookie, which the server reads when it writes the document. Without
 * either a page follows the system, and the wall is dark.
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});
  const COOKIE = "onemap_theme";
  const THEMES = ["dark", "light"];
  const YEAR_S = 31536000;
  const root = document.documentElement;
  const system = window.matchMedia("(prefers-color-scheme: light)");

  const remembered = () => (document.cookie.match(new RegExp(`(?:^|; )${COOKIE}=([^;]*)`)) || [])[1];
  const asked = new URLSearchParams(location.search).get("theme");
  if (THEMES.includes(asked) && asked !== remembered()) remember(asked);

  function remember(name) {
    document.cookie = `${COOKIE}=${name}; path=/; max-age=${YEAR_S}; samesite=lax`;
  }

  function show(name) {
    if (root.dataset.theme === name) return;
    root.dataset.theme = name;
    onemap.emit("theme", name);
  }

  // What the server has written stands: it knows the address, the cookie and which page it is.
  if (!THEMES.includes(root.dataset.theme)) show(THEMES.find((name) => name === remembered()) || (system.matches ? "light" : "dark"));
  system.addEventListener("change", () => remembered() || document.body.classList.contains("wall-page") || show(system.matches ? "light" : "dark"));

  /** A button that switches and remembers. */
  onemap.mount("theme", (element) => {
    const click = () => {
      const other = THEMES.find((name) => name !== root.dataset.theme);
      remember(other);
      show(other);
    };
    element.addEventListener("click", click);
    return () => element.removeEventListener("click", click);
  });
})();
