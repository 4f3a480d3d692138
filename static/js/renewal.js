// Parts of a page that are drawn anew by the server when a message says that they have changed.
import { onLive } from "./live.js";

const WAIT_MS = 300;
const parts = new Set();
let pending = null;

/** `data-renew` names the message, `data-video` whose it must be; the part is known again by its id. */
export function bind(part) {
  parts.add(part.id);
  const { renew: type, video } = part.dataset;
  onLive(type, (message) => String(message.video_id) === video && soon());
  onLive("again", soon);
}

function soon() {
  clearTimeout(pending);
  pending = setTimeout(renewAll, WAIT_MS);
}

async function renewAll() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const id of parts) {
    const [old, fresh] = [document.getElementById(id), page.getElementById(id)];
    if (!old || !fresh || old.innerHTML === fresh.innerHTML) continue;
    const focused = old.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    old.hidden = fresh.hidden;
    old.replaceChildren(...fresh.childNodes);
    if (focused) old.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus();
  }
}
