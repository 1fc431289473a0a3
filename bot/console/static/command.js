// The command bar: one field that leads to pages, to steps of this page, and to people and cases by name or code.
// Without this file the patients page has a form that finds them, and every page its links.
"use strict";

const MOST_OPTIONS = 12;
const IS_CODE = /^(?=.*\d)[2-9a-hj-km-np-z]{5,6}$/i; // escalations' and patients' codes; a name holds no figure
const STEPS = "main h2, main summary, main a.button, main button:not([type=button])";
const bar = document.getElementById("command");
const field = document.getElementById("command-field");
const list = document.getElementById("command-list");
let options = [];
let active = 0;

// As names are compared by the server: without case and accents.
function plain(words) {
  return words.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().trim().replace(/\s+/g, " ");
}

function matches(words, typed) {
  const said = plain(words).split(/[^\p{L}\p{N}]+/u);
  return plain(typed).split(" ").every((part) => said.some((word) => word.startsWith(part)));
}

function show(step) {
  for (let box = step.closest("details"); box; box = box.parentElement.closest("details"))
    if (step.parentElement !== box || step.tagName !== "SUMMARY") box.open = true;
  if (step.tagName === "H2") step.tabIndex = -1;
  step.focus();
  step.scrollIntoView({ block: "center" });
}

function pages() {
  const links = document.querySelectorAll(".top .nav a, [data-pages] a, .who-link");
  return Array.from(links, (link) => ({
    words: (link.querySelector(".who-short") || link).textContent,
    kind: "Page",
    go: () => location.assign(link.href),
  }));
}

function steps() {
  const shown = Array.from(document.querySelectorAll(STEPS)).filter((step) => !step.closest("[hidden]"));
  return shown.map((step) => ({ words: step.textContent, kind: "On this page", go: () => show(step) }));
}

function search() {
  return { words: `Find “${field.value.trim()}” by name or code`, kind: "", go: null };
}

// What may be chosen now, each once, the likeliest first.
function chosen() {
  const typed = field.value.trim(), seen = new Set();
  const found = [...pages(), ...steps()].filter(({ words, kind }) => {
    const name = `${kind} ${plain(words)}`;
    return plain(words) && matches(words, typed) && !seen.has(name) && seen.add(name);
  });
  const first = found.slice(0, MOST_OPTIONS);
  if (!typed || !("finds" in bar.dataset)) return first;
  return IS_CODE.test(typed) ? [search(), ...first] : [...first, search()];
}

function option({ words, kind }, place) {
  const item = document.createElement("li"), note = document.createElement("span");
  item.id = `command-${place}`;
  item.setAttribute("role", "option");
  item.append(words.trim().replace(/\s+/g, " "));
  if (kind) {
    note.className = "soft";
    note.textContent = ` ${kind}`;
    item.append(note);
  }
  item.addEventListener("click", () => take(place));
  return item;
}

function activate(place) {
  active = options.length ? (place + options.length) % options.length : 0;
  for (const [n, item] of Array.from(list.children).entries()) {
    item.setAttribute("aria-selected", String(n === active));
    if (n === active) item.scrollIntoView({ block: "nearest" });
  }
  if (options.length) field.setAttribute("aria-activedescendant", `command-${active}`);
  else field.removeAttribute("aria-activedescendant");
}

function refill() {
  options = chosen();
  list.replaceChildren(...options.map(option));
  activate(0);
}

function take(place) {
  const { go } = options[place];
  if (!go) return field.form.requestSubmit();
  bar.close(); // which gives the focus back to where it was, before the step takes it
  return go();
}

function toggle() {
  if (bar.open) return bar.close();
  field.value = "";
  bar.showModal();
  refill();
  return field.focus();
}

const MOVES = { ArrowDown: 1, ArrowUp: -1 };

if (bar) {
  field.addEventListener("input", refill);
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key in MOVES) activate(active + MOVES[event.key]);
    else if (event.key === "Enter" && options.length) take(active);
    else if (event.key !== "Enter") return;
    event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    const types = event.target.closest && event.target.closest("input, textarea, select");
    const isK = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k";
    const isSlash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !types && isOn("keys");
    if (!isK && !isSlash) return;
    event.preventDefault();
    toggle();
  });
  for (const button of document.querySelectorAll("[data-command]")) {
    button.addEventListener("click", toggle);
    button.hidden = false;
  }
}
