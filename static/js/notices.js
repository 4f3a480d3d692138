// Short sentences in the corner, read out by screen readers.

/** Shows a sentence; an error stays longer, and 0 keeps it until the page goes. */
export function say(sentence, { kind = "", lasting_ms = kind === "error" ? 10000 : 4000 } = {}) {
  const place = document.getElementById("notices");
  const notice = document.createElement("p");
  notice.className = `notice ${kind}`.trim();
  notice.textContent = sentence;
  // A modal dialog hides what is outside it, so the notice goes where it can be seen.
  const dialog = document.querySelector("dialog:modal .notices");
  (dialog ?? place).replaceChildren(notice);
  if (lasting_ms) setTimeout(() => notice.remove(), lasting_ms);
}
