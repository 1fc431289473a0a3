// Puts a ready reply into the field at once, where the button that stands there without this file asks the server for it.
"use strict";

for (const choice of document.querySelectorAll("select[data-fills]")) {
  const field = document.getElementById(choice.dataset.fills);
  const status = document.getElementById("filled");
  let before = "", filled = null; // what stood there first, and what it became: another choice takes the place of the last
  choice.form.querySelector("button[formaction]").hidden = true;
  choice.addEventListener("change", () => {
    if (field.value !== filled) before = field.value;
    const says = document.getElementById(`says-${choice.value}`);
    const text = says ? says.textContent : "";
    filled = [before, text].filter(Boolean).join("\n");
    field.value = filled;
    status.textContent = text ? "It is in the field. Nothing is sent." : "";
  });
}
