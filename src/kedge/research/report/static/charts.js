// Time charts: one axis of time shared by every chart on the page.
"use strict";

const MINUTE = 60e3, HOUR = 3600e3, DAY = 86400e3;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const two = (n) => String(n).padStart(2, "0");

// ---- numbers and dates -----------------------------------------------------

function fixed(value, digits) {
  const text = Math.abs(value).toLocaleString("en-US", {
    minimumFractionDigits: digits, maximumFractionDigits: digits,
  });
  return (value < 0 && /[1-9]/.test(text) ? "\u2212" : "") + text;
}

function shortMoney(value, step, size) {
  if (Math.abs(value) < step * 1e-6) return "0";
  const [scale, unit] = size >= 1e9 ? [1e9, "B"] : size >= 1e6 ? [1e6, "M"] : size >= 1e4 ? [1e3, "k"] : [1, ""];
  const digits = Math.max(0, Math.min(3, Math.ceil(-Math.log10(step / scale) - 1e-9)));
  return fixed(value / scale, digits) + unit;
}

const FORMATS = {
  money: { axis: shortMoney, value: (v) => fixed(v, 0) },
  percent: {
    axis: (v, step) => fixed(100 * v, step < 0.01 ? (step < 0.001 ? 2 : 1) : 0) + "%",
    value: (v) => fixed(100 * v, 2) + "%",
  },
  ratio: { axis: (v, step) => fixed(v, step < 1 ? (step < 0.1 ? 2 : 1) : 0), value: (v) => fixed(v, 2) },
};

function dateText(ms, clock) {
  const d = new Date(ms);
  const day = `${d.getUTCFullYear()}-${two(d.getUTCMonth() + 1)}-${two(d.getUTCDate())}`;
  return clock ? `${day} ${two(d.getUTCHours())}:${two(d.getUTCMinutes())}` : day;
}

// ---- ticks -----------------------------------------------------------------

function linearTicks(low, high, most) {
  const rough = (high - low) / Math.max(most, 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((m) => m * power).find((s) => s >= rough * 0.85);
  const ticks = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k += 1) ticks.push(k * step);
  return { ticks, step };
}

function logTicks(low, high, most) {
  for (const marks of [[1, 2, 3, 5, 7], [1, 2, 5], [1, 3], [1]]) {
    const ticks = [];
    for (let e = Math.floor(Math.log10(low)); e <= Math.log10(high); e += 1) {
      for (const m of marks) {
        const v = m * 10 ** e;
        if (v >= low && v <= high) ticks.push(v);
      }
    }
    if (ticks.length > most + 1) continue;
    return ticks.length >= 4 ? { ticks, step: ticks[0] / 10 } : linearTicks(low, high, most);
  }
  return linearTicks(low, high, most);
}

const TIME_STEPS = [
  ...[1, 5, 15, 30].map((n) => [n * MINUTE, 0]), ...[1, 3, 6, 12].map((n) => [n * HOUR, 0]),
  ...[1, 2, 7].map((n) => [n * DAY, 0]), ...[1, 3, 6, 12, 24, 60, 120, 240].map((n) => [n * 30.44 * DAY, n]),
];

function timeTicks(low, high, most) {
  const [step, months] = TIME_STEPS.find(([s]) => (high - low) / s <= most) || TIME_STEPS.at(-1);
  const ticks = [];
  if (!months) {
    const origin = step === 7 * DAY ? 4 * DAY : 0; // weeks begin on Monday
    for (let t = Math.ceil((low - origin) / step) * step + origin; t <= high; t += step) ticks.push(t);
    return { ticks, step };
  }
  const first = new Date(low);
  let month = first.getUTCFullYear() * 12 + first.getUTCMonth();
  for (month = Math.floor(month / months) * months; ; month += months) {
    const t = Date.UTC(Math.floor(month / 12), month % 12, 1);
    if (t > high) break;
    if (t >= low) ticks.push(t);
  }
  return { ticks, step };
}

function timeLabel(ms, step, year) {
  const label = bareLabel(ms, step);
  return /^\d{4}$/.test(label) ? label : label + year;
}

function bareLabel(ms, step) {
  const d = new Date(ms);
  const month = MONTHS[d.getUTCMonth()];
  if (step > 300 * DAY) return String(d.getUTCFullYear());
  if (step > 25 * DAY) return d.getUTCMonth() ? month : String(d.getUTCFullYear());
  if (step >= DAY || !(d.getUTCHours() || d.getUTCMinutes())) {
    return d.getUTCMonth() || d.getUTCDate() > 1 ? `${d.getUTCDate()} ${month}` : String(d.getUTCFullYear());
  }
  return `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}`;
}

// ---- data ------------------------------------------------------------------

function decode(spec) {
  const times = [spec.start];
  for (const step of spec.steps) times.push(times.at(-1) + step * spec.unit);
  return times;
}

function firstAtOrAfter(times, t) {
  let low = 0, high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] < t) low = middle + 1; else high = middle;
  }
  return low;
}

function nearest(times, t) {
  const after = Math.min(firstAtOrAfter(times, t), times.length - 1);
  return after > 0 && t - times[after - 1] < times[after] - t ? after - 1 : after;
}

