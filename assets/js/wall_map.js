/**
 * The wall hosts its map itself: it stands before Dash is there. `onemap.CountyMap` finds it by Leaflet's init hook, as it
 * finds those that dash-leaflet makes.
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});
  const L = window.L;

  onemap.mount("own-map", (host) => {
    const [west, south, east, north] = JSON.parse(host.dataset.map).bounds;
    const still = Object.fromEntries(["dragging", "touchZoom", "scrollWheelZoom", "doubleClickZoom", "boxZoom", "keyboard", "tapHold", "zoomControl", "attributionControl", "trackResize"].map((name) => [name, false]));
    const map = L.map(host.firstElementChild, {
      center: [(south + north) / 2, (west + east) / 2], zoom: 10, minZoom: 8, maxZoom: 17, zoomSnap: 0, preferCanvas: true, ...still,
    });
    return () => map.remove();
  });

  // React has come here by an address that only a document of its own can show.
  onemap.mount("wall-document", () => {
    if (!document.querySelector(".wall")) location.reload();
  });
})();
