// How many notes name this person that they have not seen, in the page's head, as it changes.
import { onLive } from "./live.js";
import { say } from "./notices.js";
import { getJson } from "./server.js";

export function bind(link) {
  onLive("note", (message) => {
    if (!message.mentioned.includes(Number(link.dataset.user))) return;
    renew(link).then((isMore) => isMore && say(`${message.user} mentions you in a note.`));
  });
  onLive("again", () => renew(link));
  document.addEventListener("ava:seen", () => renew(link));
}

async function renew(link) {
  const badge = link.querySelector("[data-unseen]");
  const before = Number(badge.textContent) || 0;
  const { unseen } = await getJson(link.href).catch(() => ({ unseen: before }));
  badge.textContent = unseen || "";
  badge.hidden = !unseen;
  return unseen > before;
}
