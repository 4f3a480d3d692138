// The list of keys: opened by "?" or its button.
import { isTyping } from "./typing.js";

export function bind(dialog) {
  for (const button of document.querySelectorAll("[data-open-help]")) {
    button.hidden = false;
    button.addEventListener("click", () => open(dialog));
  }
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  document.addEventListener("keydown", (event) => {
    if (event.key !== "?" || event.ctrlKey || event.metaKey || isTyping(event)) return;
    event.preventDefault();
    if (dialog.open) dialog.close();
    else open(dialog);
  });
}

function open(dialog) {
  if (!dialog.open) dialog.showModal();
}
