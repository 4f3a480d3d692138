// The people page's parts drawn anew by the server, without losing focus, ticks, what is open, or half-written names.
import { getPartial } from "./server.js";

const KEPT = "li[id], #graph, #people-bar";
const TOKEN = /<input type="hidden" name="csrfmiddlewaretoken"[^>]*>/g;

export class PeopleParts {
  constructor(root) {
    this.root = root;
    this.asServed = new WeakMap();
    this.#remember(root);
  }

  async renew(address) {
    const fresh = await getPartial(address);
    if (fresh?.id !== "people") throw new Error("The page could not be renewed. Reload it.");
    this.#remember(fresh);
    const old = this.root.firstElementChild;
    const focus = describeFocus(this.root);
    const anchor = findAnchor(this.root);
    this.#takeOver(old, fresh);
    this.root.replaceChildren(fresh);
    restoreFocus(focus);
    keepPlace(anchor);
  }

  #remember(element) {
    for (const part of element.querySelectorAll(KEPT)) this.asServed.set(part, part.outerHTML.replace(TOKEN, ""));
  }

  /** Puts the old parts that are unchanged, pictures and all, into the fresh page, and the state of the others. */
  #takeOver(old, fresh) {
    const ticked = new Set([...old.querySelectorAll("[data-tick]:checked")].map((box) => box.value));
    const open = new Set([...old.querySelectorAll("details[open][id]")].map((details) => details.id));
    for (const part of fresh.querySelectorAll(KEPT)) {
      const known = document.getElementById(part.id);
      if (!known || !old.contains(known)) continue;
      if (this.asServed.get(known) === this.asServed.get(part) || isHalfWritten(known)) part.replaceWith(known);
    }
    for (const box of fresh.querySelectorAll("[data-tick]")) box.checked = ticked.has(box.value);
    for (const details of fresh.querySelectorAll("details[id]")) details.open ||= open.has(details.id);
  }
}

/** Who is at the top of the window, and how far from it: there they stay, whatever comes or goes above them. */
function findAnchor(root) {
  for (const row of root.querySelectorAll("#graph, [data-character]")) {
    const { top, bottom } = row.getBoundingClientRect();
    if (bottom > 0 && bottom > top) return { id: row.id, top, scrolled: scrollY };
  }
  return { id: "", top: 0, scrolled: scrollY };
}

function keepPlace({ id, top, scrolled }) {
  const there = document.getElementById(id);
  const moved = there ? there.getBoundingClientRect().top - top : scrolled - scrollY;
  if (moved) scrollBy({ top: moved, behavior: "instant" });
}

function isHalfWritten(part) {
  const box = part.querySelector("[data-name]:focus");
  return Boolean(box) && box.value !== box.defaultValue;
}

function describeFocus(root) {
  const element = document.activeElement;
  if (!root.contains(element)) return null;
  const row = element.closest("[data-character]");
  const rows = [...root.querySelectorAll("[data-character]")];
  const box = element.matches("input:not([type=checkbox], [type=range])") ? element : null;
  return {
    element,
    id: element.id,
    tick: element.matches("[data-tick]") ? element.value : null,
    place: row ? rows.indexOf(row) : -1,
    selection: box && [box.selectionStart, box.selectionEnd],
  };
}

/** Back to where the focus was; where that is gone, to whoever is there now. */
function restoreFocus(focus) {
  if (!focus) return;
  const { element, id, tick, place, selection } = focus;
  const rows = document.querySelectorAll("[data-character]");
  const there =
    (element.isConnected && element) ||
    (id && document.getElementById(id)) ||
    (tick && document.querySelector(`[data-tick][value="${tick}"]`)) ||
    (place >= 0 && rows[Math.min(place, rows.length - 1)]?.querySelector("[data-faces]")) ||
    document.querySelector("#people [data-tick], #people a");
  there?.focus({ preventScroll: true });
  if (selection && there?.matches("input")) there.setSelectionRange(...selection);
}
