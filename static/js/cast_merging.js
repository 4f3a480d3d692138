// One person dragged onto another is merged into them; who is ticked with the dragged one comes along.
import { mergeFields, tickedRows } from "./cast_list.js";

export function bindMerging(root, page) {
  let dragged = [];
  const rowAt = (event) => event.target.closest?.("[data-character]");
  const isTarget = (row) => row && dragged.length && !dragged.includes(row);
  const clear = () => {
    for (const row of root.querySelectorAll("[data-drop]")) row.removeAttribute("data-drop");
  };

  root.addEventListener("dragstart", (event) => {
    const row = event.target.closest?.('[data-faces][draggable="true"]')?.closest("[data-character]");
    if (!row) return;
    const ticked = tickedRows(root);
    dragged = ticked.includes(row) ? ticked : [row];
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.map((each) => each.dataset.label).join(", "));
    root.classList.add("is-dragging");
  });
  root.addEventListener("dragover", (event) => {
    const row = rowAt(event);
    if (!isTarget(row)) return void clear();
    event.preventDefault();
    event.dataTransfer.dropEffect = "move";
    if (row.dataset.drop) return;
    clear();
    const who = dragged.length === 1 ? dragged[0].dataset.label : `${dragged.length} people`;
    row.dataset.drop = `Merge ${who} into ${row.dataset.label}`;
  });
  root.addEventListener("drop", (event) => {
    const row = rowAt(event);
    if (!isTarget(row)) return;
    event.preventDefault();
    page.do(mergeFields(row.dataset.character, dragged.map((each) => each.dataset.character)));
  });
  root.addEventListener("dragend", () => {
    dragged = [];
    clear();
    root.classList.remove("is-dragging");
  });
}
