/** Notes when the wall is first of use (figures, levels on the map), how long restyling takes, and the longest task. */
(() => {
  const seen = (window.seen = { figures: null, useful: null, longest: 0 });
  try {
    new PerformanceObserver((list) => list.getEntries().forEach((task) => (seen.longest = Math.max(seen.longest, task.duration)))).observe({ type: "longtask", buffered: true });
  } catch (error) {
    seen.longest = null;
  }
  const look = () => {
    const figure = document.querySelector("[data-figure=pending]");
    if (!seen.figures && figure && /\d/.test(figure.textContent)) seen.figures = performance.now();
    const drawn = document.querySelector("[data-map]")?.dataset.ready === "yes" && window.onemap?.stream?.known && onemap.map.looks.size;
    const paths = document.querySelectorAll("path.leaflet-interactive").length;
    // What is there now is painted in this frame: it is of use when the frame is done.
    if (drawn || paths >= 2000) setTimeout(() => (seen.useful = performance.now()));
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);

  /** Milliseconds of script and drawing until every cell has another look. */
  window.restyle = async () => {
    const own = onemap.map;
    const begun = performance.now();
    const other = new Map([...own.cells.byGid.keys()].map((gid) => [gid, [gid % 3 ? 1 : 2, 1 + (gid % 4), gid % 3 ? 0 : 1, 0]]));
    own.counts.cells = other;
    for (const area of own.cells.areas) own.paint(area.gid);
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    const spent = performance.now() - begun;
    own.repaint();
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    return spent;
  };
})();
