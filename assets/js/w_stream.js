/**
 * SharedWorker: one connection to the server for all tabs of this browser. With one connection per tab the seventh tab
 * would starve every other request of the browser (six connections per host on HTTP/1.1).
 */
"use strict";

importScripts(new URL("feed.js", self.location.href).href + self.location.search);

const ports = new Set();
let feed = null;

/** Sends one message to every page; a port whose page is gone swallows it. */
function tellAll(kind, data) {
  for (const port of ports) port.postMessage({ kind, data });
}

/** Brings a page that has just come up to date from what this worker already knows. */
function welcome(port) {
  port.postMessage({ kind: "state", data: { state: feed.state, since: feed.since } });
  const { snapshot } = feed;
  if (snapshot.hello) port.postMessage({ kind: "hello", data: { ...snapshot.hello, now: undefined } });
  if (snapshot.recent.length) port.postMessage({ kind: "recent", data: snapshot.recent });
  if (snapshot.full) port.postMessage({ kind: "full", data: snapshot.asFull() });
}

self.onconnect = (event) => {
  const port = event.ports[0];
  port.onmessage = ({ data }) => {
    if (data.kind === "join") {
      feed = feed || new self.OneMapFeed(data.url, tellAll);
      ports.add(port);
      welcome(port);
    }
    if (data.kind === "leave") ports.delete(port);
    if (data.kind === "retry" && feed) feed.retry();
  };
};
