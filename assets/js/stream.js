/**
 * The page's side of the live feed. It is the only writer of the stores `rev` and `now`; everything else listens to the
 * bus: "full", "delta", "recent", "state".
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});

  // Ordinary Dash callbacks are woken at most this often, however fast cases come in.
  const REV_MS = 400;
  const NOW_MS = 60000;
  const LEVEL_MS = 1000;
  // The server beats every 15 s; figures older than this are told to be old.
  const STALE_MS = 60000;
  const LONGEST_RELOAD_MS = 600000;

  const stream = (onemap.stream = {
    state: "connecting",
    since: Date.now(),
    build: null,
    rev: 0,
    at: 0,
    figures: {},
    cells: new Map(),
    townships: new Map(),
    recent: [],
    // Whether there is a picture at all, of the document or of the stream; and whether the stream itself has spoken.
    known: false,
    loaded: false,
  });

  /** How old the newest word from the server is, in milliseconds; null before the first one. */
  stream.ageMs = () => (stream.at ? Math.max(0, onemap.clock.now() - stream.at) : null);

  let revTimer = null;
  let revSent = null;

  /** Wakes the callbacks with the newest revision, once per REV_MS. */
  function wake() {
    if (revTimer || stream.rev === revSent) return;
    revTimer = setTimeout(() => {
      revTimer = null;
      if (put("rev", stream.rev)) revSent = stream.rev;
      else wake();
    }, REV_MS);
  }

  function put(id, data) {
    if (!window.dash_clientside || !window.dash_clientside.set_props || !document.getElementById("shell-config")) return false;
    try {
      window.dash_clientside.set_props(id, { data });
      return true;
    } catch (error) {
      // Dash has drawn the element but does not know its way to it yet: it is told again later.
      return false;
    }
  }

  /** Writes a store of Dash; false as long as Dash is not there. */
  stream.put = put;

  let nowTimer = null;

  /** Wakes the callbacks because time has passed: a level changed without an event, a minute is over, the line is back. */
  function tellTime() {
    nowTimer = nowTimer || setTimeout(() => {
      nowTimer = null;
      put("now", onemap.clock.now());
    }, LEVEL_MS);
  }

  setInterval(() => stream.state === "live" && tellTime(), NOW_MS);

  /**
   * A server of another build has other scripts or boundaries: the page starts afresh, at once. Where several processes
   * serve, the page may then come from one that is not so far yet: it tries again, less and less often, never in a
   * quick circle.
   */
  function meet(hello) {
    const known = (onemap.config() || {}).build || stream.build;
    stream.build = hello.build;
    clearTimeout(meet.timer);
    if (!known || known === hello.build) return;
    const [build, times] = (sessionStorage.getItem("onemap-reloaded-for") || "").split(" ");
    const again = build === hello.build ? Number(times) || 1 : 0;
    const wait = again ? Math.min(2 ** again * 1000, LONGEST_RELOAD_MS) : 0;
    meet.timer = setTimeout(() => {
      sessionStorage.setItem("onemap-reloaded-for", `${hello.build} ${again + 1}`);
      location.reload();
    }, wait);
  }

  function spread(into, flat = []) {
    for (let i = 0; i < flat.length; i += 5) into.set(flat[i], flat.slice(i + 1, i + 5));
  }

  function fold(kind, data) {
    if (kind === "full") {
      stream.cells.clear();
      stream.townships.clear();
    }
    spread(stream.cells, data.cells);
    spread(stream.townships, data.townships);
    Object.assign(stream.figures, data.figures);
    stream.loaded = stream.known = true;
  }

  /**
   * Hears one message, from the worker or from the feed in this page.
   * @param {string} kind
   * @param {object} data
   */
  function hear(kind, data) {
    if (kind === "door") {
      onemap.emit(kind, data);
      return;
    }
    if (kind === "state") {
      // What callbacks asked while the line was down is lost: they are woken once more when it is back.
      if (data.state === "live" && stream.state === "lost") tellTime();
      Object.assign(stream, data);
    }
    if (kind === "hello") {
      if (data.now) onemap.clock.learn(data.now);
      meet(data);
    }
    if (kind === "recent") stream.recent = data;
    if (kind === "delta" && data.rev === stream.rev) tellTime();
    if (data.rev !== undefined) stream.rev = data.rev;
    // `hello` and `heartbeat` say how fresh the picture is, `full` only when it was last changed.
    stream.at = Math.max(stream.at, data.at || 0, data.now || 0);
    if (kind === "heartbeat" || kind === "delta") onemap.clock.learn(data.at);
    if (kind === "full" || kind === "delta") fold(kind, data);
    onemap.emit(kind, data);
    if (kind === "full" || kind === "delta" || kind === "heartbeat") wake();
  }

  let retry = () => {};

  /** One worker for all tabs; browsers without SharedWorker (phones) hold the line themselves. */
  function open(config) {
    const url = new URL(config.stream, location.href).href;
    if (!window.SharedWorker) {
      const feed = new self.OneMapFeed(url, hear);
      retry = () => feed.retry();
      window.addEventListener("online", retry);
      return;
    }
    const worker = new SharedWorker(config.worker, { name: "onemap-stream" });
    worker.port.onmessage = ({ data }) => hear(data.kind, data.data);
    const join = () => worker.port.postMessage({ kind: "join", url });
    window.addEventListener("pagehide", () => worker.port.postMessage({ kind: "leave" }));
    window.addEventListener("pageshow", (event) => event.persisted && join());
    retry = () => worker.port.postMessage({ kind: "retry" });
    window.addEventListener("online", retry);
    join();
  }

  // Whoever has signed in again has a line again, and callbacks that were refused meanwhile are asked once more.
  onemap.on("signed-in", () => {
    retry();
    tellTime();
  });

  /** What a document knew when it was written: shown until the stream speaks. */
  function begin(config) {
    if (config.picture) {
      const { figures, townships, cells } = config.picture;
      Object.assign(stream.figures, figures);
      spread(stream.townships, townships);
      spread(stream.cells, cells);
      onemap.clock.learn(config.picture.at);
      stream.known = true;
    }
    open(config);
  }

  if (onemap.config()) begin(onemap.config());
  else {
    const stop = onemap.on("config", (config) => {
      stop();
      begin(config);
    });
  }

  // ---- how the connection stands, wherever a page shows it --------------------------------------------------------

  /** Shows state and age in an element: "数据截至 14:03:22", and how long ago once the line is lost. */
  onemap.mount("connection", (element) => {
    const show = () => {
      // The line may live while the server cannot read its database: then the figures grow old all the same.
      const stale = stream.state === "live" && stream.ageMs() > STALE_MS;
      const lost = stale || stream.state === "lost";
      element.dataset.state = lost ? "lost" : stream.state;
      document.documentElement.dataset.connection = element.dataset.state;
      const at = stream.at ? onemap.time.seconds(stream.at) : "—";
      const words = stale ? "connection.stale" : lost ? "connection.lost" : stream.state === "live" ? "connection.live" : "connection.connecting";
      const age = lost && stream.at ? ` · ${onemap.t("connection.age", { age: onemap.time.span(stream.ageMs()) })}` : "";
      onemap.write(element, `${onemap.t(words)} · ${onemap.t("connection.as_of", { time: at })}${age}`);
    };
    const stops = [onemap.on("second", show), onemap.on("state", show)];
    show();
    return () => stops.forEach((stop) => stop());
  });
})();
