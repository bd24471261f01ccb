/**
 * Cases as points: one canvas and typed arrays instead of one object per case, so that tens of thousands pan smoothly.
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});
  const L = window.L;

  const REACH_PX = 9;

  /** Draws points of three levels, the worst on top, each level with its own shape. */
  const Points = L.Layer.extend({
    initialize(pane) {
      this.paneName = pane;
      this.clear();
    },

    clear() {
      this.lons = this.lats = new Float64Array(0);
      this.levels = new Uint8Array(0);
      this.numbers = [];
    },

    /** @param {Array} flat [number, lon, lat, level, number, lon, …], the worst last */
    setData(flat) {
      const n = flat.length / 4;
      this.lons = new Float64Array(n);
      this.lats = new Float64Array(n);
      this.levels = new Uint8Array(n);
      this.numbers = new Array(n);
      for (let i = 0; i < n; i++) [this.numbers[i], this.lons[i], this.lats[i], this.levels[i]] = flat.slice(4 * i, 4 * i + 4);
      this.draw();
    },

    onAdd(map) {
      this.canvas = L.DomUtil.create("canvas", "points leaflet-zoom-hide", map.getPane(this.paneName));
      map.on("moveend resize zoomend", this.draw, this);
      this.draw();
    },

    onRemove(map) {
      map.off("moveend resize zoomend", this.draw, this);
      this.canvas.remove();
      this.canvas = null;
    },

    draw() {
      if (!this.canvas || !this._map) return;
      const map = this._map;
      const size = map.getSize();
      const ratio = window.devicePixelRatio || 1;
      L.DomUtil.setPosition(this.canvas, map.containerPointToLayerPoint([0, 0]));
      if (this.canvas.width !== size.x * ratio || this.canvas.height !== size.y * ratio) {
        Object.assign(this.canvas, { width: size.x * ratio, height: size.y * ratio });
        Object.assign(this.canvas.style, { width: `${size.x}px`, height: `${size.y}px` });
      }
      const ctx = this.canvas.getContext("2d");
      ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
      ctx.clearRect(0, 0, size.x, size.y);
      for (const level of [1, 2, 3]) this.drawLevel(ctx, level, size);
    },

    drawLevel(ctx, level, size) {
      // A little larger the nearer the viewer comes.
      const r = [0, 2.2, 3.6, 4.6][level] * Math.max(1, Math.min(2, (this._map.getZoom() - 9) / 3));
      ctx.beginPath();
      for (let i = 0; i < this.levels.length; i++) {
        if (this.levels[i] !== level) continue;
        const { x, y } = this._map.latLngToContainerPoint([this.lats[i], this.lons[i]]);
        if (x < -r || y < -r || x > size.x + r || y > size.y + r) continue;
        if (level === 1) {
          ctx.moveTo(x + r, y);
          ctx.arc(x, y, r, 0, 7);
        } else if (level === 2) {
          ctx.moveTo(x, y - r);
          [[r, 0], [0, r], [-r, 0]].forEach(([dx, dy]) => ctx.lineTo(x + dx, y + dy));
        } else {
          ctx.moveTo(x, y - r);
          ctx.lineTo(x + r, y + r * 0.75);
          ctx.lineTo(x - r, y + r * 0.75);
        }
        ctx.closePath();
      }
      ctx.fillStyle = onemap.tone(["", "map-point", "amber-fill", "red"][level]);
      ctx.strokeStyle = onemap.tone("map-halo");
      ctx.lineWidth = 1.5;
      ctx.stroke();
      ctx.fill();
    },

    /** The case nearest to a place on the map within reach of a finger, or null. */
    near(latlng) {
      const at = this._map.latLngToContainerPoint(latlng);
      let best = { number: null, distance: REACH_PX };
      for (let i = 0; i < this.levels.length; i++) {
        const distance = at.distanceTo(this._map.latLngToContainerPoint([this.lats[i], this.lons[i]]));
        if (distance < best.distance) best = { number: this.numbers[i], distance };
      }
      return best.number;
    },
  });

  onemap.Points = Points;
})();
