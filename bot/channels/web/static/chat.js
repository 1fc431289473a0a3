// Puts the page together: what is shown, what is sent, and where the focus goes.
import { Chips } from "./chips.js";
import { Composer } from "./composer.js";
import { Line } from "./line.js";
import { Numbers } from "./numbers.js";
import { element, onlyCoarse } from "./page.js";
import { Transcript } from "./transcript.js";
import { Unsent } from "./unsent.js";

const name = document.documentElement.dataset.name;
const session = document.documentElement.dataset.session;
const banner = element("banner"), writing = element("writing"), welcome = element("welcome"), begin = element("begin");
let isReached = true, isLost = false, unread = 0, writingTimer = 0, code = null;

const transcript = new Transcript(name, { onResend: () => unsent.flush(true) });
const chips = new Chips({ onPress: press, onLeave: () => composer.focus() });
const composer = new Composer({ onSend: write, onUp: () => chips.focus() });
const unsent = new Unsent({ onChange: drawUnsent, onSent: sent, onReach: reach, onLost: lost });
const line = new Line(session, { onNews: take, onReach: reach, onLost: lost, onOther: () => location.reload() });
const numbers = new Numbers();

function send(message) {
  welcome.hidden = true;
  element("announce").textContent = "";
  chips.hide();
  unsent.add(code ? { ...message, code } : message);
  code = null;
  transcript.toEnd(true);
}

function write(text) {
  chips.expectFocus(false);
  send({ text });
}

// The focus moves before the pressed button goes, and on a telephone not into the text box.
function press(message, byKeyboard) {
  if (byKeyboard || !onlyCoarse()) composer.focus();
  else element("scroll").focus({ preventScroll: true });
  chips.expectFocus(byKeyboard);
  send(message);
}

function sent(item, answer) {
  transcript.sent(item);
  if (answer.session !== session) location.reload();
  else line.hurry();
}

function drawUnsent(items) {
  transcript.drawLocal(items);
  drawBanner();
}

function take(news, isFirst) {
  const mark = transcript.isAtEnd();
  const added = transcript.add(news.messages, isFirst);
  if (isFirst) opened(news);
  const theirs = added.filter((message) => message.from === "coach");
  for (const message of added) {
    if (message.from === "you") chips.hide();
    else if (message.buttons) chips.show(message, transcript.wordsId(message));
  }
  if (added.length) {
    element("afresh").hidden = false;
    transcript.toEnd(mark || isFirst);
    chips.takeFocus(composer.isIdle());
  }
  showWriting(news.writing);
  if (document.hidden && !isFirst) badge(unread + theirs.length);
  if (!isFirst && theirs.length && !chips.isHidden()) chips.announce(element("announce"));
}

function opened(news) {
  const isNew = !news.messages.length && !unsent.items.length;
  welcome.hidden = !isNew;
  composer.enable();
  if (!isNew && !onlyCoarse() && document.activeElement === document.body) composer.focus();
}

function showWriting(on) {
  clearTimeout(writingTimer);
  if (!on) writing.replaceChildren();
  else if (!writing.childElementCount) writingTimer = setTimeout(drawWriting, 250);  // a quick answer needs no sign
}

function drawWriting() {
  const mark = transcript.isAtEnd();
  const dots = document.createElement("span"), words = document.createElement("span");
  dots.className = "dots";
  dots.setAttribute("aria-hidden", "true");
  dots.append(...Array.from({ length: 3 }, () => document.createElement("i")));
  words.textContent = `${name} is writing`;
  writing.replaceChildren(words, dots);
  if (mark) transcript.toEnd(true);
}

function reach(is) {
  if (is && !isReached) unsent.flush();
  isReached = is;
  drawBanner();
}

function lost() {
  isLost = true;
  line.stop();
  drawBanner();
}

function drawBanner() {
  const state = isLost ? "lost" : isReached && navigator.onLine ? "" : "offline";
  if (banner.dataset.state === state) return;
  banner.dataset.state = state;
  banner.replaceChildren();
  if (state === "offline") banner.textContent = "No connection. What you write stays on this page and is sent when you are back online.";
  if (state === "lost") {
    const link = document.createElement("a");
    link.href = "/try";
    link.textContent = "Open it again.";
    banner.append("This page has lost its conversation: it needs its cookie. ", link);
  }
}

function badge(count) {
  unread = count;
  document.title = count ? `(${count}) ${name}` : name;
}

function startAfresh() {
  const sheet = element("afresh-sheet");
  element("afresh").addEventListener("click", () => sheet.showModal());
  element("afresh-yes").addEventListener("click", async () => {
    try {
      const answer = await fetch("/try/afresh", { method: "POST" });
      if (!answer.ok) throw new Error("refused");
      unsent.forget();
      location.reload();
    } catch {
      sheet.close();
      reach(false);
    }
  });
}

// A link from the clinic ends in #join=CODE: after "#", so that no server or log sees it; it goes with the first message.
const link = /^#join=([A-Za-z0-9_-]{4,64})$/.exec(location.hash);
if (link) {
  code = link[1];
  history.replaceState(null, "", location.pathname);
}
for (const button of document.querySelectorAll("[data-close]")) button.addEventListener("click", () => button.closest("dialog").close());
begin.addEventListener("click", (event) => {
  press({ text: "Hello" }, event.detail === 0);
});
addEventListener("online", () => { reach(true); line.hurry(true); unsent.flush(true); });
addEventListener("offline", () => reach(false));
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  badge(0);
  line.hurry(true);
});
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
startAfresh();
numbers.prepare();
drawUnsent(unsent.items);
line.start().then(() => unsent.flush());
