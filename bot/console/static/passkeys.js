// Makes passkeys and logs in by them (W3C WebAuthn). Without this file, or in a browser that can't, password and code still work.
"use strict";

const CEREMONIES = {
  create: (options) =>
    navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) }),
  get: (options) => navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) }),
};
const REASONS = {
  NotAllowedError: "Nothing was done: it took too long, or you cancelled it.",
  InvalidStateError: "This device has a passkey of yours already.",
  SecurityError: "Passkeys do not work at this address. Open the console by its public one.",
};

class Told extends Error {} // in words of the server

async function optionsFor(form) {
  const body = new URLSearchParams(new FormData(form));
  const answer = await fetch(form.dataset.options, { method: "POST", body, cache: "no-store", redirect: "error" });
  if (!(answer.headers.get("content-type") || "").startsWith("application/json"))
    throw new Told("This page was open for too long. Please load it again.");
  const options = await answer.json();
  if (!answer.ok) throw new Told(options.problem);
  return options;
}

async function perform(form) {
  const options = await optionsFor(form);
  const credential = await CEREMONIES[form.dataset.passkey](options);
  form.elements.answer.value = JSON.stringify(credential.toJSON());
  if (form.elements.password) form.elements.password.value = ""; // it was checked, and need not travel again
  form.submit();
}

function offer(form) {
  const problem = form.querySelector("[data-problem]"), button = form.querySelector("button");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation(); // it is sent below, and not by this press
    if (button.disabled) return;
    button.disabled = true;
    problem.hidden = true;
    try {
      await perform(form);
    } catch (error) {
      const words = error instanceof Told ? error.message : REASONS[error.name];
      problem.textContent = words || "This did not work here. Please try again, or use your password.";
      problem.hidden = false;
      button.disabled = false;
    }
  });
  window.addEventListener("pageshow", () => (button.disabled = false));
  form.hidden = false;
}

if (window.PublicKeyCredential && PublicKeyCredential.parseRequestOptionsFromJSON && window.isSecureContext) {
  for (const hint of document.querySelectorAll("[data-without-passkeys]")) hint.hidden = true;
  document.querySelectorAll("form[data-passkey]").forEach(offer);
}
