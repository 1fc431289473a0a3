// The text box: it grows with its text, and Enter sends where there is a keyboard.
import { element, onlyCoarse, readable } from "./page.js";

export class Composer {
  constructor({ onSend, onUp }) {
    this.box = element("text");
    this.button = element("composer").querySelector("button");
    this.onSend = onSend;
    this.onUp = onUp;
    element("composer").addEventListener("submit", (event) => { event.preventDefault(); this.send(); });
    this.box.addEventListener("keydown", (event) => this.key(event));
    this.box.addEventListener("input", () => this.grow());
  }

  enable() {
    this.box.disabled = this.button.disabled = false;
  }

  focus() {
    this.box.focus({ preventScroll: true });
  }

  // Whether moving the focus from here would interrupt nothing.
  isIdle() {
    return this.box.value === "" && [this.box, document.body].includes(document.activeElement);
  }

  key(event) {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey && !onlyCoarse()) {
      event.preventDefault();
      this.send();
    } else if (event.key === "ArrowUp" && this.box.value === "") {
      if (this.onUp()) event.preventDefault();
    }
  }

  send() {
    const text = readable(this.box.value).trimEnd();
    if (text.trim()) {
      this.box.value = "";
      this.grow();
      this.onSend(text);
    }
    this.focus();
  }

  grow() {
    if (CSS.supports("field-sizing", "content")) return;
    this.box.style.height = "auto";
    this.box.style.height = `${this.box.scrollHeight + this.box.offsetHeight - this.box.clientHeight}px`;
  }
}
