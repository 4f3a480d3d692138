// The job of the title page's video: follows its messages, and takes in a job that has just begun.
import { follow } from "./job_article.js";
import { onLive } from "./live.js";
import { getPartial } from "./server.js";

export function bind(place) {
  onLive("job", async ({ job }) => {
    if (String(job.video_id) !== place.dataset.video) return;
    const article = place.querySelector("[data-job]");
    if (article?.dataset.job === String(job.id)) {
      follow(article, job);
    } else if (Number(article?.dataset.job ?? 0) < job.id) {
      const next = encodeURIComponent(location.pathname + location.search);
      place.replaceChildren(await getPartial(`${place.dataset.jobPlace.replace("{n}", job.id)}?next=${next}`));
    }
  });
}
