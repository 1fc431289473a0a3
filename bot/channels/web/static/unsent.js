// What is to be sent, in order, each under an id of its own: sent again until the server has it, and stored there once.
// Kept in sessionStorage, so that it outlives a reload but not the tab.
import { newId } from "./page.js";

const KEY = "evenday-unsent";
const TIMEOUT = 20000, FIRST_WAIT = 2000, LONGEST_WAIT = 30000;  // milliseconds
const HOPELESS = [400, 403, 404, 413, 415, 422];

export class Unsent {
  constructor({ onChange, onSent, onReach, onLost }) {
    Object.assign(this, { onChange, onSent, onReach, onLost });
    this.items = this.load();
    this.isBusy = false;
    this.wait = FIRST_WAIT;
    this.timer = 0;
  }

  load() {
    try {
      return JSON.parse(sessionStorage.getItem(KEY) ?? "[]").map((body) => ({ id: body.id, text: body.text, body, state: "waiting" }));
    } catch {
      return [];
    }
  }

  save() {
    try {
      const bodies = this.items.filter((item) => item.state !== "refused").map((item) => item.body);
      if (bodies.length) sessionStorage.setItem(KEY, JSON.stringify(bodies));
      else sessionStorage.removeItem(KEY);
    } catch { /* no storage: kept as long as the page is open */ }
  }

  forget() {
    this.items = [];
    this.save();
  }

  add(message) {
    const body = { id: newId(), ...message };
    this.items.push({ id: body.id, text: body.text, body, state: this.isWaiting() ? "waiting" : "sending" });
    this.save();
    this.onChange(this.items);
    this.flush();
  }

  isWaiting() {
    return this.items.some((item) => item.state === "waiting");
  }

  async flush(atOnce = false) {
    clearTimeout(this.timer);
    if (atOnce) this.wait = FIRST_WAIT;
    if (this.isBusy) return;
    this.isBusy = true;
    try {
      for (let item = this.next(); item; item = this.next()) if (!(await this.offer(item))) break;
    } finally {
      this.isBusy = false;
    }
  }

  next() {
    return this.items.find((item) => item.state !== "refused");
  }

  // Whether the next one may go.
  async offer(item) {
    let answer;
    try {
      answer = await fetch("/try/messages", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(item.body),
        signal: AbortSignal.timeout(TIMEOUT),
      });
      if (answer.ok) return this.done(item, await answer.json());
    } catch {
      this.onReach(false);
      return this.later(item, this.wait);
    }
    if (answer.status === 401) {
      this.onLost();
      return this.later(item, null);
    }
    if (HOPELESS.includes(answer.status)) return this.refused(item);
    this.onReach(answer.status === 429);
    return this.later(item, 1000 * (Number(answer.headers.get("Retry-After")) || 5));
  }

  done(item, answer) {
    this.wait = FIRST_WAIT;
    this.items = this.items.filter((other) => other !== item);
    for (const other of this.items) if (other.state === "waiting") other.state = "sending";
    this.save();
    this.onSent(item, answer);
    this.onReach(true);
    this.onChange(this.items);
    return true;
  }

  refused(item) {
    item.state = "refused";
    this.save();
    this.onChange(this.items);
    return true;
  }

  later(item, wait) {
    for (const other of this.items) if (other.state === "sending") other.state = "waiting";
    this.onChange(this.items);
    if (wait !== null) this.timer = setTimeout(() => this.flush(), wait);
    this.wait = Math.min(LONGEST_WAIT, this.wait * 2);
    return false;
  }
}
