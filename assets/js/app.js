/**
 * What makes a page for hands an application: a service worker, where the browser allows one (a secure context), and a
 * manifest that opens the application with the page from which it was installed.
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});

  onemap.mount("app", () => {
    const link = document.querySelector('link[rel="manifest"]');
    const own = () => `${location.pathname}${/[?&]of=/.test(location.search) ? `?of=${encodeURIComponent(new URLSearchParams(location.search).get("of"))}` : ""}`;
    const name = () => link && link.setAttribute("href", `/manifest.webmanifest?start=${encodeURIComponent(own())}`);
    // The address gets its `of` after the page was drawn.
    const timer = setTimeout(name, 1000);
    if ("serviceWorker" in navigator && window.isSecureContext) {
      navigator.serviceWorker.register("/sw.js").catch((error) => console.warn("onemap: no offline page", error));
    }
    return () => clearTimeout(timer);
  });
})();
