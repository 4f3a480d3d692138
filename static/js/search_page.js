// The search page: what is typed is looked for at once, and results are worked through from the keyboard.
import { bindCollecting } from "./search_collecting.js";
import { bindKeys } from "./search_keys.js";
import { bindPicture } from "./search_picture.js";
import { Previews } from "./search_previews.js";
import { bindRegion } from "./search_region.js";
import { bindWhy } from "./search_why.js";

export function bind(root) {
  for (const hint of root.querySelectorAll("[data-script-only]")) hint.hidden = false;
  const previews = new Previews(root);
  const why = bindWhy(root);
  bindTyping(root);
  bindKeys(root, { previews, why });
  bindCollecting(root);
  bindPicture(root);
  renew(root, previews);
  why.resume();
  let focused = null;
  root.addEventListener("htmx:beforeSwap", () => {
    focused = document.activeElement?.closest?.("[data-hit]")?.dataset.hit ?? null;
  });
  root.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "results") return;
    renew(root, previews);
    if (focused) refocus(root, focused);
  });
}

/** An answer that comes late takes nobody's place among the results away. */
function refocus(root, key) {
  const link = root.querySelector(`[data-hit="${key}"] [data-open]`) ?? root.querySelector("[data-open]");
  (link ?? root.querySelector("#q")).focus({ preventScroll: true });
}

function renew(root, previews) {
  const results = root.querySelector("[data-results]");
  for (const hint of results.querySelectorAll("[data-script-only]")) hint.hidden = false;
  const query = root.querySelector('[data-search-picture] [name="query"]');
  if (query) query.value = results.dataset.query;
  previews.renew();
  bindRegion(results);
}

/** Addresses hold only what is asked for, and one step back leads to before the typing, not through its letters. */
function bindTyping(root) {
  const form = root.querySelector("#search-form");
  let isTyped = false;
  let wasTyped = false;
  form.addEventListener("htmx:configRequest", (event) => {
    const { formData, triggeringEvent } = event.detail;
    isTyped = triggeringEvent?.type === "input";
    for (const [name, value] of [...formData]) if (value === "") formData.delete(name);
  });
  root.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status === 400) Object.assign(event.detail, { shouldSwap: true, isError: false });
  });
  document.body.addEventListener("htmx:beforeHistoryUpdate", (event) => {
    if (isTyped && wasTyped) event.detail.history.type = "replace";
    wasTyped = isTyped;
  });
}
