/**
 * The wall: townships ranked, the next to fall due, departments, and the ticker. Rows are kept and moved, never rebuilt,
 * so that weeks of updates leave nothing behind.
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});
  const h = (...all) => onemap.h(...all);

  // ---- townships ranked -----------------------------------------------------------------------------------------

  const worstFirst = (a, b) => b.counts[3] - a.counts[3] || b.counts[2] - a.counts[2] || b.counts[1] - a.counts[1] || a.area.code.localeCompare(b.area.code, "en", { numeric: true });

  function rankRow(area) {
    const parts = {
      name: h("span.rank-name", null, onemap.named(area)),
      overdue: h("span.rank-figure.rank-overdue"),
      amber: h("span.rank-figure.rank-amber"),
      pending: h("span.rank-figure.rank-pending"),
      bars: [3, 2, 1].map((level) => h(`i.bar.bar-${level}`)),
    };
    const bar = h("span.rank-bar", { "aria-hidden": "true" }, parts.bars);
    const href = `/township/${area.code}`;
    const element = h("a.rank-row", { href, dataset: { go: "", township: area.code } }, parts.name, parts.overdue, parts.amber, parts.pending, bar);
    return { area, element, parts, counts: [0, 0, 0, 0] };
  }

  function showRank(row, counts, most) {
    const [level, pending, amber, overdue] = (row.counts = counts);
    const { parts, element } = row;
    onemap.write(parts.pending, pending);
    onemap.write(parts.amber, amber || "·");
    onemap.write(parts.overdue, overdue || "·");
    Object.assign(element.dataset, { pending, amber, overdue, level });
    [overdue, amber, pending - amber - overdue].forEach((n, k) => {
      parts.bars[k].style.width = `${(100 * n) / Math.max(1, most)}%`;
    });
  }

  /** Puts rows in their order and lets each glide from where it stood. */
  function reorder(list, rows) {
    const order = rows.map((row) => row.element);
    if (order.every((element, k) => list.children[k] === element)) return;
    const before = new Map(order.map((element) => [element, element.offsetTop]));
    list.replaceChildren(...order);
    for (const element of order) {
      const moved = before.get(element) - element.offsetTop;
      if (moved && element.animate) element.animate([{ transform: `translateY(${moved}px)` }, { transform: "none" }], { duration: 500, easing: "ease-out" });
    }
  }

  // Figures change at once, places at most this often: rows that hop about cannot be read.
  const REORDER_MS = 3000;

  onemap.mount("ranking", (list) => {
    let rows = null;
    let reorderedAt = 0;
    const show = () => {
      if (!rows || !onemap.stream.known) return;
      const counts = (row) => onemap.stream.townships.get(row.area.gid) || [0, 0, 0, 0];
      const most = Math.max(...rows.map((row) => counts(row)[1]));
      for (const row of rows) showRank(row, counts(row), most);
      if (Date.now() - reorderedAt < REORDER_MS) return;
      reorderedAt = Date.now();
      rows.sort(worstFirst);
      reorder(list, rows);
    };
    rows = (onemap.config().townships || []).map(([gid, code, name]) => rankRow({ gid, code, name }));
    list.replaceChildren(...rows.map((row) => row.element));
    show();
    const settle = () => Date.now() - reorderedAt >= REORDER_MS && show();
    const stops = [onemap.on("full", show), onemap.on("delta", show), onemap.on("second", settle)];
    return () => stops.forEach((stop) => stop());
  });

  // ---- lists that ordinary callbacks bring ------------------------------------------------------------------------

  const lists = { due: null, departments: null, events: null };

  function empty(words) {
    return h("p.empty", null, onemap.t(words));
  }

  function dueRow(item) {
    const level = onemap.levelAt(item.amber, item.due, onemap.clock.now());
    return h("a.due-row", { href: `/case/${item.number}`, dataset: { go: "", levelRow: level, number: item.number } },
      h("span.due-left", null, h("i.sign.sign-row"), onemap.countdown(item.due, item.amber)),
      h("span.due-what", null, item.what),
      h("span.due-where", null, h("span.due-town", null, item.town), h("span.due-who", null, item.who)),
    );
  }

  function drawDue() {
    const list = document.querySelector('[data-onemap="due"]');
    if (!list || !lists.due) return;
    const now = onemap.clock.now();
    const ahead = lists.due.filter((item) => item.due > now - 3000);
    list.replaceChildren(...(ahead.length ? ahead.map(dueRow) : [empty("wall.due.empty")]));
  }

  function departmentRow(item) {
    return h("div.dept-row", { dataset: { overdue: item.overdue, amber: item.amber } },
      h("span.dept-name", null, item.name),
      h("span.rank-figure.rank-overdue", null, item.overdue || "·"),
      h("span.rank-figure.rank-amber", null, item.amber || "·"),
      h("span.rank-figure.rank-pending", null, item.pending),
    );
  }

  function drawDepartments() {
    const list = document.querySelector('[data-onemap="departments"]');
    if (list && lists.departments) list.replaceChildren(...(lists.departments.length ? lists.departments.map(departmentRow) : [empty("wall.departments.empty")]));
  }

  onemap.mount("due", drawDue);
  onemap.mount("departments", drawDepartments);
  onemap.on("second", () => {
    const first = document.querySelector('[data-onemap="due"] [data-due]');
    if (first && Number(first.dataset.due) < onemap.clock.now() - 3000) drawDue();
  });

  // ---- ticker -----------------------------------------------------------------------------------------------------

  const TICKER_ROWS = 30;

  /** Words of a case event out of the stream: "观海卫镇 · 餐饮油烟扰民 · 受理". */
  function eventItem({ n, e, t, m, at }) {
    const township = onemap.places.layers.township && onemap.places.layers.township.byCode.get(t);
    const matter = onemap.places.region && onemap.places.region.matterOf.get(m);
    return {
      key: `${n} ${e} ${at}`,
      at,
      kind: e,
      number: n,
      what: onemap.t(`event.${e}`),
      where: [onemap.named(township), onemap.named(matter)].filter(Boolean).join(" · "),
    };
  }

  function tickerRow(item) {
    return h(`a.tick-row.tick-${item.kind}`, { href: item.number ? `/case/${item.number}` : null, dataset: { go: "", key: item.key, at: item.at } },
      h("time.tick-at", null, onemap.time.recent(item.at)),
      h("span.tick-what", null, item.kind === "overdue" ? onemap.sign(3) : null, item.what),
      h("span.tick-where", null, item.where),
    );
  }

  function prepend(list, items, animated = true) {
    for (const item of items) {
      if ([...list.children].some((row) => row.dataset.key === item.key)) continue;
      const row = tickerRow(item);
      // By when it happened: what was entered afterwards stands where it belongs, or is too old to be listed.
      const next = [...list.children].find((other) => Number(other.dataset.at || 0) <= item.at);
      list.insertBefore(row, next || null);
      if (animated && row.animate && items.length < 4) row.animate([{ opacity: 0, transform: "translateY(-0.6em)" }, { opacity: 1, transform: "none" }], { duration: 350 });
    }
    list.querySelectorAll(".empty").forEach((note) => list.children.length > 1 && note.remove());
    while (list.children.length > TICKER_ROWS) list.lastElementChild.remove();
  }

  function fillTicker(list) {
    if (!lists.events) return;
    // What the stream brought in the meantime is newer and stays on top.
    const known = new Set([...list.children].map((row) => row.dataset.key));
    prepend(list, lists.events.filter((item) => !known.has(item.key)).reverse(), false);
    if (!list.children.length) list.append(empty("wall.ticker.empty"));
  }

  onemap.mount("ticker", (list) => {
    fillTicker(list);
    const levels = new Map([...onemap.stream.cells].map(([gid, counts]) => [gid, counts[0]]));
    const remember = () => {
      levels.clear();
      for (const [gid, counts] of onemap.stream.cells) levels.set(gid, counts[0]);
    };
    const turnedRed = (flat, at) => {
      const found = [];
      for (let i = 0; i < flat.length; i += 5) {
        const cell = onemap.map && onemap.map.cells && onemap.map.cells.byGid.get(flat[i]);
        if (flat[i + 1] === 3 && levels.get(flat[i]) !== 3 && cell) {
          found.push({ key: `overdue ${cell.code} ${at}`, at, kind: "overdue", what: onemap.t("event.overdue"), where: whereOf(cell) });
        }
        levels.set(flat[i], flat[i + 1]);
      }
      return found;
    };
    const hear = ({ cases = [], cells = [], at }) => prepend(list, [...cases.filter((one) => one.e).map(eventItem), ...turnedRed(cells, at || onemap.clock.now())]);
    const stops = [onemap.on("delta", hear), onemap.on("full", remember)];
    return () => stops.forEach((stop) => stop());
  });

  function whereOf(cell) {
    return [onemap.named(onemap.places.layers.township.byCode.get(cell.township)), onemap.named(cell)].filter(Boolean).join(" · ");
  }

  // ---- clock ------------------------------------------------------------------------------------------------------

  onemap.mount("clock", (element) => {
    const [time, day] = [h("time.clock-time"), h("span.clock-day")];
    element.replaceChildren(time, day);
    const show = (now) => {
      onemap.write(time, onemap.time.seconds(now));
      onemap.write(day, onemap.time.day(now));
    };
    show(onemap.clock.now());
    return onemap.on("second", show);
  });

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.wall = {
    ...window.dash_clientside.wall,
    /** @param {?Array} items the next cases to fall due: {number, due, amber, what, where} */
    due: (items) => {
      lists.due = items || [];
      drawDue();
    },
    /** @param {?Array} items departments, the latest first: {name, pending, amber, overdue} */
    departments: (items) => {
      lists.departments = items || [];
      drawDepartments();
    },
    /** @param {?Array} items the last events when the page opened; later ones come by the stream */
    events: (items) => {
      lists.events = items || [];
      document.querySelectorAll('[data-onemap="ticker"]').forEach(fillTicker);
    },
  };
})();
