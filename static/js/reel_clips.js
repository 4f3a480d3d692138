// The clips of a reel: previews that loop under the pointer, dragging, keys, and what their forms say.
import { bindDragging } from "./drag_order.js";
import { isControl, isTyping } from "./typing.js";

export class ReelClips {
  constructor(page) {
    Object.assign(this, { page, part: page.part, player: page.player, facts: { clips: [] } });
    this.player.addEventListener("clip", () => this.#mark());
    page.root.addEventListener("click", (event) => this.#click(event));
    for (const type of ["pointerover", "pointerout"]) this.part.addEventListener(type, (event) => this.#preview(event));
    document.addEventListener("keydown", (event) => this.#key(event));
    if (page.mayEdit) {
      const mayDrag = (event) => !event.target.closest?.("input, a");
      bindDragging(this.part, { name: "clip", mayDrag, move: (item, before) => this.#move(item, before) });
    }
  }

  draw(facts) {
    this.facts = facts;
    for (const item of this.items) {
      const film = item.querySelector("video");
      if (film) film.controls = false;
    }
    this.#mark();
  }

  get items() {
    return [...this.part.querySelectorAll("[data-clip]")];
  }

  submit(form, submitter) {
    const fields = Object.fromEntries(new FormData(form));
    delete fields.csrfmiddlewaretoken;
    if (submitter?.name) fields[submitter.name] = submitter.value;
    const item = form.closest("[data-clip]");
    document.activeElement?.blur(); // what is being written keeps the page from being drawn anew
    if (fields.action === "take-out") this.takeOut(item);
    else this.page.do(fields);
  }

  /** The clip that keys are about: the one with the focus, or the one in the player. */
  #meant(event) {
    const focused = event.target.closest?.("[data-clip]");
    const shown = this.player.clip?.clip;
    return focused ?? this.items.find((item) => item.dataset.clip === String(shown)) ?? null;
  }

  #fact(item) {
    return this.facts.clips.find(({ clip }) => String(clip) === item.dataset.clip) ?? null;
  }

  #show(item) {
    const index = this.facts.clips.findIndex(({ clip }) => String(clip) === item.dataset.clip);
    if (index >= 0) this.player.choose(index);
  }

  #mark() {
    const shown = String(this.player.clip?.clip);
    for (const item of this.items) item.toggleAttribute("data-shown", item.dataset.clip === shown);
  }

  #click(event) {
    const act = event.target.closest("[data-act]")?.dataset.act;
    if (act === "set-in" || act === "set-out") return void this.#setEnd(act);
    const item = event.target.closest("[data-clip]");
    if (item && event.target.matches("video")) this.#show(item);
  }

  /** A clip loops while the pointer is over its picture. */
  #preview(event) {
    const film = event.target;
    if (!(film instanceof HTMLVideoElement) || event.pointerType === "touch") return;
    const fact = this.#fact(film.closest("[data-clip]"));
    if (event.type === "pointerout" || !fact) return void film.pause();
    film.ontimeupdate = () => film.currentTime >= fact.end_s - 0.02 && again();
    film.onpause = () => film.matches(":hover") && film.currentTime >= fact.end_s - 0.1 && again();
    film.onended = () => again();
    const again = () => {
      film.currentTime = fact.start_s + 0.001;
      film.play().catch(() => {});
    };
    if (film.currentTime < fact.start_s || film.currentTime >= fact.end_s - 0.02) again();
    else film.play().catch(() => {});
  }

  #key(event) {
    if (isTyping(event) || document.querySelector("dialog:modal")) return;
    const act = event.ctrlKey || event.metaKey ? this.#stepKey(event) : this.#clipKey(event);
    if (!act) return;
    event.preventDefault();
    act();
  }

  #stepKey(event) {
    if (event.key.toLowerCase() !== "z" || event.altKey || !this.page.mayEdit) return null;
    return () => this.page.step(event.shiftKey ? "redo" : "undo");
  }

  #clipKey(event) {
    const { player } = this;
    const direction = { ArrowUp: -1, ArrowDown: 1, ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.target.matches?.("input[type=range]") && direction) return null;
    if (event.altKey) return direction && this.page.mayEdit ? () => this.#moveBy(this.#meant(event), direction) : null;
    if (event.key === "ArrowUp" || event.key === "ArrowDown") return () => player.choose(player.index + direction);
    if (event.key === " ") return isControl(event) ? null : () => player.toggle();
    if (event.key === "," || event.key === ".") return () => player.step(event.key === "," ? -1 : 1);
    return this.page.mayEdit ? this.#trimKey(event) : null;
  }

  #trimKey(event) {
    const item = this.#meant(event);
    const fact = item && this.#fact(item);
    if (event.key === "Delete" || event.key === "Backspace") return item && (() => this.takeOut(item));
    if (!fact) return null;
    const by = { "[": ["in", -1], "]": ["in", 1], "{": ["out", -1], "}": ["out", 1] }[event.key];
    if (by) return () => this.#trim(fact, { [by[0]]: fact[by[0]] + by[1] });
    const end = { i: "set-in", o: "set-out" }[event.key.toLowerCase()];
    return end ? () => this.#setEnd(end) : null;
  }

  /** The frame in the player becomes the first or the last one of its clip. */
  #setEnd(act) {
    const fact = this.player.clip;
    if (fact) this.#trim(fact, act === "set-in" ? { in: this.player.frame } : { out: this.player.frame + 1 });
  }

  #trim(fact, ends) {
    const fields = { action: "trim", number: fact.clip };
    for (const [end, frame] of Object.entries(ends)) {
      if (frame < 0) return;
      fields[`${end}_frame`] = frame;
      fact[end] = frame; // the next key counts on, before the server has answered
    }
    this.page.do(fields);
  }

  takeOut(item) {
    const next = item.nextElementSibling ?? item.previousElementSibling;
    item.remove();
    next?.querySelector("a")?.focus();
    this.page.do({ action: "take-out", number: item.dataset.clip });
  }

  #moveBy(item, direction) {
    if (!item) return;
    const before = direction < 0 ? item.previousElementSibling : item.nextElementSibling?.nextElementSibling ?? null;
    if (direction < 0 ? before : item.nextElementSibling) this.#move(item, before);
  }

  #move(item, before) {
    if (before === item || before === item.nextElementSibling) return;
    this.part.querySelector("[data-clips]").insertBefore(item, before);
    item.querySelector("a")?.focus();
    this.page.do({ action: "move", number: item.dataset.clip, before: before?.dataset.clip ?? "" });
  }
}
