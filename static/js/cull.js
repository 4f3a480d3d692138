// Culling: one large still after the other, with the strip of its neighbours in the list, the next ones fetched ahead.

const SIDE = 6;
const AHEAD = [1, 2, 3, -1];

export class Culling {
  /** `near(frame, by)` tells the still so many places on in the list: { frame, preview, alt, mark, verdict } or null. */
  constructor(viewer, { settings, near }) {
    Object.assign(this, { viewer, settings, near });
    this.strip = viewer.dialog.querySelector("[data-strip]");
    this.cells = new Map();
    viewer.addEventListener("shown", ({ detail: frame }) => this.tell(frame));
    viewer.addEventListener("close", () => this.#end());
    this.strip.addEventListener("click", (event) => {
      const link = event.target.closest("[data-strip-frame]");
      if (!link || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      viewer.dialog.focus({ preventScroll: true }); // the strip is laid anew, and keys must not go astray
      viewer.dispatchEvent(new CustomEvent("show", { detail: Number(link.dataset.stripFrame) }));
    });
  }

  get isOn() {
    return this.viewer.dialog.classList.contains("culling");
  }

  begin() {
    this.viewer.dialog.classList.add("culling");
    this.strip.hidden = false;
    address((query) => query.set("view", "cull"));
  }

  #end() {
    this.viewer.dialog.classList.remove("culling");
    this.strip.hidden = true;
    address((query) => query.delete("view"));
  }

  /** Shows the neighbours of a still, and fetches those that come next. */
  tell(frame) {
    const ahead = AHEAD.map((by) => this.near(frame, by)?.frame).filter((each) => each !== undefined);
    this.viewer.ahead.fetch([frame, ...ahead]);
    if (!this.isOn) return;
    const places = Array.from({ length: 2 * SIDE + 1 }, (_, place) => place - SIDE);
    const stills = places.map((by) => this.near(frame, by)).filter(Boolean);
    if (stills.length === 0) return; // a neighbouring frame that is no still: the strip stays where it was
    const cells = stills.map((still) => this.#cell(still, still.frame === frame));
    this.cells = new Map(cells.map((cell) => [Number(cell.dataset.stripFrame), cell]));
    this.strip.replaceChildren(...cells);
    const here = this.cells.get(frame);
    if (here) this.strip.scrollLeft = here.offsetLeft - (this.strip.clientWidth - here.offsetWidth) / 2;
  }

  #cell({ frame, preview, alt, mark, verdict }, isHere) {
    const cell = this.cells.get(frame) ?? makeCell(frame, preview);
    const query = new URLSearchParams(location.search);
    query.set("still", frame);
    query.delete("from");
    cell.href = `?${query}`;
    cell.firstElementChild.alt = alt;
    cell.lastElementChild.textContent = mark;
    cell.dataset.verdict = verdict;
    if (isHere) cell.setAttribute("aria-current", "true");
    else cell.removeAttribute("aria-current");
    return cell;
  }
}

function makeCell(frame, preview) {
  const [cell, image, mark] = [document.createElement("a"), new Image(), document.createElement("span")];
  cell.dataset.stripFrame = String(frame);
  cell.tabIndex = -1; // arrows move; Tab goes on to what can be done
  image.src = preview;
  mark.className = "still-mark";
  cell.append(image, mark);
  return cell;
}

function address(change) {
  const here = new URL(location.href);
  change(here.searchParams);
  history.replaceState(null, "", here);
}
