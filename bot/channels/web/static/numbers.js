// The numbers to call: fetched once when the page opens, so that they are there without a connection, too.
import { element } from "./page.js";

export class Numbers {
  prepare() {
    this.sheet = element("numbers");
    this.choice = element("country");
    this.list = element("lines");
    this.loading = this.load();
    element("numbers-link").addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.open();
    });
    this.choice.addEventListener("change", () => this.draw());
  }

  async load() {
    try {
      const answer = await fetch("/try/numbers", { headers: { Accept: "application/json" } });
      if (answer.ok) this.fill(await answer.json());
    } catch { /* tried again when it is opened */ }
  }

  fill(body) {
    this.countries = body.countries;
    this.choice.replaceChildren(...this.countries.map((country) => new Option(country.name, country.code)));
    this.choice.value = this.nearest(body.default);
    this.draw();
  }

  // The clinic's country first: many a browser says en-US that never was there.
  nearest(code) {
    const found = this.countries.find((country) => country.code === code || country.covers.includes(code));
    return (found ?? this.countries.at(-1))?.code;
  }

  async open() {
    this.sheet.showModal();
    if (!this.countries) await (this.loading = this.load());
    if (!this.countries) this.list.replaceChildren(line({ what: "Emergency", say: "Call your local emergency number", name: "The list could not be loaded", href: "", hours: "" }));
  }

  draw() {
    const country = this.countries.find((one) => one.code === this.choice.value);
    this.list.replaceChildren(...(country?.lines ?? []).map(line));
  }
}

function line({ what, say, name, href, hours }) {
  const item = document.createElement("li"), use = document.createElement("span");
  const how = document.createElement(href ? "a" : "strong"), who = document.createElement("span");
  use.className = "what";
  use.textContent = what;
  how.textContent = say;
  if (href) how.href = href;
  if (href.startsWith("https:")) Object.assign(how, { target: "_blank", rel: "noreferrer" });
  who.className = "who";
  who.textContent = hours ? `${name}, ${hours}` : name;
  item.append(use, " ", how, " ", who);
  return item;
}
