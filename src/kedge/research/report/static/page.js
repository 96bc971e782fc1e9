// The page around the charts: theme, sortable tables, filters.
const THEME = "kedge-report-theme";

function remembered() {
  try { return localStorage.getItem(THEME); } catch { return null; } // a sandboxed page has no storage
}

function remember(theme) {
  try { localStorage.setItem(THEME, theme); } catch { /* the choice lasts as long as the page */ }
}

function applyTheme(theme) {
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
  const dark = theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const button = document.getElementById("theme");
  if (!button) return;
  button.textContent = dark ? "Light" : "Dark";
  button.setAttribute("aria-label", dark ? "Switch to the light theme" : "Switch to the dark theme");
  button.onclick = () => { const next = dark ? "light" : "dark"; remember(next); applyTheme(next); };
}

const cellValue = (row, column) => {
  const cell = row.cells[column];
  if (cell === undefined) return null;
  if (cell.dataset.v !== undefined) return cell.dataset.v === "" ? null : Number(cell.dataset.v);
  return cell.textContent.trim().toLowerCase();
};

function sortBy(table, column, descending) {
  const body = table.tBodies[0];
  const rows = [...body.rows].map((row, index) => ({ row, index, value: cellValue(row, column) }));
  const sign = descending ? -1 : 1;
  rows.sort((a, b) => {
    if (a.value === b.value) return a.index - b.index;
    if (a.value === null) return 1; // unknown figures stay at the bottom
    if (b.value === null) return -1;
    return sign * (a.value < b.value ? -1 : 1);
  });
  body.append(...rows.map((r) => r.row));
}

function makeSortable(table) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const descending = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", descending ? "descending" : "ascending");
      sortBy(table, column, descending);
    });
  });
}

function makeFilter(input) {
  const table = document.getElementById(input.getAttribute("aria-controls"));
  const status = document.getElementById(input.dataset.status);
  const rows = [...table.tBodies[0].rows];
  input.addEventListener("input", () => {
    const wanted = input.value.trim().toLowerCase().split(/\s+/);
    let shown = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !wanted.every((word) => text.includes(word));
      shown += row.hidden ? 0 : 1;
    }
    status.textContent = `${shown} of ${rows.length} rows`;
  });
}

function followSections() {
  const links = new Map([...document.querySelectorAll("nav a")].map((a) => [a.hash.slice(1), a]));
  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting || !links.has(entry.target.id)) continue;
      links.forEach((a) => a.removeAttribute("aria-current"));
      links.get(entry.target.id).setAttribute("aria-current", "true");
    }
  }, { rootMargin: "-20% 0px -70% 0px" });
  for (const id of links.keys()) {
    const target = document.getElementById(id);
    if (target) watcher.observe(target);
  }
}

window.addEventListener("beforeprint", () => {
  document.querySelectorAll("details").forEach((details) => { details.open = true; });
});

applyTheme(remembered());
document.addEventListener("DOMContentLoaded", () => {
  applyTheme(remembered() || document.documentElement.dataset.theme || null);
  document.querySelectorAll("table.sortable").forEach(makeSortable);
  document.querySelectorAll("input[data-status]").forEach(makeFilter);
  followSections();
});
