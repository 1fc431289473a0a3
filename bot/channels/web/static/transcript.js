// The list of messages. Everything that anybody wrote goes in as textContent, never as markup.
import { element } from "./page.js";

const NEAR_END = 80;  // pixels
const LATELY = 600000;  // milliseconds

export class Transcript {
  constructor(name, { onResend }) {
    this.name = name;
    this.onResend = onResend;
    this.list = element("messages");
    this.scroll = element("scroll");
    this.newer = element("newer");
    this.shown = new Map();  // id → li, of what the server has
    this.locals = new Map();  // our own id → li, of what it has not told us of yet
    this.newer.addEventListener("click", () => { this.toEnd(true); this.scroll.focus({ preventScroll: true }); });
    this.scroll.addEventListener("scroll", () => { if (this.isAtEnd()) this.newer.hidden = true; });
  }

  wordsId(message) {
    return `words-${message.id}`;
  }

  // Adds what is new and returns it, in order.
  add(messages, isFirst) {
    const added = messages.filter((message) => !this.shown.has(message.id));
    for (const message of added) {
      const li = (message.from === "you" && this.adopt(message, isFirst)) || this.item(message.from, message.text);
      this.settle(li, message);
      this.place(li);
      this.shown.set(message.id, li);
    }
    if (added.length) this.tidy();
    if (isFirst) this.beginTelling();
    return added;
  }

  // From now on screen readers hear what is added; the old conversation is theirs to read.
  beginTelling() {
    const log = element("log");
    log.setAttribute("aria-busy", "false");
    setTimeout(() => log.setAttribute("aria-live", "polite"), 100);
  }

  // The server tells no id of ours, so the first of ours with these words becomes the message.
  // At first that may be an old one, unless it is of late.
  adopt(message, isFirst) {
    if (isFirst && Date.now() - new Date(message.at) > LATELY) return null;
    for (const [id, li] of this.locals) {
      if (li.querySelector(".words").textContent !== message.text) continue;
      this.locals.delete(id);
      return li;
    }
    return null;
  }

  item(from, text) {
    const li = document.createElement("li"), who = document.createElement("span"), bubble = document.createElement("div");
    const words = document.createElement("p"), when = document.createElement("div");
    li.className = `message ${from}`;
    who.className = "sr";
    who.textContent = from === "you" ? "You said:" : `${this.name} said:`;
    bubble.className = "bubble";
    words.className = "words";
    words.dir = "auto";
    words.textContent = text;
    when.className = "when";
    bubble.append(words);
    li.append(who, bubble, when);
    return li;
  }

  settle(li, message) {
    const at = new Date(message.at), time = document.createElement("time");
    li.classList.remove("unsent");
    li.dataset.at = message.at;
    li.querySelector(".words").id = this.wordsId(message);
    time.dateTime = message.at;
    time.textContent = at.toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
    li.querySelector(".when").replaceChildren(time);
    if (message.image) li.querySelector(".bubble").prepend(this.picture(message.image));
  }

  picture(address) {
    const picture = document.createElement("img");
    picture.className = "picture";
    picture.alt = "A chart. The message says the same in words.";
    picture.src = address;
    picture.addEventListener("load", () => { if (this.wasAtEnd) this.toEnd(true); });
    return picture;
  }

  // By time, before what the server does not have yet; nearly always that is the end.
  place(li) {
    let next = this.locals.size ? [...this.locals.values()][0] : null;
    let before = next ? next.previousElementSibling : this.list.lastElementChild;
    if (before === li) before = li.previousElementSibling;
    while (before && before !== li && (before.dataset.at ?? "") > li.dataset.at) {
      next = before;
      before = before.previousElementSibling;
    }
    if (next !== li && li.nextElementSibling !== next || !li.parentNode) this.list.insertBefore(li, next);
  }

  // Days, and which bubbles belong together: a time is seen once a minute (and heard with every message).
  tidy() {
    let day = null, last = null;
    for (const li of [...this.list.children]) {
      if (li.classList.contains("day")) {
        li.dataset.stale = "";
        continue;
      }
      const at = li.dataset.at ? new Date(li.dataset.at) : new Date();
      li.dataset.day = at.toDateString();
      if (li.dataset.day !== day) this.dayBefore(li, at);
      day = li.dataset.day;
      if (last) this.join(last, li);
      last = li;
    }
    for (const stale of this.list.querySelectorAll(".day[data-stale]")) stale.remove();
    last?.classList.remove("joined");
  }

  dayBefore(li, at) {
    const previous = li.previousElementSibling;
    if (previous?.classList.contains("day")) {
      delete previous.dataset.stale;
      previous.dataset.day = li.dataset.day;
      if (previous.textContent !== dayName(at)) previous.textContent = dayName(at);
      return;
    }
    const day = document.createElement("li");
    day.className = "day";
    day.dataset.day = li.dataset.day;
    day.textContent = dayName(at);
    this.list.insertBefore(day, li);
  }

  join(first, second) {
    const sameSide = first.classList.contains("you") === second.classList.contains("you");
    const sameTime = first.dataset.at && first.dataset.at.slice(0, 16) === second.dataset.at?.slice(0, 16);
    second.classList.toggle("follows", sameSide);
    first.classList.toggle("joined", sameTime);
  }

  // What is not sent yet, or sent and not told of yet.
  drawLocal(items) {
    for (const item of items) {
      let li = this.locals.get(item.id);
      if (!li && !item.isDrawn) {
        li = this.item("you", item.text);
        item.isDrawn = true;
        this.locals.set(item.id, li);
        this.list.append(li);
      }
      if (li) this.drawState(li, item.state);
    }
    this.tidy();
  }

  drawState(li, state) {
    if (li.dataset.state === state) return;
    const at = this.isAtEnd(), when = li.querySelector(".when");
    li.dataset.state = state;
    li.classList.toggle("unsent", state !== "sending");
    when.textContent = { sending: "Sending", waiting: "Not sent yet", refused: "Could not be sent" }[state];
    if (state === "waiting") when.append(this.again());
    if (at) this.toEnd(true);
  }

  again() {
    const again = document.createElement("button");
    again.type = "button";
    again.className = "quiet again";
    again.textContent = "Send again";
    again.addEventListener("click", () => { element("text").focus({ preventScroll: true }); this.onResend(); });
    return again;
  }

  sent(item) {
    const li = this.locals.get(item.id);
    if (!li) return;
    li.classList.remove("unsent");
    li.querySelector(".when").textContent = "Sent";
  }

  isAtEnd() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroll;
    this.wasAtEnd = scrollHeight - scrollTop - clientHeight < NEAR_END;
    return this.wasAtEnd;
  }

  toEnd(go) {
    this.newer.hidden = go;
    this.wasAtEnd = go;
    if (!go) return;
    this.scroll.scrollTop = this.scroll.scrollHeight;
    if (getComputedStyle(this.scroll).overflowY === "visible") element("composer").scrollIntoView({ block: "end" });
  }
}

function dayName(at) {
  const today = new Date(), yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (at.toDateString() === today.toDateString()) return "Today";
  if (at.toDateString() === yesterday.toDateString()) return "Yesterday";
  return at.toLocaleDateString([], { weekday: "long", day: "numeric", month: "long" });
}
