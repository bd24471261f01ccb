/**
 * Watches two things at once on an open wall, and notes the wall-clock milliseconds at which each was first seen:
 * the canvas pixel in the middle of a cell (what our scripts paint from the stream), and the count of its township in
 * GET /api/v1/board asked once a second (what a page that polls would know).
 */
(() => {
  const seen = { pixel: null, poll: null };
  let timer = null;

  /** Colour under a point of the map in all canvases, as one text. */
  const colour = (lat, lon) => {
    const at = L.point(onemap.map.map.latLngToContainerPoint([lat, lon]));
    const box = onemap.map.map.getContainer().getBoundingClientRect();
    return [...document.querySelectorAll(".leaflet-pane canvas")]
      .map((canvas) => {
        const own = canvas.getBoundingClientRect();
        const scale = canvas.width / own.width;
        const x = Math.round((box.left + at.x - own.left) * scale);
        const y = Math.round((box.top + at.y - own.top) * scale);
        return x < 0 || y < 0 || x >= canvas.width || y >= canvas.height ? "" : canvas.getContext("2d").getImageData(x, y, 1, 1).data.join();
      })
      .join("|");
  };

  window.probe = {
    seen,
    watch(lat, lon, township) {
      seen.pixel = seen.poll = null;
      const before = colour(lat, lon);
      const look = () => {
        if (seen.pixel) return;
        if (colour(lat, lon) !== before) seen.pixel = Date.now();
        else requestAnimationFrame(look);
      };
      look();
      let first = null;
      clearInterval(timer);
      const ask = async () => {
        const board = await (await fetch("/api/v1/board")).json();
        const text = JSON.stringify(board.layers.township[township] ?? null);
        if (first === null) first = text;
        else if (text !== first && !seen.poll) seen.poll = Date.now();
      };
      ask();
      timer = setInterval(ask, 1000);
    },
    stop: () => clearInterval(timer),
  };
})();
