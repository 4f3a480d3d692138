// Where the results of a search lie along the player's timeline: marks over it, and the way from one to the next.
import { say } from "./notices.js";
import { getJson } from "./server.js";
import { isTyping } from "./typing.js";

export async function bind(area) {
  const query = new URLSearchParams(location.search).get("found");
  const film = document.querySelector("[data-film]");
  if (!query || !film) return;
  const facts = JSON.parse(document.getElementById(film.dataset.film).textContent);
  try {
    const { marks } = await getJson(`${facts.urls.film.replace("film.json", "search-marks.json")}?${query}`);
    new Marks(area, { marks, frames: facts.frame_count, query });
  } catch (refused) {
    say(refused.message, { kind: "error" });
  }
}

class Marks {
  constructor(area, { marks, frames, query }) {
    Object.assign(this, { area, marks, frames });
    this.scroller = area.querySelector("[data-scroller]");
    this.spacer = area.querySelector("[data-spacer]");
    this.place = document.querySelector("[data-go]");
    this.#buildBar(query);
    this.#buildLayer();
    this.scroller.addEventListener("scroll", () => this.#lay(), { passive: true });
    new ResizeObserver(() => this.#lay()).observe(this.spacer);
    document.addEventListener("keydown", (event) => {
      if (event.key.toLowerCase() !== "n" || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
      if (document.querySelector("dialog:modal")) return;
      event.preventDefault();
      this.#step(event.shiftKey ? -1 : 1);
    });
  }

  #buildBar(query) {
    const bar = document.createElement("div");
    bar.className = "found-bar";
    const count = document.createElement("p");
    const words = new URLSearchParams(query).get("q");
    const many = this.marks.length === 1 ? "1 result" : `${this.marks.length || "No"} results`;
    count.textContent = `${many}${words ? ` for ${words}` : ""} in this film`;
    this.told = document.createElement("p");
    this.told.className = "found-told soft";
    this.told.setAttribute("role", "status");
    const back = document.createElement("a");
    Object.assign(back, { href: `/search/?${query}`, textContent: "All results" });
    bar.append(count, this.#button("Before", "⇧N", -1), this.#button("Next", "N", 1), this.told, back);
    this.area.prepend(bar);
  }

  #button(label, key, by) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "quiet small", disabled: !this.marks.length });
    const shown = document.createElement("kbd");
    shown.textContent = key;
    button.append(`${label} `, shown);
    button.addEventListener("click", () => this.#step(by));
    return button;
  }

  /** One button a result; a click goes there, and so does Enter. */
  #buildLayer() {
    this.layer = document.createElement("div");
    this.layer.className = "found-marks";
    this.layer.setAttribute("role", "group");
    this.layer.setAttribute("aria-label", "Results of the search");
    this.buttons = this.marks.map((mark) => {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", className: "found-mark", title: mark.text });
      button.setAttribute("aria-label", `Result ${mark.place}: ${mark.text}`);
      button.addEventListener("click", () => this.#go(mark));
      return button;
    });
    this.layer.append(...this.buttons);
    this.area.querySelector(".timeline-stage").prepend(this.layer);
  }

  #lay() {
    const scale = this.spacer.offsetWidth / this.frames;
    this.marks.forEach((mark, index) => {
      const left = mark.start_frame * scale - this.scroller.scrollLeft;
      const { style } = this.buttons[index];
      style.translate = `${left}px 0`;
      style.width = `${Math.max((mark.end_frame - mark.start_frame) * scale - 1, 4)}px`;
      this.buttons[index].hidden = left > this.scroller.clientWidth || left + (mark.end_frame - mark.start_frame) * scale < 0;
    });
  }

  /** To the result after or before what the player shows; round again at the film's end. */
  #step(by) {
    if (!this.marks.length) return;
    const here = Number(document.querySelector("[data-frame]").textContent);
    const found = by > 0 ? this.marks.find(({ frame }) => frame > here) : this.marks.findLast(({ frame }) => frame < here);
    this.#go(found ?? this.marks.at(by > 0 ? 0 : -1));
  }

  /** The player goes where its place is typed. */
  #go(mark) {
    this.place.value = String(mark.frame);
    this.place.dispatchEvent(new Event("change"));
    this.told.textContent = mark.text;
    for (const [index, button] of this.buttons.entries()) {
      if (this.marks[index] === mark) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
  }
}
