// What a scenario shows when it is opened.

const CLOSING = {
  "clean": "every connection ended in good order",
  "unclean": "a connection ended without QUIT or without close_notify",
  "aborted": "a connection was cut",
  "timed-out": "a connection ended because patience ran out",
};

function section(title, ...children) {
  return el("section", {}, el("h3", {}, title), children);
}

function sourceBlock(finding) {
  if (!finding.source_line) return null;
  const caret = finding.caret_column ? "\n" + " ".repeat(finding.caret_column - 1) + "^" : "";
  return el("pre", { class: "source" }, el("code", {}, finding.source_line, el("b", {}, caret)));
}

function place(finding) {
  if (!finding.file) return null;
  const position = finding.line ? ":" + finding.line + ":" + (finding.column || 1) : "";
  return el("span", { class: "place" }, finding.file + position + (finding.row ? " (" + finding.row + ")" : ""));
}

function comparison(finding) {
  if (finding.expected === null && finding.actual === null) return null;
  const value = (text) => (text === "" ? el("i", {}, "nothing") : text);
  return el("dl", { class: "comparison" },
    el("dt", {}, "expected"), el("dd", { class: "expected" }, value(finding.expected)),
    el("dt", {}, "actual"), el("dd", { class: "actual" }, value(finding.actual)));
}

function findingCard(finding) {
  return el("article", { class: "finding level-" + finding.level.toLowerCase() },
    el("h4", {}, el("span", { class: "kind" }, finding.kind), el("span", { class: "name" }, finding.name),
      el("span", { class: "level" }, finding.level)),
    el("p", { class: "message" }, finding.message),
    place(finding), sourceBlock(finding), comparison(finding),
    finding.last_exchanges.length > 0 && el("div", {}, el("h5", {}, "Last exchanges"),
      el("pre", { class: "exchanges" }, finding.last_exchanges.join("\n"))),
    finding.nearest_rule && el("p", { class: "nearest" }, el("b", {}, "A rule that did not fire: "), finding.nearest_rule));
}

function facts(scenario) {
  const row = (name, ...value) => [el("dt", {}, name), el("dd", {}, value)];
  const chips = (texts) => texts.map((text) => el("span", { class: "chip" }, text));
  return el("dl", { class: "facts" },
    scenario.why && row("why", scenario.why),
    row("verdict", scenario.verdict, scenario.reason ? ": " + scenario.reason : ""),
    row("closing", scenario.closing, el("span", { class: "muted" }, " – " + CLOSING[scenario.closing])),
    scenario.hint && row("hint", scenario.hint),
    scenario.covers.length > 0 && row("covers", chips(scenario.covers)),
    scenario.file && row("file", el("code", {}, scenario.file)),
    Object.entries(scenario.accounts).map(([name, account]) =>
      row("account " + name, account.state, account.message ? el("span", { class: "muted" }, " – " + account.message) : "")),
    row("seed", el("code", {}, scenario.seed)),
    scenario.digest && row("digest", el("code", { class: "digest" }, scenario.digest)),
    scenario.replay && row("again", el("code", { class: "command" }, scenario.replay), copyButton(scenario.replay, "Copy")));
}

function detail(scenario) {
  const rows = Object.entries(scenario.latencies).map(([step, values]) => ({ step, ...values }));
  const notes = Object.entries(scenario.notes);
  return [
    scenario.findings.length > 0 && section(scenario.findings.length === 1 ? "Finding" : "Findings", scenario.findings.map(findingCard)),
    section("About", facts(scenario)),
    scenario.story.length > 0 && section("Story", el("ol", { class: "story" }, scenario.story.map((step) => el("li", {}, step)))),
    section("Transcript", transcript(scenario.transcript)),
    rows.length > 0 && section("Latencies", latencies(rows)),
    notes.length > 0 && section("Notes", el("dl", { class: "facts" }, notes.map(([name, note]) => [el("dt", {}, name), el("dd", {}, note)]))),
  ];
}
