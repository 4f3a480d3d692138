// A model file that is being fetched: asks the server how far it is until that is over.
import { getPartial } from "./server.js";

const EVERY_MS = 1000;

/** Fetches come from workers, from `up` and from the shell alike; what is true stands in the store alone. */
export function bind(article) {
  setTimeout(() => follow(article), EVERY_MS);
}

async function follow(article) {
  if (!article.isConnected) return;
  if (document.hidden) {
    document.addEventListener("visibilitychange", () => follow(article), { once: true });
    return;
  }
  const fresh = await getPartial(article.dataset.url).catch(() => null);
  if (fresh === null || fresh.dataset.state === article.dataset.state) {
    if (fresh !== null) copyProgress(fresh, article);
    setTimeout(() => follow(article), EVERY_MS);
    return;
  }
  const hadFocus = article.contains(document.activeElement);
  article.replaceWith(fresh);
  if (hadFocus) fresh.querySelector("button, summary")?.focus();
  if (fresh.hasAttribute("data-model-at-work")) bind(fresh);
}

function copyProgress(fresh, article) {
  const [from, to] = [fresh, article].map((each) => each.querySelector(".model-state"));
  if (from.innerHTML !== to.innerHTML) to.replaceChildren(...from.childNodes);
}
