"""Areas that touch are drawn with one line between them, at every zoom."""

from typing import Any

from tests.browser.cockpit import Server
from tests.browser.conftest import Watched, serious

READY = "document.querySelector('[data-map]')?.dataset.ready === 'yes'"
# Edges of the outlines as the canvas gets them, by how many cells have them; and how many vertices that are.
EDGES = """(zoom) => {
  const { map, shapes } = document.querySelector('[data-map]').countyMap;
  map.setView(map.getCenter(), zoom, { animate: false });
  const owners = new Map();
  let vertices = 0;
  const draw = new Map(shapes);
  for (const shape of draw.values()) {
    if (!shape._map) shape.addTo(map);
    shape._project();
    for (const ring of shape._rings) {
      vertices += ring.length;
      ring.forEach((a, k) => {
        const b = ring[(k + 1) % ring.length];
        const key = [`${a.x},${a.y}`, `${b.x},${b.y}`].sort().join(' ');
        owners.set(key, (owners.get(key) || 0) + 1);
      });
    }
  }
  const counts = [...owners.values()];
  const owned = (n) => counts.filter((count) => count === n).length;
  return { vertices, alone: owned(1), shared: owned(2) };
}"""


def test_neighbours_share_their_lines_at_every_zoom(empty_server: Server, wall: Watched) -> None:
    page = wall.open(f"{empty_server.url}/wall")
    wall.until(READY)
    found: dict[float, dict[str, Any]] = {zoom: page.evaluate(EDGES, zoom) for zoom in (9, 10.5, 11.3, 12, 13, 15)}
    outline = found[15]["alone"]
    for zoom, edges in found.items():
        # What one cell has alone is the county's own line, which only gets shorter in vertices.
        assert edges["alone"] <= outline, zoom
        assert edges["shared"] > 5 * edges["alone"], zoom
    vertices = [found[zoom]["vertices"] for zoom in sorted(found)]
    assert vertices == sorted(vertices)
    assert vertices[0] < vertices[-1] / 3
    assert serious(wall.complaints) == []
