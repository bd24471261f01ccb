/**
 * What AG Grid needs from us: its theme out of the style sheet, and the cells that show time, matter and load.
 * Named functions only, so that a strict content security policy holds.
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});
  const functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
  const components = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
  const element = (...all) => window.React.createElement(...all);

  /** The dark theme of every table; sizes follow the page's own font size. */
  functions.onemapTheme = (themeQuartz) =>
    themeQuartz.withParams({
      backgroundColor: "transparent",
      foregroundColor: "var(--ink)",
      headerTextColor: "var(--ink-2)",
      headerBackgroundColor: "transparent",
      oddRowBackgroundColor: "transparent",
      rowHoverColor: "var(--hover)",
      selectedRowBackgroundColor: "var(--hover)",
      borderColor: "var(--line)",
      accentColor: "var(--focus)",
      fontFamily: "inherit",
      fontSize: "0.9375rem",
      headerFontSize: "0.8125rem",
      headerFontWeight: 400,
      wrapperBorder: false,
      wrapperBorderRadius: 0,
      columnBorder: false,
      headerColumnResizeHandleColor: "transparent",
      cellHorizontalPadding: "0.6rem",
      scrollbarColor: "var(--line-2) transparent",
    });

  /** Rows keep their identity, and with it the place where the reader has scrolled to. */
  functions.onemapRowId = (params) => String(params.data.number || params.data.code);

  /** Time left, with the sign of the level; the countdown itself is moved by countdown.js. */
  components.OneMapDue = ({ data }) => {
    // A row that is still on its way has no data.
    if (!data) return null;
    const level = onemap.levelAt(data.amber, data.due, onemap.clock.now());
    const started = (node) => node && onemap.refreshCountdown(node);
    return element("span", { className: "due-cell", "data-level-row": level },
      element("i", { className: "sign sign-row" }),
      element("span", { className: "countdown", "data-due": data.due || "", "data-amber": data.amber || "", ref: started, key: `${data.due}` }),
      element("span", { className: "due-kind" }, data.clock || ""),
    );
  };

  /** Matter and where, in two lines; the number opens the case. */
  components.OneMapMatter = ({ data }) =>
    data && element("a", { className: "matter-cell", href: `/case/${data.number}`, "data-go": "" },
      element("span", { className: "matter-name" }, data.matter),
      element("span", { className: "matter-where" },
        data.place,
        data.department ? element("span", { className: "where-department" }, ` · ${data.department}`) : null,
        ` · ${data.number}`,
      ),
    );

  /** A load: overdue, due soon and the rest as one bar, with the figure beside it. */
  components.OneMapLoad = ({ data }) => {
    const part = (n, level) => element("i", { key: level, className: `bar bar-${level}`, style: { width: `${(100 * n) / Math.max(1, data.most)}%` } });
    return element("span", { className: "load-cell" },
      element("span", { className: "rank-bar" }, [part(data.overdue, 3), part(data.amber, 2), part(data.pending - data.amber - data.overdue, 1)]),
      element("span", { className: "load-figure" }, data.pending),
    );
  };

  /** An instant as people read it. */
  components.OneMapTime = ({ value }) => (value ? element("time", null, onemap.time.recent(value)) : null);

  // On a phone the first two columns carry everything; the others would only be cut.
  const NARROW_PX = 640;
  const WIDE_ONLY = ["department", "status", "domain", "list", "who", "with"];

  onemap.mount("grid", (host) => {
    const watch = new ResizeObserver(() => fitColumns(host));
    watch.observe(host);
    return () => watch.disconnect();
  });

  async function fitColumns(host) {
    const id = host.dataset.grid;
    if (!window.dash_ag_grid || !host.isConnected) return;
    try {
      const api = await window.dash_ag_grid.getApiAsync(id);
      if (api.isDestroyed()) return;
      const width = host.clientWidth;
      host.dataset.width = width >= NARROW_PX ? "wide" : "narrow";
      // A column may say itself from which width on it is shown: `context: {from: pixels}`.
      const from = (column) => (column.getColDef().context || {}).from || (WIDE_ONLY.includes(column.getColId()) ? NARROW_PX : 0);
      const optional = api.getColumns().filter(from);
      const [shown, hidden] = [(column) => width >= from(column), (column) => width < from(column)];
      api.setColumnsVisible(optional.filter(shown), true);
      api.setColumnsVisible(optional.filter(hidden), false);
    } catch (error) {
      // The table left the page while it was still loading.
    }
  }
})();
