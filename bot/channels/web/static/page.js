// What every part asks of the page.

export function element(id) {
  return document.getElementById(id);
}

// Whether a finger is all there is: then focus in the text box would raise the keyboard over the conversation.
export function onlyCoarse() {
  return matchMedia("(pointer: coarse)").matches && !matchMedia("(any-pointer: fine)").matches;
}

// 128 random bits; crypto.randomUUID is missing where the page is not served over https.
export function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// As the server makes it storable (channels/incoming.py, `readable`), so that the two compare.
export function readable(text) {
  const whole = text.toWellFormed ? text.toWellFormed() : text;
  return whole.replaceAll("\0", "\ufffd");
}
