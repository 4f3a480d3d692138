// One pick list: pictures dragged to their place or moved by key, taken out, and everything taken back.
import { copied } from "./clipboard.js";
import { say } from "./notices.js";
import { postForm } from "./server.js";
import { isTyping } from "./typing.js";

export function bind(root) {
  const page = new PickListPage(root);
  page.draw();
  root.addEventListener("ava:renewed", () => page.draw());
}

class PickListPage {
  constructor(root) {
    this.root = root;
    this.mayEdit = "mayEdit" in root.dataset;
    this.line = Promise.resolve();
    document.addEventListener("keydown", (event) => this.#key(event));
    root.addEventListener("submit", (event) => this.#submit(event));
    root.addEventListener("click", (event) => event.target.closest("[data-copy]") && this.#copy());
    if (this.mayEdit) this.#bindDragging();
  }

  draw() {
    for (const hidden of this.root.querySelectorAll("[data-copy], [data-only-script]")) hidden.hidden = false;
  }

  get stills() {
    return [...this.root.querySelectorAll("[data-frame]")];
  }

  /** Sends one step after the other, then has the page drawn as the list is now. */
  do(address, fields) {
    this.line = this.line.then(async () => {
      try {
        const { sentence } = await postForm(address, fields);
        if (sentence) say(sentence);
      } catch (error) {
        say(error.message, { kind: "error" });
      }
      this.root.dispatchEvent(new Event("ava:renew"));
    });
    return this.line;
  }

  move(still, before) {
    if (before === still || before === still.nextElementSibling) return;
    this.root.querySelector("[data-listed]").insertBefore(still, before);
    still.querySelector("a").focus();
    this.do(this.root.dataset.do, { action: "move", frames: still.dataset.frame, before: before?.dataset.frame ?? "" });
  }

  remove(still) {
    const next = still.nextElementSibling ?? still.previousElementSibling;
    still.remove();
    next?.querySelector("a").focus();
    this.do(this.root.dataset.do, { action: "remove", frames: still.dataset.frame });
  }

  #key(event) {
    if (isTyping(event) || document.querySelector("dialog:modal")) return;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && !event.shiftKey) {
      event.preventDefault();
      if (this.mayEdit) this.do(this.root.dataset.undo, {});
      return;
    }
    const still = event.target.closest?.("[data-frame]");
    if (!still || !this.root.contains(still)) return;
    const act = this.#action(event, still);
    if (!act) return;
    event.preventDefault();
    act();
  }

  #action(event, still) {
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.#columns(), ArrowDown: this.#columns() }[event.key];
    const at = this.stills.indexOf(still);
    if (by && event.altKey) return this.mayEdit && (() => this.move(still, this.stills[clamp(at + (by > 0 ? by + 1 : by), this.stills.length)] ?? null));
    if (event.altKey || event.ctrlKey || event.metaKey) return null;
    if (by) return () => this.stills[at + by]?.querySelector("a").focus();
    if (event.key === "Delete" || event.key === "Backspace") return this.mayEdit && (() => this.remove(still));
    return null;
  }

  #columns() {
    const tops = this.stills.map((still) => still.offsetTop);
    return Math.max(tops.findIndex((top) => top > tops[0]), 1);
  }

  #submit(event) {
    const form = event.target;
    const [action, frames] = [event.submitter?.value, form.elements.frames?.value];
    if (form.matches("[data-undo-form]")) this.do(this.root.dataset.undo, {});
    else if (action === "remove" && frames) this.remove(form.closest("[data-frame]"));
    else if (action === "move" && frames) this.do(this.root.dataset.do, { action, frames, before: form.elements.before.value });
    else return;
    event.preventDefault();
  }

  async #copy() {
    if (await copied(location.href)) say("The link is copied. Everybody in this title's teams can open it.");
    else say(location.href, { lasting_ms: 20000 });
  }

  #bindDragging() {
    let dragged = null;
    const target = (event) => event.target.closest?.("[data-frame]");
    this.root.addEventListener("dragstart", (event) => {
      dragged = target(event);
      if (!dragged) return;
      this.root.dataset.busy = "";
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", dragged.dataset.frame);
      dragged.classList.add("is-dragged");
    });
    this.root.addEventListener("dragover", (event) => {
      if (!dragged) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "move";
      const over = target(event);
      for (const still of this.stills) still.classList.remove("drop-before", "drop-after");
      if (over && over !== dragged) over.classList.add(isAfter(event, over) ? "drop-after" : "drop-before");
    });
    this.root.addEventListener("drop", (event) => {
      const over = target(event);
      if (!dragged || !over) return;
      event.preventDefault();
      if (over !== dragged) this.move(dragged, isAfter(event, over) ? over.nextElementSibling : over);
    });
    this.root.addEventListener("dragend", () => {
      dragged = null;
      delete this.root.dataset.busy;
      for (const still of this.stills) still.classList.remove("is-dragged", "drop-before", "drop-after");
    });
  }
}

function isAfter(event, element) {
  const { left, width } = element.getBoundingClientRect();
  return event.clientX > left + width / 2;
}

function clamp(index, length) {
  return Math.min(Math.max(index, 0), length);
}
