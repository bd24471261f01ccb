/**
 * Figures that the stream writes straight into the page: elements with `data-figure`, for the county or for one township.
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});

  const ORDER = ["level", "pending", "amber", "overdue"];

  /** The figures of one township out of the stream, once its geometry has told which gid it has. */
  function ofTownship(code) {
    const layer = onemap.places.layers.township;
    const area = layer && layer.byCode.get(code);
    const counts = area && onemap.stream.townships.get(area.gid);
    return counts ? Object.fromEntries(ORDER.map((name, k) => [name, counts[k]])) : {};
  }

  /** Fills every `data-figure` below an element with `data-onemap="figures"`; `data-township` narrows it to one township. */
  onemap.mount("figures", (element) => {
    const { township } = element.dataset;
    const show = () => {
      if (!onemap.stream.known) return;
      const figures = township ? ofTownship(township) : onemap.stream.figures;
      for (const target of element.querySelectorAll("[data-figure]")) {
        const value = figures[target.dataset.figure];
        if (value === undefined) continue;
        onemap.write(target, onemap.count(value));
        const box = target.closest(".kpi");
        if (box) box.dataset.some = value > 0 ? "yes" : "no";
      }
    };
    const stops = [onemap.on("full", show), onemap.on("delta", show)];
    if (township) onemap.places.layer("township").then(show);
    show();
    return () => stops.forEach((stop) => stop());
  });

  // The share on time comes from an ordinary callback: the stream does not carry the day's history.
  let onTime = null;

  function showOnTime() {
    if (!onTime) return;
    for (const target of document.querySelectorAll("[data-on-time]")) onemap.write(target, onTime[target.dataset.onTime]);
  }

  onemap.mount("on-time", showOnTime);

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.figures = {
    /**
     * Writes the share of clocks met on time, with its n.
     * @param {?{share: string, n: string}} data
     */
    onTime: (data) => {
      if (data) onTime = data;
      showOnTime();
    },
  };
})();
