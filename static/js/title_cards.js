// Cards of the titles page: their state follows the jobs, and a film dropped on one is taken to its title.
import { onLive } from "./live.js";

const STATES = { queued: "Waiting", running: "Being analysed", done: "Analysed", failed: "Failed", cancelled: "Cancelled" };
let cards = null;
let isListening = false;

export function bind(element) {
  cards = element;
  if (isListening) return;
  isListening = true;
  onLive("job", ({ job }) => {
    const card = cards.querySelector(`[data-title-card="${job.title_id}"]`);
    if (card) show(card, job);
  });
}

function show(card, job) {
  const state = card.querySelector("[data-title-state]");
  state.className = `state state-${job.state}`;
  state.textContent = STATES[job.state];
  let bar = card.querySelector("progress");
  if (job.state !== "running" && job.state !== "queued") {
    bar?.remove();
    return;
  }
  if (!bar) {
    bar = document.createElement("progress");
    bar.max = 1;
    bar.setAttribute("aria-label", `Analysis of ${job.title}`);
    card.append(bar);
  }
  bar.value = job.progress_unit;
}
