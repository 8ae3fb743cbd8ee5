// The list: rows in the order of attention, a search, filters, permalinks. A scenario's data is parsed when it is first opened.

const ATTENTION = ["fail", "hang", "error", "non-strict", "known", "skipped", "pass"];
const active = { verdicts: new Set(), world: "", tag: "", words: [] };

function row(entry) {
  const link = "#" + encodeURI(entry.anchor);
  const head = el("summary", {},
    el("span", { class: "badge " + entry.verdict }, entry.verdict),
    el("span", { class: "what" },
      el("span", { class: "id" }, entry.id, entry.repeat > 0 && el("span", { class: "muted" }, " #" + (entry.repeat + 1))),
      el("span", { class: "title" }, entry.title),
      entry.headline && el("span", { class: "headline" }, entry.headline)),
    el("span", { class: "side" },
      entry.closing !== "clean" && el("span", { class: "chip closing", title: CLOSING[entry.closing] }, entry.closing),
      el("span", { class: "chip world" }, entry.world),
      el("span", { class: "took" }, span(entry.took_us)),
      el("a", { class: "permalink", href: link, title: "Link to this scenario", "aria-label": "Link to " + entry.id }, "#")));
  const node = el("details", { class: "scenario is-" + entry.verdict, id: entry.anchor }, head);
  node.addEventListener("toggle", () => {
    if (!node.open || node.childElementCount > 1) return;
    const data = JSON.parse(document.getElementById("s" + entry.index).textContent);
    node.append(el("div", { class: "detail" }, detail(data)));
  });
  return node;
}

const index = run.index
  .map((entry, i) => ({ ...entry, index: i, haystack: [entry.id, entry.title, entry.headline, ...entry.tags, ...entry.covers, entry.file].join("\n").toLowerCase() }))
  .sort((a, b) => ATTENTION.indexOf(a.verdict) - ATTENTION.indexOf(b.verdict) || a.index - b.index);
const list = document.getElementById("list");
for (const entry of index) list.append((entry.node = row(entry)));

function matches(entry) {
  return (active.verdicts.size === 0 || active.verdicts.has(entry.verdict)) && (active.world === "" || active.world === entry.world) &&
    (active.tag === "" || entry.tags.includes(active.tag)) && active.words.every((word) => entry.haystack.includes(word));
}

function filter() {
  let shown = 0;
  for (const entry of index) {
    entry.node.hidden = !matches(entry);
    if (!entry.node.hidden) shown += 1;
  }
  document.getElementById("shown").textContent = shown === index.length ? plural(shown, "scenario") : `${shown} of ${plural(index.length, "scenario")}`;
  document.getElementById("none").hidden = shown > 0 || index.length === 0;
  document.getElementById("reset").hidden = shown === index.length;
  for (const button of document.querySelectorAll("[data-verdict]"))
    button.setAttribute("aria-pressed", String(active.verdicts.has(button.dataset.verdict)));
}

function reset() {
  active.verdicts.clear();
  active.world = active.tag = "";
  active.words = [];
  for (const id of ["search", "world", "tag"]) document.getElementById(id).value = "";
  filter();
}

// Opens what the address names, also where a filter hides it.
function follow() {
  let anchor = location.hash.slice(1);
  try {
    anchor = decodeURIComponent(anchor);
  } catch {
    return;  // not one of ours
  }
  const entry = index.find((candidate) => candidate.anchor === anchor);
  if (!entry) return;
  if (entry.node.hidden) reset();
  entry.node.open = true;
  entry.node.scrollIntoView({ block: "start" });
  entry.node.querySelector("summary").focus({ preventScroll: true });
}

document.getElementById("tools").hidden = false;
for (const button of document.querySelectorAll("[data-verdict]"))
  button.addEventListener("click", () => {
    const verdict = button.dataset.verdict;
    if (!active.verdicts.delete(verdict)) active.verdicts.add(verdict);
    filter();
  });
document.getElementById("search").addEventListener("input", (event) => {
  active.words = event.target.value.toLowerCase().split(/\s+/).filter((word) => word !== "");
  filter();
});
document.getElementById("world").addEventListener("change", (event) => { active.world = event.target.value; filter(); });
const tags = [...new Set(index.flatMap((entry) => entry.tags))].sort();
document.getElementById("tag").append(...tags.map((tag) => el("option", { value: tag }, tag)));
document.getElementById("tag").addEventListener("change", (event) => { active.tag = event.target.value; filter(); });
document.getElementById("reset").addEventListener("click", reset);
document.getElementById("open-all").addEventListener("click", () => {
  for (const entry of index) if (!entry.node.hidden && ["fail", "hang", "error", "non-strict"].includes(entry.verdict)) entry.node.open = true;
});
document.getElementById("close-all").addEventListener("click", () => { for (const entry of index) entry.node.open = false; });
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
  event.preventDefault();
  document.getElementById("search").focus();
});
window.addEventListener("hashchange", follow);

const overall = document.getElementById("overall-latencies");
if (run.latencies.length > 0) {
  overall.hidden = false;
  overall.addEventListener("toggle", () => { if (overall.open && overall.childElementCount === 1) overall.append(...latencies(run.latencies).filter(Boolean)); });
}
filter();
follow();