// ---- one chart -------------------------------------------------------------

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
        this.draw();
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

  draw() {
    const width = this.plot.clientWidth;
    if (width < 120) return; // hidden, or in the middle of a relayout
    const height = this.spec.height;
    this.box = { left: 52, right: width - 10, top: 8, bottom: height - 22 };
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.setAttribute("width", width);
    this.svg.replaceChildren();
    const [first, last] = this.range();
    const [low, high] = this.extent(first, last);
    const [from, to] = this.axis.view;
    const { left, right, top, bottom } = this.box;
    const level = this.log ? Math.log : (v) => v;
    this.x = (t) => left + ((t - from) / (to - from)) * (right - left);
    this.y = (v) => bottom - ((level(v) - level(low)) / (level(high) - level(low))) * (bottom - top);
    this.drawGrid(low, high, from, to);
    this.drawSeries(first, last);
    this.cursor = this.make("g", { class: "cursor", visibility: "hidden" });
    this.band = this.make("rect", { class: "select", y: top, height: bottom - top, visibility: "hidden" });
    this.point(this.axis.at);
  }

  drawGrid(low, high, from, to) {
    const { left, right, top, bottom } = this.box;
    const most = Math.max(2, Math.floor((bottom - top) / 32));
    const { ticks, step } = this.log ? logTicks(low, high, most) : linearTicks(low, high, most);
    const size = Math.max(...ticks.map(Math.abs)); // one unit for the whole axis
    for (const v of ticks) {
      const y = Math.round(this.y(v)) + 0.5;
      this.make("line", { x1: left, x2: right, y1: y, y2: y, class: v === 0 ? "zero" : "grid" });
      this.make("text", { x: left - 7, y: y + 3.5, class: "tick y" }).textContent = this.show.axis(v, step, size);
    }
    let year = ` ${new Date(from).getUTCFullYear()}`; // the first label says which year it is
    const times = timeTicks(from, to, Math.max(2, Math.floor((right - left) / (right < 500 ? 56 : 74))));
    for (const t of times.ticks) {
      const x = Math.round(this.x(t)) + 0.5;
      this.make("line", { x1: x, x2: x, y1: bottom, y2: bottom + 4, class: "mark" });
      if (x > left + 10 && x < right - 10) {
        this.make("text", { x, y: bottom + 16, class: "tick x" }).textContent = timeLabel(t, times.step, year);
        year = "";
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
        this.draw();
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

// ---- the shared axis -------------------------------------------------------

class Axis {
  constructor(figures) {
    this.at = null;
    this.view = [0, 1];
    this.charts = figures.map((figure) => new Chart(figure, this));
    this.full = [Math.min(...this.charts.map((c) => c.times[0])), Math.max(...this.charts.map((c) => c.times.at(-1)))];
    if (this.full[0] === this.full[1]) this.full = [this.full[0] - DAY, this.full[1] + DAY];
    this.view = this.full;
    this.voice = document.getElementById("chart-voice");
    this.bar = document.getElementById("spans");
    if (this.bar) this.buildSpans();
    let widths = "";
    const watcher = new ResizeObserver(() => {
      const now = this.charts.map((c) => c.plot.clientWidth).join();
      if (now !== widths) { widths = now; this.draw(); }
    });
    this.charts.forEach((chart) => watcher.observe(chart.plot));
    window.addEventListener("beforeprint", () => this.draw());
  }

  buildSpans() {
    const total = this.full[1] - this.full[0];
    const spans = [["1D", 1], ["1W", 7], ["1M", 30.44], ["3M", 91.3], ["6M", 182.6], ["1Y", 365.25], ["3Y", 1095.75], ["5Y", 1826.25]];
    const wide = spans.filter(([, days]) => days * DAY < total * 0.9).slice(-5);
    for (const [name, days] of [...wide, ["All", Infinity]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = name;
      button.dataset.days = days;
      button.addEventListener("click", () => {
        if (days === Infinity) this.reset();
        else this.zoom(this.view[1] - days * DAY, this.view[1]);
      });
      this.bar.append(button);
    }
    this.mark();
  }

  mark() {
    if (!this.bar) return;
    const days = (this.view[1] - this.view[0]) / DAY;
    for (const button of this.bar.querySelectorAll("button")) {
      const own = Number(button.dataset.days);
      const on = own === Infinity ? this.view === this.full : this.view !== this.full && Math.abs(days - own) < 0.02 * own;
      button.setAttribute("aria-pressed", String(on));
    }
  }

  draw() { this.charts.forEach((chart) => chart.draw()); }

  point(t) {
    this.at = t;
    this.charts.forEach((chart) => chart.box && chart.point(t));
  }

  zoom(a, b) {
    let [from, to] = [Math.min(a, b), Math.max(a, b)];
    if (from < this.full[0]) to += Math.min(this.full[0] - from, Math.max(0, this.full[1] - to));
    from = Math.max(from, this.full[0]);
    to = Math.min(to, this.full[1]);
    const chart = this.charts[0];
    if (firstAtOrAfter(chart.times, to) - firstAtOrAfter(chart.times, from) < 4) return;
    this.view = from === this.full[0] && to === this.full[1] ? this.full : [from, to];
    this.at = null;
    this.draw();
    this.mark();
    this.say(`Showing ${dateText(from, false)} to ${dateText(to, false)}`);
  }

  reset() {
    this.view = this.full;
    this.at = null;
    this.draw();
    this.mark();
    this.say("Showing the whole history");
  }

  say(words) { if (this.voice) this.voice.textContent = words; }
}

document.addEventListener("DOMContentLoaded", () => {
  const figures = [...document.querySelectorAll("figure.chart")];
  if (figures.length) new Axis(figures);
});
