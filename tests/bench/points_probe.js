/** Measures frames while the map is moved, with points drawn as the product draws them and as Leaflet's markers. */
(() => {
  const probe = (window.probe = { frames: [] });
  let last = null;
  const tick = (now) => {
    if (last !== null) probe.frames.push(now - last);
    last = now;
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);

  const rest = (ms) => new Promise((done) => setTimeout(done, ms));

  /** Flat rows of n points strewn over the region, one in twenty overdue; the same each time. */
  probe.rows = (n) => {
    const [west, south, east, north] = onemap.map.townships.box;
    let seed = 7;
    const chance = () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648;
    const rows = [];
    for (let i = 0; i < n; i++) rows.push(`P${i}`, west + chance() * (east - west), south + chance() * (north - south), chance() < 0.05 ? 3 : 1);
    return rows;
  };

  probe.ours = (rows) => {
    const began = performance.now();
    const own = onemap.map;
    own.points = own.points || new onemap.Points("marks");
    own.map.addLayer(own.points);
    own.points.setData(rows);
    return performance.now() - began;
  };

  probe.plain = (rows) => {
    const began = performance.now();
    const own = onemap.map;
    own.map.removeLayer(own.points);
    const renderer = L.canvas({ pane: "marks" });
    const markers = [];
    for (let i = 0; i < rows.length; i += 4) markers.push(L.circleMarker([rows[i + 2], rows[i + 1]], { renderer, pane: "marks", radius: 3, weight: 1, color: rows[i + 3] === 3 ? "red" : "teal" }));
    L.layerGroup(markers).addTo(own.map);
    return performance.now() - began;
  };

  /** Pans eight times and zooms in and out, and gives the frames of that time, in ms, longest first. */
  probe.move = async (animate) => {
    const { map } = onemap.map;
    await rest(1500);
    probe.frames.length = 0;
    for (const by of [[200, 0], [0, 120], [-200, 0], [0, -120], [150, 90], [-150, -90], [90, 0], [-90, 0]]) {
      map.panBy(by, { animate, duration: 0.25 });
      await rest(450);
    }
    for (const zoom of [1, 1, -1, -1]) {
      map.setZoom(map.getZoom() + zoom, { animate });
      await rest(900);
    }
    return [...probe.frames].sort((a, b) => b - a);
  };
})();
