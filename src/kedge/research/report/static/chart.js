// One chart: legend, grid, lines, crosshair, selection, keys.

const TOP = 8, BOTTOM = 22; // of the plot, beyond its grid

class Chart {
  constructor(figure, axis) {
    this.axis = axis;
    this.figure = figure;
    this.plot = figure.querySelector(".plot");
    this.svg = figure.querySelector("svg");
    this.spec = JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
    this.times = decode(this.spec);
    this.show = FORMATS[this.spec.format];
    this.clock = this.spec.unit < DAY && this.times.at(-1) - this.times[0] < 366 * 8 * DAY && this.spec.unit % DAY !== 0;
    this.hidden = new Set();
    this.log = false;
    this.buildLegend();
    this.listen();
  }

  make(name, attributes, parent = this.svg) {
    const node = document.createElementNS(this.svg.namespaceURI, name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    parent.append(node);
    return node;
  }

  buildLegend() {
    const legend = this.figure.querySelector(".legend");
    this.readings = this.spec.series.map((series, k) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = `key c${series.colour} ${series.kind}`;
      button.setAttribute("aria-pressed", "true");
      button.title = "Show or hide";
      const reading = document.createElement("b");
      button.append(document.createElement("i"), series.name, reading);
      button.addEventListener("click", () => {
        if (!this.hidden.delete(k)) this.hidden.add(k);
        button.setAttribute("aria-pressed", String(!this.hidden.has(k)));
        this.axis.draw();
      });
      legend.append(button);
      return reading;
    });
    this.stamp = document.createElement("time");
    legend.append(this.stamp);
  }

  range() {
    const [from, to] = this.axis.view;
    return [Math.max(firstAtOrAfter(this.times, from) - 1, 0),
      Math.min(firstAtOrAfter(this.times, to) + 1, this.times.length)];
  }

  extent(first, last) {
    let low = Infinity, high = -Infinity;
    this.spec.series.forEach((series, k) => {
      if (this.hidden.has(k)) return;
      for (const values of [series.values, series.upper]) {
        if (!values) continue;
        for (let i = first; i < last; i += 1) {
          const v = values[i];
          if (v === null || (this.log && v <= 0)) continue;
          if (v < low) low = v;
          if (v > high) high = v;
        }
      }
      if (series.kind === "area") { low = Math.min(low, 0); high = Math.max(high, 0); }
    });
    if (!(low < high)) { const c = Number.isFinite(low) ? low : 0; low = c - (Math.abs(c) || 1) * 0.05; high = c + (Math.abs(c) || 1) * 0.05; }
    if (this.log) return [low / (high / low) ** 0.04, high * (high / low) ** 0.04];
    const pad = (high - low) * 0.05;
    return [low === 0 ? 0 : low - pad, high === 0 ? 0 : high + pad];
  }

  // The axis of values: its ends, and its ticks with their labels.
  scale() {
    const [low, high] = this.extent(...this.range());
    const most = Math.max(2, Math.floor((this.spec.height - TOP - BOTTOM) / 32));
    const ticks = this.log ? logTicks(low, high, most) : linearTicks(low, high, most);
    return { low, high, ticks, labels: this.show.axis(ticks) };
  }

  draw(scale, left) {
    const width = this.plot.clientWidth;
    if (width < 120) return; // hidden, or in the middle of a relayout
    const height = this.spec.height;
    this.box = { left, right: width - 10, top: TOP, bottom: height - BOTTOM };
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.setAttribute("width", width);
    this.svg.replaceChildren();
    const [first, last] = this.range();
    const { low, high } = scale;
    const [from, to] = this.axis.view;
    const { right, top, bottom } = this.box;
    const level = this.log ? Math.log : (v) => v;
    this.x = (t) => left + ((t - from) / (to - from)) * (right - left);
    this.y = (v) => bottom - ((level(v) - level(low)) / (level(high) - level(low))) * (bottom - top);
    this.drawGrid(scale, from, to);
    this.drawSeries(first, last);
    this.cursor = this.make("g", { class: "cursor", visibility: "hidden" });
    this.band = this.make("rect", { class: "select", y: top, height: bottom - top, visibility: "hidden" });
    this.point(this.axis.at);
  }

  drawGrid({ ticks, labels }, from, to) {
    const { left, right, bottom } = this.box;
    for (const [k, v] of ticks.entries()) {
      const y = Math.round(this.y(v)) + 0.5;
      this.make("line", { x1: left, x2: right, y1: y, y2: y, class: v === 0 ? "zero" : "grid" });
      this.make("text", { x: left - 7, y: y + 3.5, class: "tick y" }).textContent = labels[k];
    }
    const times = timeTicks(from, to, Math.max(2, Math.floor((right - left) / (right < 500 ? 56 : 74))));
    let first = true;
    for (const t of times.ticks) {
      const x = Math.round(this.x(t)) + 0.5;
      this.make("line", { x1: x, x2: x, y1: bottom, y2: bottom + 4, class: "mark" });
      if (x > left + 10 && x < right - 10) {
        this.make("text", { x, y: bottom + 16, class: "tick x" }).textContent = timeLabel(t, times.step, first);
        first = false;
      }
    }
    this.make("line", { x1: left, x2: right, y1: bottom + 0.5, y2: bottom + 0.5, class: "base" });
  }

