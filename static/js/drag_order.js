// Items of a part dragged to another place among their like.

/** Items have `data-NAME`; `move(item, before)` puts one before another, or last before null. */
export function bindDragging(part, { name, mayDrag = () => true, move }) {
  const selector = `[data-${name}]`;
  let dragged = null;
  const target = (event) => event.target.closest?.(selector);
  const unmark = (...names) => part.querySelectorAll(selector).forEach((item) => item.classList.remove(...names));
  part.addEventListener("dragstart", (event) => {
    dragged = mayDrag(event) ? target(event) : null;
    if (!dragged) return;
    part.dataset.busy = "";
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.dataset[name]);
    dragged.classList.add("is-dragged");
  });
  part.addEventListener("dragover", (event) => {
    if (!dragged) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "move";
    const over = target(event);
    unmark("drop-before", "drop-after");
    if (over && over !== dragged) over.classList.add(isAfter(event, over) ? "drop-after" : "drop-before");
  });
  part.addEventListener("drop", (event) => {
    const over = target(event);
    if (!dragged || !over) return;
    event.preventDefault();
    if (over !== dragged) move(dragged, isAfter(event, over) ? over.nextElementSibling : over);
  });
  part.addEventListener("dragend", () => {
    dragged = null;
    delete part.dataset.busy;
    unmark("is-dragged", "drop-before", "drop-after");
  });
}

function isAfter(event, element) {
  const { left, width } = element.getBoundingClientRect();
  return event.clientX > left + width / 2;
}
