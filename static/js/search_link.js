// "/" on a page without a search box of its own leads to the search page.
import { isTyping } from "./typing.js";

export function bind(link) {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event)) return;
    if (document.querySelector("[data-search], dialog:modal")) return;
    event.preventDefault();
    location.assign(link.href);
  });
}
