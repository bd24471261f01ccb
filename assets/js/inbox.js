/**
 * The inbox. Whose it is, and whether only what is unread is shown, stands in the address; this file is its only writer.
 * The last choice is remembered on this machine for the next visit without one.
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});
  const h = (...all) => onemap.h(...all);

  const REMEMBERED = "onemap-inbox";
  const PAGE = 50;

  let here = null;
  let data = null;
  let turn = 0;
  let later = null;

  function ask() {
    if (here) window.dash_clientside.set_props("inbox-view", { data: { ...here, turn: ++turn } });
  }

  /** The notifier makes notices of what has happened within one round: that is when there is something new to see. */
  function askLater() {
    clearTimeout(later);
    later = setTimeout(ask, data.wait);
  }

  function address() {
    const query = new URLSearchParams(location.search);
    for (const [key, value] of [["of", here.of], ["unread", here.unread ? "1" : ""]]) {
      if (value) query.set(key, value);
      else query.delete(key);
    }
    history.replaceState({}, "", `?${query}`);
  }

  function viewOf(search) {
    const query = new URLSearchParams(search);
    return { of: query.get("of") || localStorage.getItem(REMEMBERED) || "command", unread: Boolean(query.get("unread")), limit: PAGE };
  }

  /** Says who has read it: without sign-in, the body whose inbox this is. */
  async function mark(item, button) {
    button.disabled = true;
    try {
      const answer = await fetch(`/api/v1/inbox/${item.id}/read`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ actor: here.of }),
      });
      if (!answer.ok) throw new Error(answer.statusText);
      ask();
    } catch {
      button.disabled = false;
      button.textContent = onemap.t("inbox.failed");
    }
  }

  function notice(item) {
    const button = item.read
      ? null
      : h("button.way.notice-mark", { type: "button", onclick: (event) => mark(item, event.currentTarget) }, onemap.t("inbox.mark"));
    return h("li.notice", { dataset: { kind: item.kind, read: item.read ? "yes" : "no", level: item.level } },
      h("div.notice-sign", null, item.level ? onemap.sign(item.level) : h("i.notice-dot")),
      h("div.notice-main", null,
        h("p.notice-title", null, h("b", null, item.title), item.read ? null : h("span.notice-new", null, onemap.t("inbox.unread"))),
        h("a.notice-case", { href: item.href, "data-go": "" },
          h("span.notice-matter", null, item.matter), h("span.notice-place", null, item.place), h("span.notice-number", null, item.number)),
        item.quote ? h("p.notice-quote", null, item.quote) : null,
        item.facts.length ? h("p.notice-facts", null, item.facts.map((words) => h("span", null, words))) : null,
        item.failure ? h("p.notice-failure", null, item.failure) : null,
      ),
      h("div.notice-side", null,
        h("time", null, onemap.time.recent(item.at)),
        item.read ? h("span.notice-read", null, item.read) : button,
      ),
    );
  }

  function draw() {
    const list = document.querySelector('[data-inbox="list"]');
    if (!list || !data) return;
    const more = data.more
      ? h("li.notice-more", null, h("button.way", { type: "button", onclick: () => { here.limit += PAGE; ask(); } }, onemap.t("inbox.more")))
      : null;
    list.replaceChildren(...(data.rows.length ? data.rows.map(notice) : [h("li.empty", null, data.empty)]), ...(more ? [more] : []));
    onemap.write(document.querySelector('[data-inbox="count"]'), data.count);
  }

  onemap.mount("inbox", () => {
    here = viewOf(location.search);
    address();
    window.dash_clientside.set_props("inbox-of", { value: here.of });
    ask();
    const stop = onemap.on("delta", () => data && askLater());
    return () => {
      stop();
      clearTimeout(later);
      here = data = null;
    };
  });

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.inbox = {
    /** The controls say what the view should hold; the address follows. */
    choose: (of, unread) => {
      if (!here || !of) return;
      const wish = { of, unread: Boolean(unread && unread.length), limit: PAGE };
      if (wish.of === here.of && wish.unread === here.unread) return;
      here = wish;
      localStorage.setItem(REMEMBERED, of);
      address();
      ask();
    },
    /** @param {?object} next what the inbox holds */
    draw: (next) => {
      // What happened just before the page was opened is told just after.
      const isFirst = !data && next;
      data = next;
      if (isFirst && here) askLater();
      draw();
    },
  };
})();
