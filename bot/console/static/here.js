// Who has an escalation open: its page says so while it can be seen, and page and queue show who else does.
"use strict";

const BEAT_MS = 20000; // the server takes somebody to be gone after 45 s
const mine = document.querySelector("[data-here]");
let seen = false;

function token() {
  return new URLSearchParams({ csrf: document.querySelector("input[name=csrf]").value });
}

async function answerOf(address, how) {
  try {
    const answer = await fetch(address, { cache: "no-store", redirect: "error", ...how });
    return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  } catch {
    return null; // no connection, or logged out: what stands there gets old, and the next step says so
  }
}

function put(place, words) {
  if (place.textContent !== words) place.textContent = words;
}

async function beat() {
  if (document.hidden) return;
  if (mine) {
    seen = true;
    const answer = await answerOf(`${mine.dataset.here}/here`, { method: "POST", body: token() });
    if (answer) put(mine, answer.body.textContent.trim());
    return;
  }
  const answer = await answerOf("/console/here", {});
  if (!answer) return;
  for (const place of document.querySelectorAll("[data-here-of]")) {
    const words = answer.getElementById(`here-${place.dataset.hereOf}`);
    put(place, words ? words.textContent : "");
  }
}

function leave() {
  if (mine && seen) navigator.sendBeacon(`${mine.dataset.here}/gone`, token());
  seen = false;
}

document.addEventListener("visibilitychange", () => (document.hidden ? leave() : beat()));
window.addEventListener("pagehide", leave);
window.addEventListener("pageshow", (event) => event.persisted && beat());
setInterval(beat, BEAT_MS);
beat();
