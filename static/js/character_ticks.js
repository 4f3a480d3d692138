// A list of faces with a box each: arrows move, Space ticks, Shift ticks a range, Enter opens the film at that frame.
const STEPS = { ArrowLeft: -1, ArrowRight: 1 };

export class Ticks {
  /** `scope` holds the list; it may be drawn anew, since nothing is kept of it but who has the focus. */
  constructor(scope, { list }) {
    this.scope = scope;
    this.list = list;
    this.anchor = null;
    this.withShift = false;
    scope.addEventListener("mousedown", (event) => (this.withShift = event.shiftKey));
    scope.addEventListener("change", (event) => this.#ticked(event));
    scope.addEventListener("focusin", (event) => this.#rove(event.target));
    scope.addEventListener("keydown", (event) => this.#key(event));
    this.refresh();
  }

  get boxes() {
    return [...this.scope.querySelectorAll(`${this.list} [data-tick]`)].filter((box) => !box.closest("[hidden]"));
  }

  get ticked() {
    return this.boxes.filter((box) => box.checked);
  }

  /** What an action is about: the ticked faces, or the one that has the focus. */
  get meant() {
    const ticked = this.ticked;
    const focused = document.activeElement?.closest?.(`${this.list} > li`)?.querySelector("[data-tick]");
    return ticked.length || !focused ? ticked : [focused];
  }

  clear() {
    for (const box of this.boxes) box.checked = false;
    this.#tell();
  }

  /** The face that follows these ones, to have the focus once they are gone. */
  after(boxes) {
    const all = this.boxes;
    const last = Math.max(...boxes.map((box) => all.indexOf(box)));
    const stays = (box) => !boxes.includes(box);
    return all.slice(last + 1).find(stays) ?? all.slice(0, last).reverse().find(stays) ?? null;
  }

  /** After the list was drawn anew: one face is in the order of Tab, and the number of ticks is told. */
  refresh() {
    const boxes = this.boxes;
    const current = boxes.find((box) => box === document.activeElement) ?? boxes.find((box) => box.value === this.current) ?? boxes[0];
    for (const box of boxes) setTabbable(box, box === current);
    this.#tell();
  }

  focus(value) {
    const box = this.boxes.find((each) => each.value === value) ?? this.boxes[0];
    box?.focus({ preventScroll: true });
    box?.closest("li").scrollIntoView({ block: "nearest" });
  }

  #rove(target) {
    const box = target.closest?.(`${this.list} > li`)?.querySelector("[data-tick]");
    if (!box || box.value === this.current) return;
    const before = this.boxes.filter((each) => each.tabIndex === 0);
    for (const each of before) setTabbable(each, false);
    this.current = box.value;
    setTabbable(box, true);
  }

  #ticked(event) {
    const box = event.target;
    if (!box.matches("[data-tick]")) return;
    if (this.withShift) this.#range(box, box.checked);
    this.withShift = false;
    this.anchor = box.value;
    this.#tell();
  }

  #range(box, checked) {
    const boxes = this.boxes;
    const from = boxes.findIndex((each) => each.value === this.anchor);
    const to = boxes.indexOf(box);
    if (from < 0) return void (box.checked = checked);
    for (const each of boxes.slice(Math.min(from, to), Math.max(from, to) + 1)) each.checked = checked;
  }

  #key(event) {
    if (event.altKey || !event.target.matches?.("[data-tick]")) return;
    const box = event.target;
    const withControl = event.ctrlKey || event.metaKey;
    if (event.key === " ") this.withShift = event.shiftKey;
    else if (withControl && event.key.toLowerCase() === "a") {
      for (const each of this.boxes) each.checked = true;
      this.#tell();
      event.preventDefault();
    } else if (event.key === "Enter") {
      event.preventDefault();
      box.closest("li").querySelector("[data-film-address]").click();
    } else if (!withControl) this.#move(event, this.#target(event.key, box));
  }

  #move(event, target) {
    if (!target) return;
    event.preventDefault();
    const box = event.target;
    if (event.shiftKey) {
      if (this.anchor === null || !box.checked) this.anchor = box.value;
      this.#range(target, true);
      this.#tell();
    }
    target.focus({ preventScroll: true });
    target.closest("li").scrollIntoView({ block: "nearest" });
  }

  #target(key, box) {
    const boxes = this.boxes;
    const place = boxes.indexOf(box);
    if (key in STEPS) return boxes[place + STEPS[key]];
    if (key === "Home") return boxes[0];
    if (key === "End") return boxes.at(-1);
    if (key === "ArrowDown") return nearestBelow(box, boxes.slice(place + 1), 1);
    return key === "ArrowUp" ? nearestBelow(box, boxes.slice(0, place).reverse(), -1) : null;
  }

  #tell() {
    this.scope.dispatchEvent(new CustomEvent("ticks", { detail: { count: this.ticked.length } }));
  }
}

/** Of the next row in a direction, the face that is nearest to the one above or below. */
function nearestBelow(box, others, direction) {
  const { top, left } = box.getBoundingClientRect();
  let row = null;
  let best = null;
  for (const other of others) {
    const place = other.getBoundingClientRect();
    if ((place.top - top) * direction < 2) continue;
    row ??= place.top;
    if (Math.abs(place.top - row) > 2) break;
    if (best === null || Math.abs(place.left - left) < Math.abs(best.left - left)) best = { other, left: place.left };
  }
  return best?.other ?? null;
}

function setTabbable(box, isTabbable) {
  for (const each of box.closest("li").querySelectorAll("a, input")) each.tabIndex = isTabbable ? 0 : -1;
}
