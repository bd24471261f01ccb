/** The panels of the time machine: the moment, the hot spots, what to expect. Data in, elements out. */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});
  const h = (...all) => onemap.h(...all);
  const t = (...all) => onemap.t(...all);

  const FIGURES = ["overdue", "amber", "pending", "received_today", "closed_today"];
  const SIGN = { overdue: 3, amber: 2 };

  const percent = (n, of) => (of ? `${((100 * n) / of).toFixed(0)}%` : "—");
  const day = (ms) => onemap.zoned.words(ms);

  const matterName = (code) => {
    const { region } = onemap.places;
    return onemap.named((region && region.matterOf.get(code)) || { name: code });
  };

  const note = (words, ...more) => h("p.history-note", null, words, ...more);

  /** A choice of which one is made: buttons that tell which is pressed. */
  const pills = (key, values, chosen, choose, label = `history.${key}`) =>
    h(
      "div.pills",
      { role: "group", "aria-label": t(label) },
      values.map((value) => h("button.pill", { type: "button", "aria-pressed": String(value === chosen), dataset: { pill: `${key}-${value}` }, onclick: () => choose(value) }, t(`history.${key}.${value}`))),
    );

  // ---- the moment ------------------------------------------------------------------------------------------------

  function figure(name, value) {
    return h(`div.kpi.kpi-${name}`, { dataset: { some: value ? "yes" : "no" } }, h("div.kpi-name", null, SIGN[name] ? onemap.sign(SIGN[name]) : null, t(`history.figure.${name}`)), h("div.kpi-figure", { dataset: { moment: name } }, onemap.count(value)));
  }

  function townshipRow(area, [level, pending, amber, overdue], most, pick) {
    const bar = (n, of) => h(`i.bar.bar-${of}`, { style: { width: `${(100 * n) / Math.max(1, most)}%` } });
    return h(
      "button.town-row",
      { type: "button", dataset: { level, code: area.code }, onclick: () => pick(area.code) },
      h("span.town-name", null, onemap.named(area)),
      h("span.town-figures", null, overdue ? h("span.red", null, onemap.sign(3), overdue) : null, amber ? h("span.amber", null, onemap.sign(2), amber) : null, h("b", null, pending)),
      h("span.rank-bar", { "aria-hidden": "true" }, bar(overdue, 3), bar(amber, 2), bar(pending - amber - overdue, 1)),
    );
  }

  function caseRow(one, at) {
    const due = Date.parse(one.due_at);
    const words = due >= at ? t("history.left", { span: onemap.time.span(due - at) }) : t("history.over", { span: onemap.time.span(at - due) });
    const where = onemap.named(onemap.places.area(one.township));
    return h("a.moment-case", { href: `/case/${one.number}`, dataset: { go: "", level: one.level } }, onemap.sign(one.level), h("span.moment-due", null, words), h("span.moment-matter", null, matterName(one.matter)), h("span.moment-where", null, [where, one.number].filter(Boolean).join(" · ")));
  }

  /**
   * @param {object} moment as the API tells it
   * @param {object} layers of the map that it stands on
   * @param {object} view
   * @param {{pick: function(string): void}} acts
   */
  function momentPanel(moment, layers, view, acts) {
    const rows = [];
    for (let k = 0; k < moment.townships.length; k += 5) {
      const area = layers.townships.byGid.get(moment.townships[k]);
      if (area && moment.townships[k + 2]) rows.push([area, moment.townships.slice(k + 1, k + 5)]);
    }
    rows.sort(([a, x], [b, y]) => y[3] - x[3] || y[2] - x[2] || y[1] - x[1] || a.code.localeCompare(b.code));
    const most = Math.max(1, ...rows.map(([, counts]) => counts[1]));
    const at = Date.parse(moment.at);
    return [
      h("div.kpis", null, FIGURES.map((name) => figure(name, moment.figures[name]))),
      note(t(`history.known.${moment.known}.note`), " ", t("history.version", { day: moment.version.since })),
      moment.outside ? note(t("history.outside", { n: moment.outside })) : null,
      moment.elsewhere ? note(t("history.elsewhere", { n: moment.elsewhere })) : null,
      view.area ? h("button.way", { type: "button", onclick: () => acts.pick("") }, t("history.whole")) : null,
      h("h2.panel-title", null, t("history.townships")),
      h("div.town-rows", null, rows.map(([area, counts]) => townshipRow(area, counts, most, acts.pick))),
      h("h2.panel-title", null, t("history.cases")),
      h("div.moment-cases", null, moment.cases.length ? moment.cases.map((one) => caseRow(one, at)) : h("div.empty", null, t("history.cases.none"))),
    ];
  }

  // ---- hot spots -------------------------------------------------------------------------------------------------

  /** The four periods before and this one as five bars. */
  function spark(before, n) {
    const all = [...before, n];
    const most = Math.max(1, ...all);
    return h("span.spark", { role: "img", "aria-label": `${t("history.hot.before")}: ${before.join(", ")} → ${n}` }, all.map((one, k) => h(`i${k === all.length - 1 ? ".now" : ""}`, { style: { height: `${Math.max(4, (100 * one) / most)}%` } })));
  }

  const q = (value) => (value < 0.001 ? "<0.001" : `=${value.toFixed(3)}`);

  function spotRow(spot, acts) {
    const place = [spot.township, spot.village, spot.cell].filter(Boolean).map((one) => onemap.named(one));
    // A cell's name often begins with its village's.
    const names = place.filter((name, k) => !(place[k + 1] || "").startsWith(name)).join(" · ");
    const [matter] = spot.matters;
    return h(
      "button.spot",
      { type: "button", dataset: { course: spot.course, code: spot.code }, onclick: () => acts.spot(spot) },
      onemap.hotSign(spot.course),
      h("span.spot-name", null, names, spot.gids.length > 1 ? h("small", null, ` ${t("history.hot.cells", { n: spot.gids.length })}`) : null),
      h("span.spot-course", null, t(`history.hot.${spot.course}`)),
      h("span.spot-figures", null, `n=${spot.n}`, h("span", null, `z=${spot.z === null ? "—" : spot.z.toFixed(1)}`), h("span", null, `q${q(spot.q)}`), spark(spot.before, spot.n)),
      matter ? h("span.spot-matter", null, t("history.hot.matter", { matter: matterName(matter.matter), n: matter.n, of: spot.around })) : null,
    );
  }

  function hotPanel(hot, view, acts) {
    const head = pills("hot.days", ["1", "7", "14", "28"], view.days, (days) => acts.go({ days }), "history.hot.days");
    if (!hot) return [head, note(t("history.loading"))];
    return [
      head,
      note(t("history.hot.period", { from: day(Date.parse(hot.from)), to: day(Date.parse(hot.to)), n: hot.n })),
      hot.earlier < 4 ? h("p.history-note.history-warning", null, t("history.hot.young", { n: hot.earlier })) : null,
      h("div.spots", null, hot.spots.length ? hot.spots.map((spot) => spotRow(spot, acts)) : h("div.empty", null, t("history.hot.none"))),
      h("p.history-note.history-meaning", null, t("history.hot.meaning")),
    ];
  }

  // ---- what to expect --------------------------------------------------------------------------------------------

  function unitName(expected, level, code) {
    if (level === "matter") return matterName(code);
    const { township, village } = expected.names;
    if (level === "township") return onemap.named(township[code] || { name: code });
    const area = onemap.map && onemap.map.cells && onemap.map.cells.byCode.get(code);
    const above = area && village[area.parent];
    return [onemap.named(township[area && area.township]), onemap.named(above), area ? onemap.named(area) : code].filter(Boolean).join(" · ");
  }

  const few = (mean) => (mean >= 10 ? mean.toFixed(0) : mean >= 1 ? mean.toFixed(1) : mean.toFixed(2));

  function expectedRow(row, most, name) {
    const at = (n) => `${(100 * Math.min(n, most)) / most}%`;
    const words = t("history.expected.row", { name, mean: few(row.mean), low: row.low, high: row.high, seen: row.seen });
    return h(
      "div.expected-row",
      { title: words, dataset: { code: row.code } },
      h("span.expected-name", null, name),
      h("span.expected-figure", null, h("b", null, few(row.mean)), h("small", null, ` ${row.low}–${row.high}`)),
      h("small.expected-seen", null, t("history.expected.seen", { n: row.seen })),
      h("span.expected-track", { role: "img", "aria-label": words }, h("i.expected-range", { style: { left: at(row.low), width: `calc(${at(row.high)} - ${at(row.low)})` } }), h("i.expected-mean", { style: { left: at(row.mean) } }), row.happened === null ? null : h("i.expected-happened", { style: { left: at(row.happened) } })),
    );
  }

  function scoreBox(score) {
    if (!score.pairs) return note(t("history.expected.unscored"));
    const fact = (words, value, more) => h("div.fact", null, h("dt", null, words), h("dd", null, h("b", null, value), more ? h("small", null, ` ${more}`) : null));
    const band = (one) => h("li", null, h("span", null, one.below === null ? t("history.expected.band.last") : t("history.expected.band", { below: one.below })), h("b", null, `${onemap.count(Math.round(one.expected))} / ${onemap.count(one.happened)}`), h("small", null, ` n=${onemap.count(one.pairs)}`));
    return h(
      "section.score",
      null,
      h("h2.panel-title", null, t("history.expected.score", { weeks: score.weeks, origins: score.origins, n: onemap.count(score.pairs) })),
      h(
        "dl.score-facts",
        null,
        fact(t("history.expected.mase"), score.mase === null ? "—" : score.mase.toFixed(2), t("history.expected.mase.better")),
        fact(t("history.expected.covered"), percent(score.covered.n, score.covered.of), t("history.expected.covered.should", { share: percent(score.held, 1) })),
        fact(t("history.expected.sum"), `${onemap.count(Math.round(score.expected))} / ${onemap.count(score.happened)}`),
      ),
      h("p.history-note", null, t("history.expected.calibration")),
      h("ul.score-bands", null, score.bands.map(band)),
    );
  }

  function expectedPanel(expected, view, acts) {
    const head = [
      pills("expected.hours", ["6", "12", "24"], view.hours, (hours) => acts.go({ hours }), "history.expected.hours"),
      pills("expected.level", ["township", "matter", "cell"], view.level, (level) => acts.go({ level }), "history.expected.level"),
    ];
    if (!expected) return [...head, note(t("history.loading"))];
    const level = expected.levels[view.level];
    if (!level) return [...head, h("div.empty", null, t("history.expected.young"))];
    const most = Math.max(1, ...level.rows.map((row) => Math.max(row.high, row.happened || 0))) * 1.05;
    const total = [t("history.expected.total", { n: few(level.expected) }), level.happened === null ? "" : t("history.expected.happened", { n: level.happened })];
    return [
      ...head,
      note(t("history.expected.period", { from: day(Date.parse(expected.origin)), to: day(Date.parse(expected.until)) }), " · ", h("b", null, total.filter(Boolean).join(" · "))),
      note(t("history.expected.rests", { n: onemap.count(level.rows.length ? expected.n : 0), weeks: expected.weeks }), " · ", t("history.expected.legend")),
      h("div.expected-rows", null, level.rows.map((row) => expectedRow(row, most, unitName(expected, view.level, row.code)))),
      scoreBox(level.score),
      h("p.history-note.history-meaning", null, t("history.expected.method")),
    ];
  }

  onemap.historyPanels = { moment: momentPanel, hot: hotPanel, expected: expectedPanel, pills };
})();