  drawSeries(first, last) {
    const { left, right, top, bottom } = this.box;
    const id = `clip-${this.figure.id}`;
    this.make("rect", { x: left, y: top, width: right - left, height: bottom - top }, this.make("clipPath", { id }));
    const layer = this.make("g", { "clip-path": `url(#${id})` });
    for (let k = this.spec.series.length - 1; k >= 0; k -= 1) {
      if (this.hidden.has(k)) continue;
      const series = this.spec.series[k];
      const line = this.path(series.values, first, last);
      if (series.kind === "band") {
        this.make("path", { d: this.ribbon(series, first, last), class: `ribbon c${series.colour}` }, layer);
        continue;
      }
      if (series.kind === "area") this.make("path", { d: this.filled(series, first, last), class: `fill c${series.colour}` }, layer);
      this.make("path", { d: line, class: `line c${series.colour}` }, layer);
    }
  }

  path(values, first, last) {
    const parts = [];
    let pen = "M";
    for (let i = first; i < last; i += 1) {
      if (values[i] === null || (this.log && values[i] <= 0)) { pen = "M"; continue; }
      parts.push(pen, this.x(this.times[i]).toFixed(1), " ", this.y(values[i]).toFixed(1));
      pen = "L";
    }
    return parts.join("");
  }

  ribbon(series, first, last) {
    const known = [];
    for (let i = first; i < last; i += 1) if (series.values[i] !== null && series.upper[i] !== null) known.push(i);
    if (!known.length) return "";
    const edge = (values) => (i) => `${this.x(this.times[i]).toFixed(1)} ${this.y(values[i]).toFixed(1)}`;
    const there = known.map(edge(series.upper));
    return `M${[...there, ...known.reverse().map(edge(series.values))].join("L")}Z`;
  }

  filled(series, first, last) {
    return this.ribbon({ values: series.values, upper: series.values.map((v) => (v === null ? null : 0)) }, first, last);
  }

  // The crosshair at an instant, or nowhere when it is null.
  point(t) {
    const at = t === null ? this.lastKnown() : nearest(this.times, t);
    this.spec.series.forEach((series, k) => {
      const values = [series.values[at], series.upper && series.upper[at]].filter((v) => v !== null && v !== undefined);
      this.readings[k].textContent = values.length ? values.map(this.show.value).join(" to ") : "\u2014";
    });
    this.stamp.textContent = dateText(this.times[at], this.clock);
    this.cursor.replaceChildren();
    this.cursor.setAttribute("visibility", t === null ? "hidden" : "visible");
    if (t === null) return;
    const { top, bottom } = this.box;
    const x = this.x(this.times[at]);
    this.make("line", { x1: x, x2: x, y1: top, y2: bottom }, this.cursor);
    this.spec.series.forEach((series, k) => {
      const v = series.values[at];
      if (this.hidden.has(k) || series.kind === "band" || v === null || (this.log && v <= 0)) return;
      this.make("circle", { cx: x, cy: this.y(v), r: 3.2, class: `dot c${series.colour}` }, this.cursor);
    });
  }

  lastKnown() {
    const [, last] = this.range();
    return Math.min(last, firstAtOrAfter(this.times, this.axis.view[1] + 1)) - 1;
  }

  timeAt(event) {
    const { left, right } = this.box;
    const x = event.clientX - this.plot.getBoundingClientRect().left;
    const [from, to] = this.axis.view;
    return from + (Math.min(Math.max(x, left), right) - left) / (right - left) * (to - from);
  }

  listen() {
    const log = this.figure.querySelector("button.log");
    if (log) {
      log.addEventListener("click", () => {
        this.log = !this.log;
        log.setAttribute("aria-pressed", String(this.log));
        this.axis.draw();
      });
    }
    this.plot.addEventListener("pointerdown", (e) => {
      if (e.button || e.pointerType === "touch") return this.axis.point(this.timeAt(e));
      this.from = this.timeAt(e);
      return this.plot.setPointerCapture(e.pointerId);
    });
    this.plot.addEventListener("pointermove", (e) => {
      this.axis.point(this.timeAt(e));
      if (this.from !== undefined) this.select(this.from, this.timeAt(e));
    });
    this.plot.addEventListener("pointerup", (e) => {
      const from = this.from;
      this.from = undefined;
      this.band.setAttribute("visibility", "hidden");
      if (from !== undefined) this.axis.zoom(from, this.timeAt(e));
    });
    this.plot.addEventListener("pointerleave", () => this.axis.point(null));
    this.plot.addEventListener("dblclick", () => this.axis.reset());
    this.plot.addEventListener("keydown", (e) => this.key(e));
    this.plot.addEventListener("blur", () => this.axis.point(null));
  }

  select(a, b) {
    this.band.setAttribute("visibility", "visible");
    this.band.setAttribute("x", this.x(Math.min(a, b)));
    this.band.setAttribute("width", Math.abs(this.x(b) - this.x(a)));
  }

  key(event) {
    const [first, last] = this.range();
    const at = this.axis.at === null ? this.lastKnown() : nearest(this.times, this.axis.at);
    const leap = event.shiftKey ? Math.max(1, Math.round((last - first) / 20)) : 1;
    const moves = { ArrowLeft: at - leap, ArrowRight: at + leap, Home: first, End: this.lastKnown() };
    const [from, to] = this.axis.view;
    if (event.key in moves) {
      const next = Math.min(Math.max(moves[event.key], first), this.lastKnown());
      this.axis.point(Math.min(Math.max(this.times[next], from), to));
      this.axis.say(`${this.stamp.textContent}. ${this.spec.series.map((s, k) => `${s.name} ${this.readings[k].textContent}`).join(", ")}`);
    } else if (event.key === "+" || event.key === "=") {
      const middle = this.axis.at === null ? (from + to) / 2 : this.axis.at;
      this.axis.zoom(middle - (to - from) / 4, middle + (to - from) / 4);
    } else if (event.key === "-") {
      this.axis.zoom(from - (to - from) / 2, to + (to - from) / 2);
    } else if (event.key === "Escape" || event.key === "0") {
      this.axis.reset();
    } else return;
    event.preventDefault();
  }
}
