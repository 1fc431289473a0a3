// What the server tells: server-sent events while they come, else asking every few seconds.

const SILENCE = 45000;  // three beats missed (stream.py): the line is broken
const FIRST = 6000;  // a stream that says nothing so long is held back by something in between
const AGAIN = [2000, 5000, 15000, 60000];  // waits before another stream is tried
const ASK = 3000, ASK_SOON = 1200, ASK_HIDDEN = 20000;
const TIMEOUT = 15000;

export class Line {
  constructor(session, { onNews, onReach, onLost, onOther }) {
    Object.assign(this, { session, onNews, onReach, onLost, onOther });
    this.after = "";
    this.isFirst = true;
    this.isStopped = false;
    this.writing = false;
    this.tries = 0;
    this.source = null;
    this.timers = {};
  }

  async start() {
    await this.ask();
    this.open();
  }

  stop() {
    this.isStopped = true;
    this.close();
    for (const timer of Object.values(this.timers)) clearTimeout(timer);
  }

  // Something was sent, or the page is looked at again: don't wait for the next round.
  hurry(always = false) {
    if (always || !this.isStreaming) this.ask();
  }

  set(name, action, wait) {
    clearTimeout(this.timers[name]);
    if (!this.isStopped) this.timers[name] = setTimeout(action, wait);
  }

  take(news) {
    if (news.session !== this.session) {
      this.stop();
      this.onOther();
      return;
    }
    this.after = later(this.after, news.after);
    this.writing = news.writing;
    this.onReach(true);
    this.onNews(news, this.isFirst);
    this.isFirst = false;
  }

  async ask() {
    if (this.isAsking || this.isStopped) return;
    this.isAsking = true;
    try {
      const answer = await fetch(`/try/messages?after=${this.after}`, { signal: AbortSignal.timeout(TIMEOUT) });
      if (answer.ok) this.take(await answer.json());
      else if (answer.status === 401) this.onLost();
      else this.onReach(answer.status === 429);
    } catch {
      this.onReach(false);
    } finally {
      this.isAsking = false;
    }
    if (!this.isStreaming) this.set("ask", () => this.ask(), document.hidden ? ASK_HIDDEN : this.writing ? ASK_SOON : ASK);
  }

  open() {
    if (this.isStopped || this.isFirst) return this.set("open", () => this.open(), AGAIN[0]);
    this.close();
    const source = new EventSource(`/try/stream?after=${this.after}`);
    this.source = source;
    source.onmessage = (event) => {
      this.alive();
      this.take(JSON.parse(event.data));
    };
    source.addEventListener("beat", () => { this.alive(); this.onReach(true); });
    source.onerror = () => this.broken();
    this.set("silence", () => this.broken(), FIRST);
  }

  alive() {
    this.isStreaming = true;
    this.tries = 0;
    clearTimeout(this.timers.ask);
    this.set("silence", () => this.broken(), SILENCE);
  }

  close() {
    this.source?.close();
    this.source = null;
    this.isStreaming = false;
    clearTimeout(this.timers.silence);
  }

  broken() {
    this.close();
    this.ask();
    this.set("open", () => this.open(), AGAIN[Math.min(this.tries, AGAIN.length - 1)]);
    this.tries += 1;
  }
}

// Either number of the cursor only grows, whichever of two answers comes first.
function later(one, other) {
  const [a, b] = (one || "0.0").split(".").map(Number), [c, d] = other.split(".").map(Number);
  return `${Math.max(a, c)}.${Math.max(b, d)}`;
}
