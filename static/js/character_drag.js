// Faces dragged onto somebody of the cast; ticked ones come along with the one that is dragged.

export function bindDragging(root, { ticks, give }) {
  let dragged = [];
  const clear = () => {
    for (const target of root.querySelectorAll(".drop-target")) target.classList.remove("drop-target");
  };

  root.addEventListener("dragstart", (event) => {
    const box = event.target.closest?.("[data-track]")?.querySelector("[data-tick]");
    if (!box) return;
    dragged = box.checked ? ticks.ticked : [box];
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", `${dragged.length} faces`);
    root.classList.add("is-dragging");
  });
  root.addEventListener("dragover", (event) => {
    const target = event.target.closest?.("[data-give]");
    if (!target || !dragged.length) return void clear();
    event.preventDefault();
    event.dataTransfer.dropEffect = "move";
    if (target.classList.contains("drop-target")) return;
    clear();
    target.classList.add("drop-target");
  });
  root.addEventListener("drop", (event) => {
    const target = event.target.closest?.("[data-give]");
    if (!target || !dragged.length) return;
    event.preventDefault();
    give(dragged, target.dataset.give || "new");
  });
  root.addEventListener("dragend", () => {
    dragged = [];
    clear();
    root.classList.remove("is-dragging");
  });
}
