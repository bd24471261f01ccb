/**
 * The service worker. It does one thing: a page that cannot be reached is answered with the offline page. It keeps no
 * data, no page and no script of the product, so that nothing old is ever shown as if it were live.
 */
"use strict";
const NAME = "onemap-offline-{version}";
const OFFLINE = "/offline";
const SCRIPT = "/assets/js/w_offline_page.js?m={version}";

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(NAME)
      .then((kept) => kept.addAll([new Request(OFFLINE, { cache: "reload" }), new Request(SCRIPT, { cache: "reload" })]))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name.startsWith("onemap-offline-") && name !== NAME).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode === "navigate" && request.method === "GET") {
    event.respondWith(fetch(request).catch(() => caches.match(OFFLINE, { cacheName: NAME })));
  } else if (request.url.endsWith(SCRIPT)) {
    event.respondWith(fetch(request).catch(() => caches.match(SCRIPT, { cacheName: NAME })));
  }
});
