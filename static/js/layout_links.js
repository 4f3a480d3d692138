// Signed links to finished canvases, for people who have no account: asked for when somebody wants one, then copied.
import { copied } from "./clipboard.js";
import { say } from "./notices.js";
import { getJson, Refused } from "./server.js";

const DAY_MS = 86_400_000;
const READING_MS = 20_000;

export function copyLinks(page) {
  page.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-copy-link]");
    if (button) copyLink(button);
  });
}

async function copyLink(button) {
  button.setAttribute("aria-busy", "true");
  try {
    const { url, expires } = await getJson(button.dataset.copyLink);
    const days = Math.round((new Date(expires) - Date.now()) / DAY_MS);
    const holds = `For ${days} days everybody who has it sees this canvas, without signing in.`;
    if (await copied(url)) say(`The link is copied. ${holds}`, { lasting_ms: READING_MS / 2 });
    else say(`${url} – ${holds}`, { lasting_ms: READING_MS });
  } catch (error) {
    say(error instanceof Refused ? error.message : "There is no link: the server does not answer. Try again.", { kind: "error" });
  } finally {
    button.removeAttribute("aria-busy");
  }
}
