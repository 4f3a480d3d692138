// "/" goes to the search box.
import { isTyping } from "./typing.js";

export function bind(box) {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || isTyping(event)) return;
    event.preventDefault();
    box.focus();
    box.select();
  });
}
