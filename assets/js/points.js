/**
 * Cases as points: typed arrays and stamped pixels instead of one object or one path per case, so that a hundred thousand
 * are drawn within a frame. A shape is drawn once, by the browser; then its pixels are laid down at every place.
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});
  const L = window.L;

  const REACH_PX = 9;
  const RADIUS_PX = [0, 2.2, 3.6, 4.6];
  const HALO_PX = 0.75;
  const OPAQUE = 255;

  /** The outline of a level's shape around (x, y). */
  function outline(ctx, level, x, y, r) {
    ctx.beginPath();
    if (level === 1) ctx.arc(x, y, r, 0, 7);
    else {
      const corners = level === 2 ? [[0, -1], [1, 0], [0, 1], [-1, 0]] : [[0, -1], [1, 0.75], [-1, 0.75]];
      corners.forEach(([dx, dy]) => ctx.lineTo(x + dx * r, y + dy * r));
    }
    ctx.closePath();
  }

  /**
   * The pixels of a level's shape that are not empty.
   * @returns {{half: number, at: Int16Array, colours: Uint32Array, bytes: Uint8ClampedArray}} `at` holds dx, dy of each pixel
   */
  function stampOf(level, r, ratio) {
    const half = Math.ceil(r + HALO_PX * ratio);
    const side = 2 * half + 1;
    const canvas = Object.assign(document.createElement("canvas"), { width: side, height: side });
    const ctx = canvas.getContext("2d", { willReadFrequently: true });
    outline(ctx, level, half + 0.5, half + 0.5, r);
    Object.assign(ctx, { fillStyle: onemap.tone(["", "map-point", "amber-fill", "red"][level]), strokeStyle: onemap.tone("map-halo"), lineWidth: 2 * HALO_PX * ratio });
    ctx.stroke();
    ctx.fill();
    const all = ctx.getImageData(0, 0, side, side).data;
    const drawn = [];
    for (let k = 0; k < side * side; k++) if (all[4 * k + 3]) drawn.push(k);
    const bytes = new Uint8ClampedArray(drawn.flatMap((k) => [...all.subarray(4 * k, 4 * k + 4)]));
    return { half, at: new Int16Array(drawn.flatMap((k) => [(k % side) - half, Math.floor(k / side) - half])), bytes, colours: new Uint32Array(bytes.buffer) };
  }

  /** Lays one pixel of a stamp over one of the image: `over` of Porter and Duff, alpha not premultiplied. */
  function blend(data, to, bytes, from) {
    const alpha = bytes[from + 3] / OPAQUE;
    const below = (data[to + 3] / OPAQUE) * (1 - alpha);
    const sum = alpha + below;
    for (let c = 0; c < 3; c++) data[to + c] = (bytes[from + c] * alpha + data[to + c] * below) / sum;
    data[to + 3] = sum * OPAQUE;
  }

  /** Draws points of three levels, the worst on top, each level with its own shape. */
  const Points = L.Layer.extend({
    initialize(pane) {
      this.paneName = pane;
      this.clear();
    },

    clear() {
      this.xs = this.ys = new Float64Array(0);
      this.levels = new Uint8Array(0);
      this.numbers = [];
    },

    /** @param {Array} flat [number, lon, lat, level, number, lon, …] */
    setData(flat) {
      const n = flat.length / 4;
      // Projected once, at zoom 0: at any other zoom a place is a multiple of that.
      this.xs = new Float64Array(n);
      this.ys = new Float64Array(n);
      this.levels = new Uint8Array(n);
      this.numbers = new Array(n);
      for (let i = 0; i < n; i++) {
        const { x, y } = L.CRS.EPSG3857.latLngToPoint({ lng: flat[4 * i + 1], lat: flat[4 * i + 2] }, 0);
        [this.xs[i], this.ys[i]] = [x, y];
        this.numbers[i] = flat[4 * i];
        this.levels[i] = flat[4 * i + 3];
      }
      this.draw();
    },

    onAdd(map) {
      this.canvas = L.DomUtil.create("canvas", "points leaflet-zoom-hide", map.getPane(this.paneName));
      map.on("moveend resize zoomend", this.later, this);
      this.stop = onemap.on("theme", () => this.later());
      this.draw();
    },

    onRemove(map) {
      map.off("moveend resize zoomend", this.later, this);
      this.stop();
      this.canvas.remove();
      this.canvas = null;
    },

    /** A zoom ends with three events: drawn once, before the next frame. */
    later() {
      this.frame = this.frame || requestAnimationFrame(() => {
        this.frame = null;
        this.draw();
      });
    },

    /** What a place at zoom 0 is multiplied with, and what is taken away, to give pixels of the map. */
    view() {
      const { x, y } = this._map.getPixelBounds().min;
      return { scale: this._map.getZoomScale(this._map.getZoom(), 0), left: x, top: y };
    },

    draw() {
      if (!this.canvas || !this._map) return;
      const map = this._map;
      const size = map.getSize();
      if (!size.x || !size.y) return;
      const ratio = window.devicePixelRatio || 1;
      const [width, height] = [Math.round(size.x * ratio), Math.round(size.y * ratio)];
      L.DomUtil.setPosition(this.canvas, map.containerPointToLayerPoint([0, 0]));
      if (this.canvas.width !== width || this.canvas.height !== height) {
        Object.assign(this.canvas, { width, height });
        Object.assign(this.canvas.style, { width: `${size.x}px`, height: `${size.y}px` });
      }
      const image = new ImageData(width, height);
      const taken = new Uint8Array(width * height);
      for (const level of [1, 2, 3]) this.stampLevel(image, taken, level, ratio);
      this.canvas.getContext("2d").putImageData(image, 0, 0);
    },

    stampLevel(image, taken, level, ratio) {
      // A little larger the nearer the viewer comes.
      const stamp = stampOf(level, RADIUS_PX[level] * ratio * Math.max(1, Math.min(2, (this._map.getZoom() - 9) / 3)), ratio);
      const { scale, left, top } = this.view();
      const { width, height } = image;
      for (let i = 0; i < this.levels.length; i++) {
        if (this.levels[i] !== level) continue;
        const x = Math.round((this.xs[i] * scale - left) * ratio);
        const y = Math.round((this.ys[i] * scale - top) * ratio);
        if (x < -stamp.half || y < -stamp.half || x >= width + stamp.half || y >= height + stamp.half) continue;
        // Another one of this level on the same pixel would change nothing.
        const isInside = x >= 0 && y >= 0 && x < width && y < height;
        if (isInside && taken[y * width + x] === level) continue;
        if (isInside) taken[y * width + x] = level;
        this.lay(image, stamp, x, y);
      }
    },

    lay(image, { half, at, colours, bytes }, x, y) {
      const { width, height, data } = image;
      const pixels = (image.pixels = image.pixels || new Uint32Array(data.buffer));
      const isWhole = x >= half && y >= half && x < width - half && y < height - half;
      for (let k = 0; k < colours.length; k++) {
        const px = x + at[2 * k];
        const py = y + at[2 * k + 1];
        if (!isWhole && (px < 0 || py < 0 || px >= width || py >= height)) continue;
        const to = py * width + px;
        if (bytes[4 * k + 3] === OPAQUE || !pixels[to]) pixels[to] = colours[k];
        else blend(data, 4 * to, bytes, 4 * k);
      }
    },

    /** The case nearest to a place on the map within reach of a finger, or null. */
    near(latlng) {
      const at = this._map.latLngToContainerPoint(latlng);
      const { scale, left, top } = this.view();
      let best = { number: null, distance: REACH_PX };
      for (let i = 0; i < this.levels.length; i++) {
        const distance = Math.hypot(this.xs[i] * scale - left - at.x, this.ys[i] * scale - top - at.y);
        if (distance < best.distance) best = { number: this.numbers[i], distance };
      }
      return best.number;
    },
  });

  onemap.Points = Points;
})();
