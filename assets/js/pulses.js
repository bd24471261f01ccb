/**
 * What catches the eye, once: a ring where a case comes in, a red one where a cell turns overdue. And the colour of a
 * whole township, where the map is too small for cells.
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});
  const L = window.L;

  const MOST_AT_ONCE = 24;
  let running = 0;

  /**
   * Draws one ring that widens and goes. A burst of changes draws no more than a screen can carry.
   * @param {CountyMap} county
   * @param {{lon: number, lat: number}} place
   * @param {"came"|"overdue"} kind
   */
  onemap.pulse = (county, { lon, lat }, kind) => {
    if (running >= MOST_AT_ONCE || document.hidden || county.dissolved) return;
    running += 1;
    const icon = L.divIcon({ className: `pulse pulse-${kind}`, iconSize: [0, 0] });
    const marker = L.marker([lat, lon], { icon, pane: "pulses", interactive: false, keyboard: false }).addTo(county.map);
    setTimeout(() => {
      running -= 1;
      marker.remove();
    }, 2600);
  };

  // Pseudo-cases of the county's own rate that every township starts with: with 20 of them, one late case among two
  // moves a township by 1/22, not by one half.
  const PRIOR_CASES = 20;

  /**
   * Style of a township as a whole: darker red with the share of its pending cases that are overdue, shrunk towards the
   * county's share so that one bad case in a quiet township does not shout.
   * @param {?number[]} counts [level, pending, amber, overdue]
   * @param {Map<number, number[]>} all
   */
  onemap.townshipStyle = (counts, all) => {
    const edge = { stroke: false, fill: true };
    if (!counts || !counts[1]) return { ...edge, fillColor: onemap.tone("map-land"), fillOpacity: 1 };
    let [pending, overdue] = [0, 0];
    for (const [, p, , o] of all.values()) {
      pending += p;
      overdue += o;
    }
    const county = pending ? overdue / pending : 0;
    const share = (counts[3] + PRIOR_CASES * county) / (counts[1] + PRIOR_CASES);
    const above = county ? share / county : 0;
    if (counts[3] && above > 1.1) return { ...edge, fillColor: onemap.tone("red-fill"), fillOpacity: Math.min(0.85, 0.25 + 0.35 * (above - 1)) };
    return { ...edge, fillColor: onemap.tone("map-pending"), fillOpacity: 0.12 + 0.2 * Math.min(1, counts[1] / 60) };
  };
})();
