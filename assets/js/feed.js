/**
 * The live feed: one connection to /api/v1/stream that never gives up, and the state that its messages add up to.
 * Runs inside the SharedWorker and, in browsers that have none, inside the page itself. Touches no document.
 *
 * Not the browser's own EventSource: that one closes for good on the first answer that is not 200 (a proxy's 502), and
 * cannot send Last-Event-ID after such a loss.
 */
(() => {
  "use strict";

  const FIRST_WAIT_MS = 500;
  const LONGEST_WAIT_MS = 10000;
  // How long a handing over may take before the line counts as lost.
  const HANDED_MS = 6000;
  // The server beats every 15 s; two missed beats and a little more mean that the line is dead, whatever TCP says.
  const SILENCE_MS = 40000;
  const RECENT = 40;

  /** What the messages add up to: enough to bring a page that joins late up to date without asking the server. */
  class Snapshot {
    constructor() {
      this.hello = null;
      this.lastId = null;
      this.recent = [];
      this.clear();
    }

    clear() {
      this.full = false;
      this.rev = 0;
      this.at = 0;
      this.figures = {};
      this.cells = new Map();
      this.townships = new Map();
    }

    /**
     * Folds one message in.
     * @param {string} kind hello, full, delta, reset or heartbeat
     * @param {object} data
     */
    fold(kind, data) {
      if (kind === "hello") this.hello = data;
      if (kind === "reset" || kind === "full") this.clear();
      if (kind === "full") this.full = true;
      if (data.rev !== undefined) this.rev = data.rev;
      // `hello` and `heartbeat` say how fresh the picture is, `full` only when it was last changed.
      this.at = Math.max(this.at, data.at || 0, data.now || 0);
      if (kind !== "full" && kind !== "delta") return;
      Object.assign(this.figures, data.figures);
      Snapshot.spread(this.cells, data.cells);
      Snapshot.spread(this.townships, data.townships);
      if (data.cases) this.recent = [...data.cases.slice().reverse(), ...this.recent].slice(0, RECENT);
    }

    static spread(into, flat = []) {
      for (let i = 0; i < flat.length; i += 5) into.set(flat[i], flat.slice(i + 1, i + 5));
    }

    static flatten(from) {
      return [...from].flatMap(([key, values]) => [key, ...values]);
    }

    /** The whole state as one `full` message, as the server would send it now. */
    asFull() {
      return {
        rev: this.rev,
        at: this.at,
        figures: { ...this.figures },
        cells: Snapshot.flatten(this.cells),
        townships: Snapshot.flatten(this.townships),
      };
    }
  }

  /**
   * Reads server-sent events out of a stream of text.
   * @param {function(string, string, string): void} tell called with (event, data, id)
   */
  function eventReader(tell) {
    let rest = "";
    let fields = { event: "message", data: [], id: null };
    const line = (text) => {
      if (text === "") {
        if (fields.data.length) tell(fields.event, fields.data.join("\n"), fields.id);
        fields = { event: "message", data: [], id: null };
        return;
      }
      const cut = text.indexOf(":");
      if (cut === 0) return;
      const name = cut < 0 ? text : text.slice(0, cut);
      const value = cut < 0 ? "" : text.slice(cut + 1).replace(/^ /, "");
      if (name === "data") fields.data.push(value);
      else if (name in fields) fields[name] = value;
    };
    return (chunk) => {
      const lines = (rest + chunk).split(/\r?\n/);
      rest = lines.pop();
      lines.forEach(line);
    };
  }

  class Feed {
    /**
     * @param {string} url
     * @param {function(string, object): void} tell hears every message and every ("state", {state, since})
     */
    constructor(url, tell) {
      this.url = url;
      this.tell = tell;
      this.snapshot = new Snapshot();
      this.state = "connecting";
      this.since = Date.now();
      this.heardAt = Date.now();
      this.wait = FIRST_WAIT_MS;
      this.connection = null;
      this.again = null;
      this.handedUntil = 0;
      setInterval(() => this.listenForSilence(), 5000);
      this.connect();
    }

    become(state) {
      if (this.state === state) return;
      this.state = state;
      this.since = Date.now();
      this.tell("state", { state, since: this.since });
    }

    async connect() {
      this.later = null;
      const connection = (this.connection = new AbortController());
      this.heardAt = Date.now();
      try {
        const headers = { Accept: "text/event-stream" };
        if (this.snapshot.lastId) headers["Last-Event-ID"] = this.snapshot.lastId;
        const answer = await fetch(this.url, { headers, cache: "no-store", signal: connection.signal });
        if (answer.status === 401 || answer.status === 403) this.refused(await answer.json().catch(() => ({})));
        if (!answer.ok || !answer.body) throw new Error(`stream answered ${answer.status}`);
        await this.read(answer.body.getReader());
      } catch (error) {
        // Every way of losing the line ends below: refused, 502, reset, aborted for silence, a bad message.
      }
      if (connection !== this.connection) return;
      connection.abort();
      if (this.again !== null) {
        // The process stops and another one answers: everybody at a moment of their own, and nothing is lost yet.
        this.later = setTimeout(() => this.connect(), this.again * Math.random());
        this.again = null;
        this.handedUntil = Date.now() + HANDED_MS;
        return;
      }
      if (Date.now() < this.handedUntil) {
        // An old connection may still lead to the process that stops, which sends everybody on.
        this.later = setTimeout(() => this.connect(), 200 + 300 * Math.random());
        return;
      }
      this.become("lost");
      this.later = setTimeout(() => this.connect(), this.wait * (0.8 + 0.4 * Math.random()));
      this.wait = Math.min(this.wait * 1.7, LONGEST_WAIT_MS);
    }

    async read(reader) {
      const decoder = new TextDecoder();
      const take = eventReader((event, data, id) => this.hear(event, data, id));
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        this.heardAt = Date.now();
        take(decoder.decode(value, { stream: true }));
      }
    }

    /** Nobody is signed in, or not any more: the page asks for it, and meanwhile the feed tries on without hurry. */
    refused(said) {
      this.wait = LONGEST_WAIT_MS / 2;
      this.tell("door", { reason: said.reason || said.error || "ended" });
    }

    hear(event, text, id) {
      const data = text ? JSON.parse(text) : {};
      if (event === "door") {
        this.refused(data);
        return;
      }
      if (event === "again") {
        this.again = data.within;
        return;
      }
      if (id) this.snapshot.lastId = id;
      if (event === "reset") this.snapshot.lastId = null;
      const rebuilt = event === "hello" && this.snapshot.hello && this.snapshot.hello.build !== data.build;
      if (rebuilt) this.snapshot.recent = [];
      this.snapshot.fold(event, data);
      this.wait = FIRST_WAIT_MS;
      this.handedUntil = 0;
      this.become("live");
      this.tell(event, data);
    }

    listenForSilence() {
      if (this.state === "live" && Date.now() - this.heardAt > SILENCE_MS) this.retry();
    }

    /** Tries again at once: the browser says that the network is back, or the line has gone quiet. */
    retry() {
      this.wait = FIRST_WAIT_MS;
      if (this.later) {
        clearTimeout(this.later);
        this.connect();
      } else if (this.connection) this.connection.abort();
    }
  }

  self.OneMapFeed = Feed;
})();
