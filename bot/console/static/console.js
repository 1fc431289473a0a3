// Keeps queue and chat live, and ages and limits true. Without this file every page and button still works.
"use strict";

const EVERY_MS = 3000;
const LISTENING_MS = 15000; // while the server tells of changes: for what only time changes
const SENT_MS = 5000;
const AGES_MS = 15000;

function ageWords(minutes) {
  if (minutes < 1) return "less than a minute";
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h${minutes % 60 ? ` ${minutes % 60} min` : ""}`;
  const days = Math.floor(minutes / 1440);
  return days === 1 ? "1 day" : `${days} days`;
}

// How far the server's clock is ahead of this device's, in ms.
let ahead = Date.parse(document.body.dataset.now) - Date.now();

function setWords(time, words) {
  if (time.textContent !== words) time.textContent = words;
}

function setAges() {
  const now = Date.now() + ahead;
  for (const time of document.querySelectorAll("time[data-age]"))
    setWords(time, ageWords(Math.max(0, Math.floor((now - Date.parse(time.dateTime)) / 60000))));
  for (const time of document.querySelectorAll("time[data-due]")) {
    const left = (Date.parse(time.dateTime) - now) / 60000;
    const words = ageWords(Math.floor(Math.abs(left)));
    setWords(time, left > 0 ? `in ${words}` : `overdue by ${words}`);
    time.classList.toggle("is-late", left <= 0);
  }
}

function tell(id, words) {
  const place = document.getElementById(id);
  if (place && place.textContent !== words) place.textContent = words;
}

function showPart(live, html) {
  const held = document.activeElement && live.contains(document.activeElement) ? document.activeElement.id : "";
  const before = Number(live.firstElementChild.dataset.count);
  const page = new DOMParser().parseFromString(html, "text/html");
  const next = page.querySelector("[data-mark]");
  if (!next) return;
  const alarms = page.getElementById("alarms");
  if (alarms) document.getElementById("alarms").replaceWith(document.importNode(alarms, true));
  const open = Array.from(live.querySelectorAll("details[open]"), (one) => one.id);
  live.replaceChildren(document.importNode(next, true));
  for (const one of live.querySelectorAll("details")) one.open = open.includes(one.id);
  const focused = held && document.getElementById(held);
  if (focused) focused.focus({ preventScroll: true });
  ahead = Date.parse(next.dataset.now) - Date.now();
  if ("queue" in live.dataset) countQueue(live, Number(next.dataset.count), before);
  setAges();
}

function countQueue(live, count, before) {
  document.title = `${count ? `(${count}) ` : ""}Queue · ${live.dataset.site}`;
  if (count > before && isOn("sound")) sound();
  if (count !== before) tell("heard", count ? `${count} waiting in the queue now.` : "Nothing waits in the queue now.");
}

function say(offline, live) {
  if (!offline) return;
  if (live) {
    const seen = new Date(Number(live.dataset.seen)).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    tell("offline-words", `What you see is of ${seen} on this device’s clock.`);
  }
  offline.hidden = !live;
}

async function refresh(live) {
  const offline = document.getElementById("offline");
  try {
    const address = new URL(live.dataset.live, location.href);
    address.searchParams.set("mark", live.firstElementChild.dataset.mark);
    const answer = await fetch(address, { cache: "no-store", redirect: "error" });
    if (answer.status === 401) {
      location.assign("/console/login");
      return false;
    }
    const closed = document.getElementById("closed");
    if (answer.status === 403 && closed) {
      closed.hidden = false;
      say(offline, null);
      return false;
    }
    if (answer.status === 200) showPart(live, await answer.text());
    else if (answer.status !== 204) throw new Error("refused");
    live.dataset.seen = String(Date.now());
    say(offline, null);
  } catch {
    say(offline, live);
  }
  return true;
}

// Whether the server's stream of changes is open. Where it is not, pages ask by themselves, more often.
let hears = false;

function keepLive(live) {
  live.dataset.seen = String(Date.now());
  let next = 0, asking = false, missed = false, ended = false;
  const ask = async () => {
    if (ended) return;
    if (asking) {
      missed = true;
      return;
    }
    asking = true;
    clearTimeout(next);
    ended = !(await refresh(live));
    asking = false;
    if (ended) return;
    if (missed) {
      missed = false;
      ask();
    } else next = setTimeout(ask, hears ? LISTENING_MS : EVERY_MS);
  };
  next = setTimeout(ask, EVERY_MS);
  return ask;
}

function listen(asks) {
  const changes = new EventSource("/console/stream");
  const ask = () => asks.forEach((again) => again());
  changes.addEventListener("open", () => {
    hears = true;
    ask(); // what changed while nobody listened
  });
  changes.addEventListener("error", () => {
    hears = false;
    ask(); // the browser opens the stream again by itself; until then pages ask, and say so where nobody answers
  });
  changes.addEventListener("changed", ask);
  for (const name of ["offline", "online"]) // an open stream does not notice by itself that the network is gone
    window.addEventListener(name, () => {
      hears = name === "online" && changes.readyState === EventSource.OPEN;
      ask();
    });
  // A page that is only kept for the back button must not hold a connection.
  window.addEventListener("pagehide", () => changes.close());
}

// A second tap on a button sends nothing twice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) event.preventDefault();
  else {
    form.dataset.sent = "yes";
    setTimeout(() => delete form.dataset.sent, SENT_MS); // a file that was taken out leaves the page as it is
  }
});
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

const asks = Array.from(document.querySelectorAll("[data-live]"), keepLive);
if (asks.length && "EventSource" in window) {
  listen(asks);
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) listen(asks);
  });
}
const notice = document.querySelector(".notice[autofocus]");
if (notice) notice.focus();
setInterval(setAges, AGES_MS);

// Sound and keys, each to be turned off, and off until somebody wants them: single keys can be in the way (WCAG 2.1.4).
const WISHES = { sound: "evenday-sound", keys: "evenday-keys" };

function isOn(wish) {
  try {
    return localStorage.getItem(WISHES[wish]) === "on";
  } catch {
    return false; // a browser that keeps nothing
  }
}

function offerWish(button) {
  const wish = button.dataset.wish;
  const show = () => button.setAttribute("aria-pressed", String(isOn(wish)));
  button.addEventListener("click", () => {
    try {
      localStorage.setItem(WISHES[wish], isOn(wish) ? "off" : "on");
    } catch {
      return;
    }
    show();
    if (wish === "sound" && isOn(wish)) sound();
  });
  show();
  button.hidden = false;
}

let speaker = null;

// Two short tones. A browser lets a page sound only after a first click or key on it.
function sound() {
  speaker ??= new AudioContext();
  for (const [at, hertz] of [[0, 660], [0.2, 880]]) {
    const tone = speaker.createOscillator(), loudness = speaker.createGain();
    tone.frequency.value = hertz;
    loudness.gain.value = 0.2;
    tone.connect(loudness).connect(speaker.destination);
    tone.start(speaker.currentTime + at);
    tone.stop(speaker.currentTime + at + 0.15);
  }
}

function step(by) {
  const every = Array.from(document.querySelectorAll("main a.row"));
  const rows = every.filter((row) => !row.closest("details:not([open])")); // what is folded away takes no focus
  const at = rows.indexOf(document.activeElement);
  const next = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + by))];
  if (next) next.focus();
}

function goTo(section) {
  const field = document.querySelector(`#${section} textarea, #${section} input:not([type=hidden]), #${section} button`);
  if (field) field.focus();
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  n: () => goTo("note-step"),
  c: () => goTo("contact-step"),
  q: () => location.assign("/console/"),
};

document.addEventListener("keydown", (event) => {
  const types = event.target.closest && event.target.closest("input, textarea, select");
  if (types || event.ctrlKey || event.metaKey || event.altKey || !isOn("keys") || !(event.key in KEYS)) return;
  event.preventDefault();
  KEYS[event.key]();
});

document.querySelectorAll("[data-wish]").forEach(offerWish);
