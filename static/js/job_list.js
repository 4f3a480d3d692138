// The jobs page: every job follows its messages; a job that is new brings the list anew.
import { follow } from "./job_article.js";
import { onLive } from "./live.js";
import { getPartial } from "./server.js";

let list = null;
let isListening = false;
let pending = null;

export function bind(element) {
  list = element;
  if (isListening) return;
  isListening = true;
  onLive("again", renew);
  onLive("job", ({ job }) => {
    const article = list.querySelector(`[data-job="${job.id}"]`);
    if (!article) renew();
    else if (article.dataset.state !== job.state && list.dataset.jobs) renew();
    else follow(article, job);
  });
}

function renew() {
  clearTimeout(pending);
  pending = setTimeout(async () => {
    const focused = document.activeElement?.closest("[data-job]")?.dataset.job;
    const fresh = await getPartial(location.href);
    list.replaceWith(fresh);
    list = fresh;
    if (focused) list.querySelector(`[data-job="${focused}"] button, [data-job="${focused}"] a`)?.focus();
  }, 400);
}
