// One pick list: pictures dragged to their place or moved by key, taken out, and everything taken back.
import { copied } from "./clipboard.js";
import { bindDragging } from "./drag_order.js";
import { say } from "./notices.js";
import { StepLine } from "./step_line.js";
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
    this.line = new StepLine(root);
    document.addEventListener("keydown", (event) => this.#key(event));
    root.addEventListener("submit", (event) => this.#submit(event));
    root.addEventListener("click", (event) => event.target.closest("[data-copy]") && this.#copy());
    if (this.mayEdit) bindDragging(root, { name: "frame", move: (still, before) => this.move(still, before) });
  }

  draw() {
    for (const hidden of this.root.querySelectorAll("[data-copy], [data-only-script]")) hidden.hidden = false;
  }

  get stills() {
    return [...this.root.querySelectorAll("[data-frame]")];
  }

  move(still, before) {
    if (before === still || before === still.nextElementSibling) return;
    this.root.querySelector("[data-listed]").insertBefore(still, before);
    still.querySelector("a").focus();
    this.line.send(this.root.dataset.do, { action: "move", frames: still.dataset.frame, before: before?.dataset.frame ?? "" });
  }

  remove(still) {
    const next = still.nextElementSibling ?? still.previousElementSibling;
    still.remove();
    next?.querySelector("a").focus();
    this.line.send(this.root.dataset.do, { action: "remove", frames: still.dataset.frame });
  }

  #key(event) {
    if (isTyping(event) || document.querySelector("dialog:modal")) return;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && !event.shiftKey) {
      event.preventDefault();
      if (this.mayEdit) this.line.send(this.root.dataset.undo, {});
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
    if (form.matches("[data-undo-form]")) this.line.send(this.root.dataset.undo, {});
    else if (action === "remove" && frames) this.remove(form.closest("[data-frame]"));
    else if (action === "move" && frames) this.line.send(this.root.dataset.do, { action, frames, before: form.elements.before.value });
    else return;
    event.preventDefault();
  }

  async #copy() {
    if (await copied(location.href)) say("The link is copied. Everybody in this title's teams can open it.");
    else say(location.href, { lasting_ms: 20000 });
  }
}

function clamp(index, length) {
  return Math.min(Math.max(index, 0), length);
}
