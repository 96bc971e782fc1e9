// Formats, ticks and the decoding of a chart's data.

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

// The fewest decimals that write every tick out, whatever rounding left in its last bits.
function decimals(ticks) {
  const gap = Math.min(...ticks.slice(1).map((v, k) => v - ticks[k]), Math.abs(ticks.at(-1)) || 1);
  const written = (v, d) => Math.abs(v - Math.round(v * 10 ** d) / 10 ** d) < 1e-3 * gap;
  let digits = 0;
  while (digits < 12 && !ticks.every((v) => written(v, digits))) digits += 1;
  return digits;
}

function labels(ticks, factor, unit) {
  const values = ticks.map((v) => v * factor);
  const digits = decimals(values);
  return values.map((v) => fixed(v, digits) + unit);
}

function moneyLabels(ticks) {
  const size = Math.max(...ticks.map(Math.abs)); // one unit for the whole axis
  const units = [[1e9, "B"], [1e6, "M"], [1e3, "k"], [1, ""]];
  const fits = ([scale]) => scale === 1 || (size >= (scale === 1e3 ? 1e4 : scale) && decimals(ticks.map((v) => v / scale)) <= (scale === 1e3 ? 1 : 3));
  const [scale, unit] = units.find(fits);
  return labels(ticks, 1 / scale, unit).map((text, k) => (Math.abs(ticks[k]) < size * 1e-9 ? "0" : text));
}

const FORMATS = {
  money: { axis: moneyLabels, value: (v) => fixed(v, 0) },
  percent: { axis: (ticks) => labels(ticks, 100, "%"), value: (v) => fixed(100 * v, 2) + "%" },
  ratio: { axis: (ticks) => labels(ticks, 1, ""), value: (v) => fixed(v, 2) },
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
  return ticks;
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
    return ticks.length >= 4 ? ticks : linearTicks(low, high, most);
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

// The first label of an axis says which year it is, or which day where the others are hours.
function timeLabel(ms, step, first) {
  const label = bareLabel(ms, step);
  if (!first || /^\d{4}$/.test(label)) return label;
  const d = new Date(ms);
  if (label.includes(":")) return `${d.getUTCDate()} ${MONTHS[d.getUTCMonth()]} ${label}`;
  return `${label} ${d.getUTCFullYear()}`;
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
