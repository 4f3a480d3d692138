// One job on a page: its numbers follow the messages; when its state changes the server draws it anew.
import { getPartial } from "./server.js";
import { stageFacts } from "./wording.js";

/** Brings an article up to a job's message, in place or by fetching it again. */
export async function follow(article, job) {
  if (article.dataset.state !== job.state) {
    article.dataset.state = job.state; // so that a second message does not fetch it twice
    const fresh = await getPartial(address(article));
    const hadFocus = article.contains(document.activeElement);
    article.replaceWith(fresh);
    if (hadFocus) fresh.querySelector("button, a")?.focus();
    return;
  }
  for (const stage of job.stages) {
    const line = article.querySelector(`[data-stage="${stage.name}"]`);
    if (!line) continue;
    line.dataset.state = stage.state;
    const bar = line.querySelector("progress");
    bar.max = stage.total || 1;
    bar.value = stage.done;
    line.querySelector("[data-stage-facts]").textContent = stageFacts(stage);
  }
}

function address(article) {
  const here = encodeURIComponent(location.pathname + location.search);
  return `${article.dataset.url}?next=${here}${article.hasAttribute("data-titled") ? "&titled" : ""}`;
}
