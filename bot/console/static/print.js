// Shows the button that opens the browser's own print. Without this file the browser's menu prints as well.
"use strict";

for (const button of document.querySelectorAll("[data-print]")) {
  button.addEventListener("click", () => window.print());
  button.hidden = false;
}
