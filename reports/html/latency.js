// Latencies of steps as a chart with its numbers beside it. One chart a clock: virtual and wall are two different things.

const CHART = { left: 96, plot: 460, right: 16, row: 26, top: 8, axis: 26 };

// A scale from microseconds to pixels: logarithmic where the values differ so much that a linear one would hide most of them.
function latencyScale(rows) {
  const all = rows.flatMap((row) => (row.values ? row.values : [row.p50, row.p90, row.p99, row.max]));
  const high = Math.max(...all, 0.001);
  const low = Math.min(...all.filter((value) => value > 0), high);
  if (high / low <= 50) {
    const step = niceStep(high / 4);
    const end = Math.ceil(high / step - 1e-9) * step;
    const ticks = Array.from({ length: Math.round(end / step) + 1 }, (_, i) => i * step);
    return { kind: "linear", ticks, at: (us) => (us / end) * CHART.plot };
  }
  const first = Math.floor(Math.log10(low) + 1e-9), last = Math.ceil(Math.log10(high) - 1e-9);
  const every = Math.ceil((last - first) / 6);
  const ticks = [];
  for (let power = first; power <= last; power += every) ticks.push(10 ** power);
  return {
    kind: "logarithmic",
    ticks,
    at: (us) => (us <= 0 ? 0 : ((Math.max(Math.log10(us), first) - first) / (last - first)) * CHART.plot),
  };
}

function niceStep(rough) {
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999) * power;
}

function latencyMarks(row, scale, y) {
  const x = (us) => CHART.left + scale.at(us);
  if (row.values) {
    return row.values.map((value) =>
      svg("circle", { class: "dot", cx: x(value), cy: y, r: 4.5 }, svg("title", {}, row.step + ": " + span(value))));
  }
  const tip = (name, value) => svg("title", {}, row.step + " " + name + ": " + span(value));
  const tick = (name, value, height) =>
    svg("line", { class: name, x1: x(value), x2: x(value), y1: y - height, y2: y + height }, tip(name, value));
  return [
    svg("line", { class: "whisker", x1: x(row.p50), x2: x(row.max), y1: y, y2: y }),
    svg("rect", { class: "bulk", x: CHART.left, y: y - 5, width: Math.max(1, scale.at(row.p50)), height: 10 }, tip("p50", row.p50)),
    svg("rect", { class: "upper", x: x(row.p50), y: y - 5, width: Math.max(0, scale.at(row.p90) - scale.at(row.p50)), height: 10 },
      tip("p90", row.p90)),
    tick("p99", row.p99, 7),
    tick("max", row.max, 5),
  ];
}

function latencyChart(rows, clockName) {
  const scale = latencyScale(rows);
  const bottom = CHART.top + rows.length * CHART.row;
  const width = CHART.left + CHART.plot + CHART.right + 24;
  const picture = svg("svg", {
    class: "latency", role: "img", viewBox: `0 0 ${width} ${bottom + CHART.axis}`, width, height: bottom + CHART.axis,
    "aria-label": `Latencies per step, ${clockName} clock, ${scale.kind} scale; the table beside holds the numbers`,
  });
  for (const tick of scale.ticks) {
    const x = CHART.left + scale.at(tick);
    picture.append(svg("line", { class: "grid", x1: x, x2: x, y1: CHART.top, y2: bottom }),
      svg("text", { class: "tick", x, y: bottom + 16, "text-anchor": "middle" }, span(tick)));
  }
  rows.forEach((row, i) => {
    const y = CHART.top + i * CHART.row + CHART.row / 2;
    picture.append(svg("text", { class: "step", x: CHART.left - 8, y: y + 4, "text-anchor": "end" }, row.step),
      ...latencyMarks(row, scale, y));
  });
  return { picture, scale: scale.kind };
}

function latencyTable(rows) {
  const head = ["step", "count", "p50", "p90", "p99", "max"];
  const cells = (row) =>
    row.values
      ? [el("td", { colspan: 4 }, row.values.map(span).join(", "))]
      : ["p50", "p90", "p99", "max"].map((key) => el("td", { class: "number" }, span(row[key])));
  return el("table", { class: "numbers" },
    el("thead", {}, el("tr", {}, head.map((name, i) => el("th", { scope: "col", class: i ? "number" : null }, name)))),
    el("tbody", {}, rows.map((row) => el("tr", {}, el("th", { scope: "row" }, row.step), el("td", { class: "number" }, row.count), cells(row)))));
}

// rows: [{step, clock, count, p50, p90, p99, max, values}]
function latencies(rows) {
  const meaning = {
    virtual: "virtual clock: what the simulated links and the script make of it",
    wall: "wall clock: real time, the client's own apart from waiting for the peer",
  };
  return ["virtual", "wall"].map((clockName) => {
    const mine = rows.filter((row) => row.clock === clockName);
    if (mine.length === 0) return null;
    const { picture, scale } = latencyChart(mine, clockName);
    const parts = [];
    if (mine.some((row) => !row.values))
      parts.push(el("span", { class: "key bulk" }, "up to p50"), el("span", { class: "key upper" }, "to p90"),
        el("span", { class: "key p99" }, "p99"), el("span", { class: "key max" }, "max"));
    if (mine.some((row) => row.values)) parts.push(el("span", { class: "key dot" }, "one value (under ten: each is shown)"));
    return el("div", { class: "latencies" },
      el("p", { class: "caption" }, meaning[clockName] + "; " + scale + " scale ", parts),
      el("div", { class: "side-by-side" }, el("div", { class: "scroll" }, picture), el("div", { class: "scroll" }, latencyTable(mine))));
  });
}
