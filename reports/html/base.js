"use strict";
// Small tools. Text from the report reaches the page through text nodes and attributes alone, never as markup.

const run = JSON.parse(document.getElementById("run").textContent);

function append(node, children) {
  for (const child of children.flat(Infinity)) if (child !== null && child !== undefined && child !== false) node.append(child);
  return node;
}

function set(node, attributes) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  return node;
}

function el(tag, attributes, ...children) { return append(set(document.createElement(tag), attributes), children); }

function svg(tag, attributes, ...children) {
  return append(set(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes), children);
}

// "412 us", "3.1 ms", "1.2 s", "2 min 5 s", "3 h 2 min", "5 d 3 h", as the other reports write it.
function span(us) {
  if (us === 0) return "0 s";
  if (us < 1) return Math.round(us * 1000) + " ns";
  const small = (value) => (value < 9.95 ? Math.round(value * 10) / 10 : Math.round(value));
  for (const [size, limit, name] of [[1, 1000, "us"], [1e3, 1000, "ms"], [1e6, 60, "s"]])
    if (small(us / size) < limit) return small(us / size) + " " + name;
  const two = (count, ratio, large, little) =>
    Math.floor(count / ratio) + " " + large + (count % ratio ? " " + (count % ratio) + " " + little : "");
  const seconds = Math.round(us / 1e6);
  if (seconds < 3600) return two(seconds, 60, "min", "s");
  const minutes = Math.round(seconds / 60);
  if (minutes < 1440) return two(minutes, 60, "h", "min");
  return two(Math.round(minutes / 60), 24, "d", "h");
}

// Since the start of the scenario: "1.234", "2:03.004", "1:02:03.004", "5 d 03:00:00.000"; to the microsecond where asked: "0.000250".
function clock(us, precisely) {
  const milliseconds = Math.floor(us / 1000);
  const pad = (number, width) => String(number).padStart(width, "0");
  const s = Math.floor(milliseconds / 1000), m = Math.floor(s / 60), h = Math.floor(m / 60), d = Math.floor(h / 24);
  const fraction = precisely ? "." + pad(Math.floor(us) % 1e6, 6) : "." + pad(milliseconds % 1000, 3);
  if (m === 0) return s + fraction;
  if (h === 0) return m + ":" + pad(s % 60, 2) + fraction;
  if (d === 0) return h + ":" + pad(m % 60, 2) + ":" + pad(s % 60, 2) + fraction;
  return d + " d " + pad(h % 24, 2) + ":" + pad(m % 60, 2) + ":" + pad(s % 60, 2) + fraction;
}

function plural(count, noun) { return count.toLocaleString("en") + " " + noun + (count === 1 ? "" : "s"); }

async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Some browsers refuse the clipboard to pages from disk; the old way still works there.
    const area = el("textarea", { class: "off-screen", readonly: true });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  const before = button.textContent;
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = before; }, 1500);
}

function copyButton(text, label) {
  return el("button", { type: "button", class: "copy", onclick: (event) => copy(text, event.currentTarget) }, label);
}
