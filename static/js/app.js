// Binds each behaviour to the elements that ask for it by a data attribute; a page loads only what it uses.
const behaviours = [
  ["[data-live]", () => import("./live.js")],
  ["[data-help]", () => import("./help.js")],
  ["[data-search]", () => import("./search_key.js")],
  ["[data-search-link]", () => import("./search_link.js")],
  ["[data-search-page]", () => import("./search_page.js")],
  ["[data-timeline]", () => import("./search_marks.js")],
  ["[data-titles]", () => import("./title_cards.js")],
  ["[data-title-form]", () => import("./title_form.js")],
  ["[data-job-place]", () => import("./job_place.js")],
  ["[data-jobs]", () => import("./job_list.js")],
  ["[data-renew]", () => import("./renewal.js")],
  ["[data-model-at-work]", () => import("./models.js")],
  ["[data-film]", () => import("./film.js")],
  ["[data-upload]", () => import("./upload_panel.js")],
  ["[data-board]", () => import("./board.js")],
  ["[data-ranking]", () => import("./ranking_panel.js")],
  ["[data-people]", () => import("./people.js")],
  ["[data-character-page]", () => import("./character_page.js")],
  ["[data-artworks]", () => import("./artworks.js")],
  ["[data-artwork]", () => import("./artwork.js")],
  ["[data-moments]", () => import("./moments.js")],
  ["[data-reel]", () => import("./reel.js")],
  ["[data-live-part]", () => import("./live_part.js")],
  ["[data-pick-list]", () => import("./pick_list.js")],
  ["[data-list-bar]", () => import("./list_bar.js")],
  ["[data-mentions]", () => import("./mentions.js")],
  ["[data-questions]", () => import("./questions.js")],
  ["[data-duels]", () => import("./duel.js")],
  ["[data-pictures]", () => import("./pictures.js")],
  ["[data-layout]", () => import("./layout.js")],
  ["[data-sensor]", () => import("./sensor_map.js")],
  ["[data-pixel-review]", () => import("./pixel_review.js")],
  ["[data-attribute]", () => import("./attribute.js")],
];
const bound = new WeakMap();

/** Asks for all modules at once, and binds them in the order of the list. */
async function bindAll(root) {
  const waiting = [];
  for (const [selector, load] of behaviours) {
    const found = [...root.querySelectorAll(selector)];
    if (root.matches?.(selector)) found.push(root);
    for (const element of found) {
      const known = bound.get(element) ?? new Set();
      if (known.has(selector)) continue;
      bound.set(element, known.add(selector));
      waiting.push([element, load()]);
    }
  }
  for (const [element, module] of waiting) (await module).bind(element);
}

/** Where a bar of links is wider than the screen, the link of this page is in sight. */
function showHere() {
  for (const here of document.querySelectorAll(".title-nav [aria-current], .tabs [aria-current]")) {
    const bar = here.closest(".title-nav, .tabs");
    const at = here.getBoundingClientRect().left - bar.getBoundingClientRect().left;
    bar.scrollLeft += at - (bar.clientWidth - here.offsetWidth) / 2;
  }
}

document.documentElement.classList.add("scripted");
showHere();
bindAll(document).then(() => {
  document.documentElement.dataset.bound = "";
});
document.addEventListener("htmx:load", (event) => bindAll(event.detail.elt));
