// The answers to choose from, under the newest message. One tab stop; arrow keys go from one to the next.
import { element } from "./page.js";

const FORWARD = ["ArrowRight", "ArrowDown"], BACK = ["ArrowLeft", "ArrowUp"];
const FEW = 4;

export class Chips {
  constructor({ onPress, onLeave }) {
    this.box = element("chips");
    this.onPress = onPress;
    this.onLeave = onLeave;
    this.wantsFocus = false;
    this.box.addEventListener("keydown", (event) => this.key(event));
    this.box.addEventListener("click", (event) => this.click(event));
  }

  get buttons() {
    return [...this.box.children];
  }

  isHidden() {
    return this.box.hidden;
  }

  show(message, wordsId) {
    this.prompt = message.prompt;
    this.box.replaceChildren(...message.buttons.map((label, index) => this.chip(label, index)));
    this.box.classList.toggle("scale", message.buttons.every((label) => [...label].length <= 2));
    this.box.setAttribute("aria-describedby", wordsId);
    this.box.hidden = false;
  }

  chip(label, index) {
    const chip = document.createElement("button");
    chip.type = "button";
    chip.className = "chip";
    chip.textContent = label;
    chip.dir = "auto";
    chip.tabIndex = index ? -1 : 0;
    return chip;
  }

  hide() {
    if (this.box.contains(document.activeElement)) this.onLeave();
    this.box.hidden = true;
    this.box.replaceChildren();
  }

  click(event) {
    const choice = this.buttons.indexOf(event.target.closest("button"));
    if (choice < 0) return;
    const message = { prompt: this.prompt, choice: choice + 1, text: this.buttons[choice].textContent };
    this.onPress(message, event.detail === 0);  // 0: Enter or Space, not a pointer
  }

  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const all = this.buttons, at = all.indexOf(document.activeElement);
    if (FORWARD.includes(event.key)) this.go((at + 1) % all.length);
    else if (BACK.includes(event.key)) this.go((at - 1 + all.length) % all.length);
    else if (event.key === "Home") this.go(0);
    else if (event.key === "End") this.go(all.length - 1);
    else if (event.key === "Escape") this.onLeave();
    else {
      if (event.key.length === 1 && event.key !== " ") this.onLeave();  // a letter: they would rather write
      return;
    }
    event.preventDefault();
  }

  go(index) {
    this.buttons.forEach((chip, other) => { chip.tabIndex = other === index ? 0 : -1; });
    this.buttons[index].focus();
  }

  focus() {
    if (this.isHidden()) return false;
    this.buttons.find((chip) => chip.tabIndex === 0).focus();
    return true;
  }

  // Who answered by keyboard finds the next answers under the same fingers.
  expectFocus(is) {
    this.wantsFocus = is;
  }

  takeFocus(isIdle) {
    if (this.isHidden()) return;
    if (this.wantsFocus && isIdle) this.focus();
    this.wantsFocus = false;
  }

  announce(status) {
    const labels = this.buttons.map((chip) => chip.textContent);
    const which = labels.length <= FEW ? labels.join(", ") : `${labels.length}, from ${labels[0]} to ${labels.at(-1)}`;
    status.textContent = `Answers to choose from: ${which}.`;
  }
}
