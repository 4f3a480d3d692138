// The cast list: names written in place, marks set at once, people ticked, everything from the keyboard as well.
import { isTyping } from "./typing.js";

const EXTRA = "extra";

export function bindCast(root, page) {
  new CastList(root, page);
}

export const rowsOf = (root) => [...root.querySelectorAll("[data-character]")];
export const tickedRows = (root) => rowsOf(root).filter((row) => row.querySelector("[data-tick]")?.checked);

class CastList {
  constructor(root, page) {
    Object.assign(this, { root, page, lastTick: null });
    root.addEventListener("submit", (event) => this.#submit(event));
    root.addEventListener("change", (event) => this.#change(event));
    root.addEventListener("click", (event) => this.#click(event));
    root.addEventListener("renewed", () => this.#tell());
    document.addEventListener("keydown", (event) => this.#key(event));
    this.#tell();
  }

  #submit(event) {
    const form = event.target;
    if (!form.matches("[data-people-do]")) return;
    event.preventDefault();
    const action = event.submitter?.value ?? "name";
    if (form.matches("[data-ticked]")) this.#doWithTicked(action);
    else if (action === "name") this.#saveName(form.querySelector("[data-name]"));
    else this.#doOrReset(form, action);
  }

  /** What was refused is shown as it was before. */
  async #doOrReset(form, action) {
    if (!(await this.page.do(fieldsOf(form, action)))) form.reset();
  }

  #change({ target }) {
    if (target.matches("[data-name]")) this.#saveName(target);
    else if (target.matches("[data-do-on-change]")) this.#doOrReset(target.form, target.dataset.doOnChange);
    else if (target.matches("[data-tick]")) this.#tell();
  }

  /** Once for one change, whether Enter or leaving the field told of it. */
  async #saveName(box) {
    const former = box.defaultValue;
    if (box.value.trim() === former.trim()) return;
    box.defaultValue = box.value;
    if (await this.page.do(fieldsOf(box.form, "name"))) return;
    box.defaultValue = former;
    box.value = former;
  }

  #click(event) {
    const box = event.target.closest("[data-tick]");
    if (event.target.closest("[data-untick]")) this.#untick();
    if (!box) return;
    const rows = rowsOf(this.root);
    const [from, to] = [this.lastTick, box.value].map((pk) => rows.findIndex((row) => row.dataset.character === pk));
    if (event.shiftKey && from >= 0) {
      for (const row of rows.slice(Math.min(from, to), Math.max(from, to) + 1)) row.querySelector("[data-tick]").checked = box.checked;
      this.#tell();
    }
    this.lastTick = box.value;
  }

  #untick() {
    for (const row of tickedRows(this.root)) row.querySelector("[data-tick]").checked = false;
    this.#tell();
  }

  async #doWithTicked(action, rows = tickedRows(this.root)) {
    if (!rows.length) return;
    const pks = rows.map((row) => row.dataset.character);
    const into = this.root.querySelector("[data-into]").value;
    const fields = {
      merge: () => (pks.length > 1 ? mergeFields(into, pks) : null),
      importance: () => [["action", "importance"], ["importance", EXTRA], ...pks.map((pk) => ["others", pk])],
      "not-face": () => [["action", "not-face"], ...pks.map((pk) => ["others", pk])],
    }[action]();
    if (fields && (await this.page.do(fields))) this.#untick();
  }

  /** The bar says who is ticked, and whom they would be merged into: the one with a name, else the most prominent. */
  #tell() {
    const form = this.root.querySelector("[data-ticked]");
    if (!form) return;
    const rows = tickedRows(this.root);
    const chosen = form.querySelector("[data-into]").value;
    const names = rows.map((row) => row.dataset.label);
    form.classList.toggle("has-ticked", rows.length > 0);
    const said = this.root.querySelector("[data-said]").textContent;
    form.closest("#people-bar").classList.toggle("is-needed", rows.length > 0 || said !== "");
    form.querySelector("[data-ticked-words]").textContent =
      rows.length === 0 ? "Tick people to merge or mark them" : rows.length <= 2 ? names.join(" and ") : `${rows.length} people`;
    form.querySelector("[data-into]").replaceChildren(...rows.map((row) => new Option(row.dataset.label, row.dataset.character)));
    const isStillTicked = rows.some((row) => row.dataset.character === chosen) && this.ticks > 1;
    const named = rows.find((row) => "named" in row.dataset) ?? rows[0];
    form.querySelector("[data-into]").value = isStillTicked ? chosen : (named?.dataset.character ?? "");
    this.ticks = rows.length;
    form.querySelector('[value="merge"]').disabled = rows.length < 2;
    form.querySelector(".people-bar-into").hidden = rows.length < 2;
    for (const button of form.querySelectorAll('[value="importance"], [value="not-face"]')) button.disabled = !rows.length;
    form.querySelector("[data-untick]").hidden = !rows.length;
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog:modal")) return;
    if (event.key === "Escape") this.#escape(event);
    if (isTyping(event)) return;
    const row = event.target.closest?.("[data-character]");
    const aimed = tickedRows(this.root).length || !row ? undefined : [row];
    const actions = {
      ArrowDown: () => row && this.#move(row, 1),
      ArrowUp: () => row && this.#move(row, -1),
      " ": () => row && event.target.matches("[data-faces]") && row.querySelector("[data-tick]")?.click() !== null,
      n: () => row?.querySelector("[data-name]") && this.#write(row.querySelector("[data-name]")),
      m: () => this.#may() && this.#doWithTicked("merge") && true,
      e: () => this.#may() && this.#doWithTicked("importance", aimed) && true,
      x: () => this.#may() && this.#doWithTicked("not-face", aimed) && true,
    };
    const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (action?.()) event.preventDefault();
  }

  #may() {
    return this.root.querySelector("[data-ticked]") !== null;
  }

  #move(row, step) {
    const rows = rowsOf(this.root).filter((each) => each.checkVisibility());
    const next = rows[rows.indexOf(row) + step];
    next?.querySelector("[data-faces]").focus();
    return true;
  }

  #write(box) {
    box.focus();
    box.select();
    return true;
  }

  #escape(event) {
    const box = event.target.closest?.("[data-name]");
    if (!box) return void this.#untick();
    box.value = box.defaultValue;
    box.closest("[data-character]").querySelector("[data-faces]").focus();
  }
}

export function mergeFields(into, pks) {
  return [["action", "merge"], ["character", into], ...pks.filter((pk) => pk !== into).map((pk) => ["others", pk])];
}

function fieldsOf(form, action) {
  const fields = [...new FormData(form)].filter(([name]) => !["action", "next", "csrfmiddlewaretoken"].includes(name));
  return [["action", action], ...fields];
}
