// What tests ask of a page that is open in front of them.
window.care = {
  // Each thing that the Tab key must reach, in the page's own order; of a group of radio buttons only the first.
  focusable() {
    const kinds = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]';
    const groups = new Set();
    const isReached = (one) => {
      if (one.disabled || !one.checkVisibility({ visibilityProperty: true })) return false;
      if (one.type !== "radio") return true;
      const group = `${one.form && one.form.action} ${one.name}`;
      const isFirst = !groups.has(group);
      groups.add(group);
      return isFirst;
    };
    return Array.from(document.querySelectorAll(kinds)).filter(isReached).map((one, n) => {
      one.dataset.nth = n;
      return one.outerHTML.slice(0, 100);
    });
  },

  // What has the focus: its number among those, whether a ring shows it, and whether nothing lies upon it.
  focused() {
    const one = document.activeElement;
    if (!one || one === document.body) return null;
    const style = getComputedStyle(one), box = one.getClientRects()[0];
    const within = (at, most) => Math.min(most - 1, Math.max(0, at));
    const there = document.elementFromPoint(
      within(box.left + box.width / 2, innerWidth), within(box.top + box.height / 2, innerHeight));
    const near = [one, ...(one.labels || [])];
    const form = one.form || document;
    const first = one.type === "radio" ? form.querySelector(`[name="${one.name}"][data-nth]`) : one;
    return {
      nth: first && first.dataset.nth !== undefined ? Number(first.dataset.nth) : null,
      html: one.outerHTML.slice(0, 100),
      isRinged: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
      isSeen: !!there && near.some((part) => part.contains(there) || there.contains(part)),
    };
  },

  // What readers of screens go by.
  shape() {
    const list = (kind) => Array.from(document.querySelectorAll(kind));
    const ids = list("[id]").map((one) => one.id);
    return {
      lang: document.documentElement.lang,
      h1: list("h1").length,
      levels: list("h1, h2, h3, h4").map((one) => Number(one.tagName[1])),
      mains: list("main").length,
      ids: ids.filter((id, n) => ids.indexOf(id) !== n),
      tabindex: list('[tabindex]:not([tabindex="0"]):not([tabindex="-1"])').length,
      nameless: list("input:not([type=hidden]), select, textarea").filter((one) => !one.labels.length && !one.ariaLabel)
        .map((one) => one.outerHTML.slice(0, 100)),
      styled: list("[style], style, script:not([src])").length,
      titled: list("main [title]").length,
    };
  },
};
