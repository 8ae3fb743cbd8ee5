// The dialogue on one time axis. Every server has a column; connections that are open at the same time stand side by side.

const ROWS_AT_ONCE = 400;  // what a browser lays out without a pause; a button brings more

function serverOf(connection) { return connection.replace(/#\d+$/, ""); }

// One lane a server, and more where connections to it overlap. Returns lanes in the order in which the servers first appear.
function lanesOf(entries) {
  const spans = new Map();
  entries.forEach((entry, i) => {
    if (!entry.connection) return;
    const seen = spans.get(entry.connection);
    if (seen) seen.last = i;
    else spans.set(entry.connection, { name: entry.connection, first: i, last: i });
  });
  const servers = new Map();
  for (const connection of spans.values()) {
    const server = serverOf(connection.name);
    if (!servers.has(server)) servers.set(server, []);
    const lanes = servers.get(server);
    let lane = lanes.find((candidate) => candidate.end < connection.first);
    if (!lane) lanes.push((lane = { server, connections: [] }));
    lane.connections.push(connection);
    lane.end = connection.last;
  }
  const lanes = [...servers.values()].flat();
  const laneOf = new Map();
  lanes.forEach((lane, i) => lane.connections.forEach((connection) => laneOf.set(connection.name, i)));
  return { lanes, laneOf };
}

// What a mark looks like: the rig's entries begin with what they are.
function kindOf(entry) {
  if (entry.who !== "rig") return entry.who;
  if (/^fault\b/.test(entry.text)) return "fault";
  return entry.connection ? "rig" : "action";
}

// From time to pixels: linear while something happens; a long silence is cut out and labelled with its length.
function timeAxis(entries) {
  const gaps = entries.slice(1).map((entry, i) => entry.at_us - entries[i].at_us).sort((a, b) => a - b);
  const usual = gaps.length ? gaps[Math.floor(gaps.length / 2)] : 0;
  const silence = Math.max(1e6, 20 * usual);
  const clusters = [];
  entries.forEach((entry, i) => {
    const cluster = clusters[clusters.length - 1];
    if (cluster && entry.at_us - cluster.end <= silence) {
      cluster.end = entry.at_us;
      cluster.count += 1;
    } else {
      clusters.push({ start: entry.at_us, end: entry.at_us, count: 1, gap: cluster ? entry.at_us - cluster.end : 0 });
    }
  });
  const cut = clusters.length > 40 ? 10 : 64;
  const natural = clusters.map((cluster) => Math.min(700, cluster.end > cluster.start ? Math.max(16, cluster.count * 9) : 4));
  const total = natural.reduce((sum, width) => sum + width, 0);
  // As wide as the page where that leaves an entry its place; wider, and scrolled, where it does not.
  const stretch = Math.max(0.6, (1000 - cut * (clusters.length - 1)) / total);
  let x = 0;
  clusters.forEach((cluster, i) => {
    if (i > 0) x += cut;
    cluster.x = x;
    cluster.width = natural[i] * (cluster.end > cluster.start ? stretch : 1);
    x += cluster.width;
  });
  let current = 0;
  return {
    clusters, cut, width: x,
    at(us) {  // called with ascending times
      if (us < clusters[current].start) current = 0;
      while (current + 1 < clusters.length && us >= clusters[current + 1].start) current += 1;
      const cluster = clusters[current];
      return cluster.x + (cluster.end > cluster.start ? ((us - cluster.start) / (cluster.end - cluster.start)) * cluster.width : cluster.width / 2);
    },
  };
}

function overview({ entries, gaps }, { lanes, laneOf }, jump) {
  const left = 110, row = 24, top = 8, axisHeight = 24;
  const axis = timeAxis(entries);
  const names = ["rig", ...lanes.map((lane) => lane.server)];
  const bottom = top + names.length * row;
  const width = left + axis.width + 24;
  const laneY = (i) => top + i * row + row / 2;
  const picture = svg("svg", { class: "overview", viewBox: `0 0 ${width} ${bottom + axisHeight}`, width, height: bottom + axisHeight,
    role: "img", "aria-label": "All connections on one time axis; the table below holds the same entries" });

  names.forEach((name, i) => {
    picture.append(svg("line", { class: "grid", x1: left, x2: width, y1: laneY(i), y2: laneY(i) }),
      svg("text", { class: "step", x: left - 8, y: laneY(i) + 4, "text-anchor": "end" }, name.length > 15 ? name.slice(0, 14) + "…" : name));
  });
  let labelled = -Infinity;
  for (const cluster of axis.clusters) {
    const x = left + cluster.x;
    if (cluster.gap > 0) {
      picture.append(svg("rect", { class: "silence", x: x - axis.cut + 2, y: top, width: axis.cut - 4, height: bottom - top },
        svg("title", {}, span(cluster.gap) + " without an entry")));
      if (axis.cut > 40) picture.append(svg("text", { class: "tick", x: x - axis.cut / 2, y: top + 10, "text-anchor": "middle" }, span(cluster.gap)));
    }
    if (x - labelled < 90) continue;
    labelled = x;
    picture.append(svg("line", { class: "grid", x1: x, x2: x, y1: top, y2: bottom }), svg("text", { class: "tick", x, y: bottom + 16 }, clock(cluster.start)));
  }
  for (const { after, elided } of gaps) {
    if (after === 0 || after >= entries.length) continue;
    const from = left + axis.at(entries[after - 1].at_us), to = left + axis.at(entries[after].at_us);
    picture.append(svg("rect", { class: "elided", x: from, y: top, width: Math.max(3, to - from), height: bottom - top },
      svg("title", {}, entriesOf(elided) + " left out")));
  }
  lanes.forEach((lane, i) => lane.connections.forEach((connection) => {
    const from = left + axis.at(entries[connection.first].at_us), to = left + axis.at(entries[connection.last].at_us);
    picture.append(svg("rect", { class: "connection", x: from - 4, y: laneY(i + 1) - 10, width: to - from + 8, height: 20, rx: 4,
      onclick: () => jump(connection.first) },
      svg("title", {}, connection.name + ", " + span(entries[connection.last].at_us - entries[connection.first].at_us))));
  }));
  entries.forEach((entry, i) => {
    const x = left + axis.at(entry.at_us), y = laneY(entry.connection ? laneOf.get(entry.connection) + 1 : 0), kind = kindOf(entry);
    const shape = kind === "fault" ? { d: `M${x - 6} ${y + 6}h12l-6 -12z` }
      : kind === "action" ? { d: `M${x} ${y - 7}l6 7l-6 7l-6 -7z` }
      : { d: `M${x - 1.5} ${y - 7}h3v14h-3z` };
    picture.append(svg("path", { class: "mark " + kind, d: shape.d, onclick: () => jump(i) },
      svg("title", {}, clock(entry.at_us) + " " + (entry.connection || "") + " " + entry.text)));
  });
  return picture;
}

function entriesOf(count) { return count === 1 ? "1 entry" : count.toLocaleString("en") + " entries"; }

const WHO = { client: "C", server: "S", fault: "▲", rig: "*", action: "*" };

function transcript(data) {
  const entries = data.entries;
  if (entries.length === 0) return [el("p", { class: "muted" }, "Nothing was recorded.")];
  const layout = lanesOf(entries);
  const precisely = entries[entries.length - 1].at_us < 1e6;
  const grid = el("div", { class: "dialogue", role: "table", "aria-label": "Transcript" });
  grid.style.gridTemplateColumns = "max-content " + (layout.lanes.length ? `repeat(${layout.lanes.length}, minmax(17rem, 1fr))` : "1fr");
  grid.append(el("div", { class: "head", role: "row" }, el("div", { role: "columnheader" }, "time"),
    layout.lanes.map((lane) => el("div", { role: "columnheader" }, lane.server))));
  const laneCount = Math.max(1, layout.lanes.length);
  const elidedBefore = new Map(data.gaps.map((gap) => [gap.after, gap.elided]));
  const rows = [];
  const open = new Array(laneCount).fill(null);

  const band = (text, kind) => grid.append(el("div", { class: "band " + kind, role: "row" }, el("div", { role: "cell" }, text)));
  function row(i) {
    const entry = entries[i], kind = kindOf(entry);
    const since = i > 0 ? entry.at_us - entries[i - 1].at_us : 0;
    if (elidedBefore.has(i)) band(entriesOf(elidedBefore.get(i)) + " of " + span(since) + " left out", "elided");
    else if (since >= 1e6) band(span(since) + " later", "later");
    const lane = entry.connection ? layout.laneOf.get(entry.connection) : -1;
    const column = lane >= 0 ? String(lane + 2) : `2 / span ${laneCount}`;
    if (lane >= 0 && open[lane] !== entry.connection) {
      open[lane] = entry.connection;
      const name = el("div", { role: "cell", class: "connection" }, entry.connection);
      name.style.gridColumn = column;
      grid.append(el("div", { class: "row", role: "row" }, el("div", { role: "cell", class: "time" }), name));
    }
    const cell = el("div", { role: "cell", class: "entry " + kind }, el("span", { class: "who" }, WHO[kind]), el("span", { class: "text" }, entry.text));
    cell.style.gridColumn = column;
    const time = el("div", { role: "cell", class: "time", title: entry.at_us + " us" }, clock(entry.at_us, precisely));
    rows[i] = el("div", { class: "row", role: "row" }, time, cell);
    grid.append(rows[i]);
  }
  let shown = 0;
  const more = el("button", { type: "button", class: "more", onclick: () => show(shown + ROWS_AT_ONCE) });
  function show(until) {
    for (; shown < Math.min(until, entries.length); ++shown) row(shown);
    more.hidden = shown === entries.length;
    more.textContent = "Show more (" + entriesOf(entries.length - shown) + " follow)";
  }
  function jump(i) {
    show(i + 50);
    rows[i].scrollIntoView({ block: "center" });
    rows[i].classList.add("found");
    setTimeout(() => rows[i].classList.remove("found"), 2500);
  }
  show(ROWS_AT_ONCE);
  return [
    el("p", { class: "caption" }, "Time since the start. ",
      el("span", { class: "key client" }, "C client"), el("span", { class: "key server" }, "S server"),
      el("span", { class: "key action" }, "* step, action or state"), el("span", { class: "key fault" }, "▲ fault"),
      "Click a mark to see its line."),
    el("div", { class: "scroll" }, overview(data, layout, jump)),
    el("div", { class: "scroll" }, grid),
    more,
  ];
}
