/**
 * A line of time to drag along: how much was received (above) and closed (below) in each step, nights and days off
 * shaded, the moment as a cursor. A slider to whoever uses the keyboard or hears the page.
 */
(() => {
  "use strict";
  const onemap = (window.onemap = window.onemap || {});
  const h = (...all) => onemap.h(...all);

  const MINUTE = 60_000;
  const DAY = 1440 * MINUTE;
  const HEIGHT = 92;
  const DATES_PX = 18;
  /** Length of the line in days to the width of a bar in minutes. */
  const STEP_MINUTES = { 1: 15, 7: 60, 30: 240 };

  class TimeBar {
    /**
     * @param {HTMLElement} host
     * @param {{moved: function(number, boolean): void, stretch: function(number, number, number): Promise<?object>, quiet: function(boolean): void}} wires
     *   `moved(ms, still)` when the viewer chooses a moment, `still` once the finger is lifted; `stretch(from, steps,
     *   minutes)` gives what `/api/v1/history/density` answers
     */
    constructor(host, wires) {
      Object.assign(this, { host, wires, at: 0, days: 7, from: 0, data: null });
      this.canvas = h("canvas", { "aria-hidden": "true" });
      this.line = h("div.timebar", { role: "slider", tabindex: "0", "aria-label": onemap.t("history.time"), "aria-orientation": "horizontal" }, this.canvas);
      host.append(this.line);
      this.listen();
      this.watch = new ResizeObserver(() => this.draw());
      this.watch.observe(this.line);
    }

    get length() {
      return this.days * DAY;
    }

    get step() {
      return STEP_MINUTES[this.days] * MINUTE;
    }

    leave() {
      this.watch.disconnect();
    }

    /** Shows a moment; the line moves along when it would leave it. */
    show(at, days = this.days) {
      const before = [this.from, this.days];
      this.at = at;
      this.days = days;
      const margin = this.length / 12;
      const [low, high] = [this.from + margin, this.from + this.length - margin];
      if (days !== before[1] || at < low || at > high) this.from = this.begin(at);
      if (before[0] !== this.from || before[1] !== days || !this.data) this.read();
      const { line } = this;
      line.setAttribute("aria-valuemin", Math.round(this.from / 1000));
      line.setAttribute("aria-valuemax", Math.round((this.from + this.length) / 1000));
      line.setAttribute("aria-valuenow", Math.round(at / 1000));
      line.setAttribute("aria-valuetext", `${onemap.time.day(at)} ${onemap.time.minutes(at)}`);
      this.draw();
    }

    /** Where a line that holds the moment begins: never much later than now, and at a full step. */
    begin(at) {
      const latest = onemap.clock.now() - this.length + this.length / 24;
      const wanted = Math.min(at - this.length * 0.6, Math.max(latest, at - this.length * 0.95));
      return Math.floor(wanted / (60 * MINUTE)) * 60 * MINUTE;
    }

    async read() {
      const asked = [this.from, this.days, this.reason].join();
      this.asked = asked;
      const data = await this.wires.stretch(this.from, Math.ceil(this.length / this.step), STEP_MINUTES[this.days]);
      if (this.asked !== asked || !data) return;
      this.data = { ...data, from: this.from, days_: this.days };
      this.line.dataset.ready = "yes";
      this.wires.quiet(!data.received.some(Boolean) && !data.closed.some(Boolean));
      this.draw();
    }

    /** Reads again, because another filter counts. */
    renew(reason) {
      this.reason = reason;
      this.data = null;
    }

    x(ms) {
      return ((ms - this.from) / this.length) * this.line.clientWidth;
    }

    momentAt(clientX) {
      const { left, width } = this.line.getBoundingClientRect();
      const part = Math.min(1, Math.max(0, (clientX - left) / width));
      const minute = this.days === 1 ? 1 : this.days === 7 ? 5 : 15;
      const ms = Math.round((this.from + part * this.length) / (minute * MINUTE)) * minute * MINUTE;
      return Math.min(ms, onemap.clock.now());
    }

    // ---- hands -----------------------------------------------------------------------------------------------------

    listen() {
      const { line } = this;
      line.addEventListener("pointerdown", (event) => {
        if (event.button !== 0) return;
        line.setPointerCapture(event.pointerId);
        line.dataset.dragged = "yes";
        this.drag(event, false);
      });
      line.addEventListener("pointermove", (event) => line.hasPointerCapture(event.pointerId) && this.drag(event, false));
      const drop = (event) => {
        if (!line.hasPointerCapture(event.pointerId)) return;
        line.releasePointerCapture(event.pointerId);
        delete line.dataset.dragged;
        this.drag(event, true);
      };
      line.addEventListener("pointerup", drop);
      line.addEventListener("pointercancel", drop);
      line.addEventListener("keydown", (event) => this.key(event));
    }

    drag(event, still) {
      this.at = this.momentAt(event.clientX);
      this.draw();
      this.wires.moved(this.at, still);
    }

    /** Arrows go by a step, with Shift and Page keys by a day, Home and End to the ends of the line. */
    key(event) {
      const sizes = { ArrowLeft: -this.step, ArrowDown: -this.step, ArrowRight: this.step, ArrowUp: this.step, PageDown: -DAY, PageUp: DAY };
      const ends = { Home: this.from, End: this.from + this.length };
      let to = ends[event.key];
      if (event.key in sizes) to = this.at + (event.shiftKey ? Math.sign(sizes[event.key]) * DAY : sizes[event.key]);
      if (to === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      this.wires.moved(Math.min(to, onemap.clock.now()), true);
    }

    // ---- drawing ---------------------------------------------------------------------------------------------------

    draw() {
      const { canvas, line } = this;
      const [width, height, ratio] = [line.clientWidth, HEIGHT, window.devicePixelRatio || 1];
      if (!width || !this.from) return;
      if (canvas.width !== Math.round(width * ratio)) Object.assign(canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
      const ctx = canvas.getContext("2d");
      ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
      ctx.clearRect(0, 0, width, height);
      if (this.data) {
        this.drawDays(ctx, width, height);
        this.drawBars(ctx, width, height);
      }
      this.drawFuture(ctx, width, height);
      this.drawCursor(ctx, height);
    }

    /** Office hours of working days are light, the rest is night; days off are hatched. */
    drawDays(ctx, width, height) {
      const bottom = height - DATES_PX;
      ctx.font = `12px ${getComputedStyle(this.line).fontFamily}`;
      ctx.textBaseline = "middle";
      for (const day of this.data.days) {
        const [start, end] = [Date.parse(day.start), Date.parse(day.start) + DAY];
        const [left, right] = [Math.max(0, this.x(start)), Math.min(width, this.x(end))];
        ctx.fillStyle = onemap.tone("time-night");
        ctx.fillRect(left, 0, right - left, bottom);
        for (const [open, close] of day.office) {
          ctx.fillStyle = onemap.tone("time-office");
          ctx.fillRect(this.x(Date.parse(open)), 0, this.x(Date.parse(close)) - this.x(Date.parse(open)), bottom);
        }
        if (!day.works) this.hatch(ctx, left, right, bottom);
        ctx.fillStyle = onemap.tone("line-2");
        ctx.fillRect(this.x(start), 0, 1, height);
        this.drawDate(ctx, day, start, right - Math.max(0, this.x(start)), height);
      }
    }

    hatch(ctx, left, right, bottom) {
      ctx.save();
      ctx.beginPath();
      ctx.rect(left, 0, right - left, bottom);
      ctx.clip();
      ctx.strokeStyle = onemap.tone("time-off");
      ctx.lineWidth = 1;
      ctx.beginPath();
      for (let x = left - bottom; x < right; x += 7) {
        ctx.moveTo(x, bottom);
        ctx.lineTo(x + bottom, 0);
      }
      ctx.stroke();
      ctx.restore();
    }

    drawDate(ctx, day, start, room, height) {
      const [, month, date] = day.day.split("-").map(Number);
      const text = `${month}/${date}`;
      // Days that are too narrow for their date show every second, or the first, sixth, eleventh …
      const wide = ctx.measureText("12/30").width + 6;
      if (room < wide / 2 ? date % 5 !== 1 : room < wide && date % 2 === 0) return;
      ctx.fillStyle = onemap.tone(day.works ? "ink-2" : "ink-3");
      ctx.fillText(room > 90 ? `${text} ${onemap.t(day.works ? "history.works" : "history.off")}` : text, Math.max(4, this.x(start) + 4), height - DATES_PX / 2);
    }

    drawBars(ctx, width, height) {
      const { received, closed, from } = this.data;
      const most = Math.max(1, ...received, ...closed);
      const middle = (height - DATES_PX) * 0.55;
      const step = this.data.minutes * MINUTE;
      const bar = Math.max(1, (step / this.length) * width - 1);
      for (let k = 0; k < received.length; k += 1) {
        const x = this.x(from + k * step);
        const [up, down] = [(received[k] / most) * (middle - 6), (closed[k] / most) * (height - DATES_PX - middle - 4)];
        ctx.fillStyle = onemap.tone("time-received");
        ctx.fillRect(x, middle - up, bar, up);
        ctx.fillStyle = onemap.tone("time-closed");
        ctx.fillRect(x, middle + 1, bar, down);
      }
      ctx.fillStyle = onemap.tone("line-2");
      ctx.fillRect(0, middle, width, 1);
      ctx.font = `11px ${getComputedStyle(this.line).fontFamily}`;
      ctx.fillStyle = onemap.tone("ink-3");
      ctx.fillText(`${onemap.t("history.received")} ≤${most}`, 6, 9);
      ctx.fillText(onemap.t("history.closed"), 6, height - DATES_PX - 8);
    }

    drawFuture(ctx, width, height) {
      const now = this.x(onemap.clock.now());
      if (now >= width) return;
      ctx.fillStyle = onemap.tone("panel");
      ctx.fillRect(now, 0, width - now, height);
    }

    drawCursor(ctx, height) {
      const x = Math.round(this.x(this.at)) + 0.5;
      ctx.strokeStyle = ctx.fillStyle = onemap.tone("focus");
      ctx.lineWidth = 2;
      ctx.beginPath();
      ctx.moveTo(x, 0);
      ctx.lineTo(x, height - DATES_PX + 2);
      ctx.stroke();
      ctx.beginPath();
      ctx.moveTo(x - 7, 0);
      ctx.lineTo(x + 7, 0);
      ctx.lineTo(x, 9);
      ctx.fill();
    }
  }

  onemap.TimeBar = TimeBar;
})();
