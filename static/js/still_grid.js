// The board's grid: stills in a virtual grid, each cell with its picture, rank, timecode and what was said of it.
import { VirtualGrid } from "./virtual_grid.js";

const SIZES_PX = [150, 205, 280, 380, 560];
const USUAL_SIZE = 3;
const LINE_PX = 30;
const GAP_PX = 12;

export class StillGrid extends VirtualGrid {
  /** `show(index)` tells what stands at a place: { row, index, isChosen, isCursor, of }. */
  constructor(scroller, { settings, show }) {
    const list = document.createElement("div");
    list.className = "still-grid";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "Stills");
    list.setAttribute("aria-multiselectable", "true");
    scroller.querySelector("[data-list]")?.remove();
    scroller.prepend(list);
    super(scroller, list, {
      create: makeCell,
      fill: (cell, index) => fillCell(cell, index, { settings, ...show(index) }),
      aspect: settings.aspect,
      below_px: LINE_PX,
      gap_px: GAP_PX,
      columnsAt: (width) => Math.max(width < 500 && pictureSize() < 5 ? 2 : 1, Math.round(width / (SIZES_PX[pictureSize() - 1] + GAP_PX))),
    });
  }

  get hasFocus() {
    return this.list.contains(document.activeElement);
  }
}

/** 1–5, as the reader has set it. */
export function pictureSize() {
  return Number(localStorage.getItem("still-size")) || USUAL_SIZE;
}

function fillCell(cell, place, { settings, row, index, isChosen, isCursor, of }) {
  const [image, line, mark] = cell.children;
  const source = settings.urls.image.replace("{n}", index.id[row]);
  if (image.getAttribute("src") !== source) {
    image.removeAttribute("src"); // else the picture that was here before stays until the new one has come
    image.src = source;
  }
  image.alt = index.alt(row);
  line.textContent = `${index.rank[row]}  ${index.timecode[row]}`;
  mark.textContent = index.mark(row);
  const { verdict, who } = index.state(row);
  mark.title = who && `Decided by ${who}`;
  cell.dataset.verdict = verdict;
  cell.setAttribute("aria-selected", String(isChosen));
  const label = [image.alt, `rank ${index.rank[row]}`, index.said(row), index.provisional[row] && "provisional"];
  cell.setAttribute("aria-label", label.filter(Boolean).join(", "));
  cell.setAttribute("aria-posinset", String(place + 1));
  cell.setAttribute("aria-setsize", String(of));
  cell.tabIndex = isCursor ? 0 : -1;
}

function makeCell() {
  const cell = document.createElement("div");
  cell.className = "still";
  cell.setAttribute("role", "option");
  const image = new Image();
  image.decoding = "async";
  const [line, mark] = [document.createElement("span"), document.createElement("span")];
  line.className = "still-line";
  mark.className = "still-mark";
  cell.append(image, line, mark);
  return cell;
}
