// The one axis of time that every chart on the page shares.

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

  draw() {
    const scales = this.charts.map((chart) => chart.scale());
    const longest = Math.max(...scales.flatMap((scale) => scale.labels.map((label) => label.length)));
    const left = Math.max(52, 14 + 6.4 * longest); // one left edge: the charts share their times
    this.charts.forEach((chart, k) => chart.draw(scales[k], left));
  }

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
