// Shots picked for a string-out: kept in the address, so that they can be sent, and in the forms that are sent.
import { shotAt } from "./film_time.js";

const MOST = 300;

/** Fires "change" when what is picked is different. */
export class Picks extends EventTarget {
  constructor(root, { film }) {
    super();
    Object.assign(this, { root, shots: film.shots, anchor: null });
    this.spans = new Map(film.shots.map(([start, end]) => [start, end]));
    this.rate = film.fps[0] / film.fps[1];
    this.times_s = film.times_s;
    this.starts = this.#read();
    root.addEventListener("click", (event) => this.#click(event));
    root.addEventListener("ava:opened", () => this.show());
    this.show();
  }

  /** After a step back or on in the browser. */
  reread() {
    this.starts = this.#read();
    this.show();
  }

  has(start) {
    return this.starts.includes(start);
  }

  toggle(start) {
    this.#set(this.has(start) ? this.starts.filter((each) => each !== start) : [...this.starts, start]);
  }

  /** Every mark, form and count says what is picked; marks that came with other words are set right. */
  show() {
    for (const mark of this.root.querySelectorAll("[data-pick]")) {
      const isPicked = this.has(Number(mark.dataset.pick));
      mark.setAttribute("role", "button");
      mark.setAttribute("aria-pressed", String(isPicked));
      mark.firstChild.textContent = isPicked ? "Picked" : "Pick";
      mark.closest("[data-hit]")?.classList.toggle("is-picked", isPicked);
      mark.classList.toggle("is-picked", isPicked);
    }
    for (const field of document.querySelectorAll("[data-picked-field]")) field.value = this.starts.join(",");
    const count = this.root.querySelector("[data-picked-count]");
    if (count) {
      count.textContent = this.starts.length ? `${this.starts.length} picked` : "Nothing picked";
      this.root.querySelector("[data-picked-length]").textContent = this.starts.length ? `${this.#length_s.toFixed(1)} s` : "";
      this.root.querySelector("[data-clear-picks]").hidden = !this.starts.length;
    }
    this.dispatchEvent(new Event("change"));
  }

  get #length_s() {
    const seconds = (frame) => this.times_s?.[frame] ?? frame / this.rate;
    return this.starts.filter((start) => this.spans.has(start)).reduce((sum, start) => sum + seconds(this.spans.get(start)) - seconds(start), 0);
  }

  #click(event) {
    const mark = event.target.closest("[data-pick], [data-clear-picks]");
    if (!mark || event.ctrlKey || event.metaKey || event.button) return;
    event.preventDefault();
    if ("clearPicks" in mark.dataset) return this.#clear();
    const start = Number(mark.dataset.pick);
    if (event.shiftKey && this.anchor !== null) this.#pickTo(start);
    else this.toggle(start);
    this.anchor = start;
  }

  /** All cards from the last one that was picked to this one, in the order of the list. */
  #pickTo(start) {
    const listed = [...this.root.querySelectorAll("[data-hits] [data-pick]")].map((mark) => Number(mark.dataset.pick));
    const [from, to] = [listed.indexOf(this.anchor), listed.indexOf(start)].sort((a, b) => a - b);
    if (from < 0) return this.toggle(start);
    this.#set([...new Set([...this.starts, ...listed.slice(from, to + 1)])]);
  }

  /** One step back in the browser brings them back. */
  #clear() {
    history.pushState(history.state, "", location.href);
    this.#set([]);
  }

  #set(starts) {
    this.starts = starts.slice(0, MOST);
    this.remember();
  }

  /** Writes what is picked into the address and everywhere on the page. */
  remember() {
    const address = new URL(location.href);
    if (this.starts.length) address.searchParams.set("picked", this.starts.join(","));
    else address.searchParams.delete("picked");
    history.replaceState(history.state, "", address);
    this.show();
  }

  /** What the address has, by the first frames of the shots that it lies in: a new analysis may have found other cuts. */
  #read() {
    const told = new URLSearchParams(location.search).getAll("picked").join(",").split(",");
    const frames = told.filter((text) => /^\d{1,9}$/.test(text.trim())).map(Number);
    const shots = frames.map((frame) => shotAt(this.shots, frame)).filter((shot) => shot >= 0);
    return [...new Set(shots.map((shot) => this.shots[shot][0]))];
  }
}
