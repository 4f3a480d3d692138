// Which signals are drawn as curves: chosen from a searchable list, remembered, and in the address. Fires "change".
import { writeValue } from "./signal_value.js";

const REMEMBERED = "curves";

export class SignalChooser extends EventTarget {
  constructor(root) {
    super();
    this.root = root.querySelector("[data-signals]");
    this.chips = root.querySelector("[data-chosen]");
    this.boxes = new Map([...this.root.querySelectorAll("input[data-signal]")].map((box) => [box.value, box]));
    this.#recall();
    this.#bindSearch();
    this.root.addEventListener("change", (event) => event.target.dataset.signal && this.#changed());
    this.chips.addEventListener("click", (event) => this.#remove(event.target.closest("[data-remove]")));
    this.#showChips();
  }

  get chosen() {
    return [...this.boxes.values()].filter((box) => box.checked).map((box) => box.value);
  }

  label(name) {
    return this.boxes.get(name)?.dataset.label ?? name;
  }

  write(name, value) {
    const { unit = "", whole } = this.boxes.get(name)?.dataset ?? {};
    return writeValue(value, { unit, isWhole: whole !== undefined });
  }

  /** Shows each chosen signal's value beside its name; null where it has none. */
  tell(valueOf) {
    for (const place of this.chips.querySelectorAll("[data-value]")) {
      const value = valueOf(place.dataset.value);
      place.textContent = value === null ? "–" : this.write(place.dataset.value, value);
    }
  }

  /** Without a word in the address, the curves are those of the last visit. */
  #recall() {
    const remembered = localStorage.getItem(REMEMBERED);
    if (remembered === null || new URLSearchParams(location.search).has("signals")) return;
    const names = remembered.split(",");
    for (const [name, box] of this.boxes) box.checked = names.includes(name);
  }

  #changed() {
    const names = this.chosen.join(",");
    localStorage.setItem(REMEMBERED, names);
    const address = new URL(location.href);
    address.searchParams.set("signals", names);
    history.replaceState(history.state, "", address);
    this.#showChips();
    this.dispatchEvent(new Event("change"));
  }

  #remove(button) {
    if (!button) return;
    const place = [...this.chips.querySelectorAll("[data-remove]")].indexOf(button);
    this.boxes.get(button.dataset.remove).checked = false;
    this.#changed();
    const left = this.chips.querySelectorAll("[data-remove]");
    (left[Math.min(place, left.length - 1)] ?? this.root.querySelector("summary")).focus();
  }

  #showChips() {
    this.chips.replaceChildren(...this.chosen.map((name) => this.#makeChip(name)));
  }

  #makeChip(name) {
    const [item, value, button] = ["li", "output", "button"].map((kind) => document.createElement(kind));
    item.className = "chip";
    value.dataset.value = name;
    button.type = "button";
    button.dataset.remove = name;
    button.textContent = "×";
    button.setAttribute("aria-label", `Hide ${this.label(name)}`);
    item.append(`${this.label(name)} `, value, button);
    return item;
  }

  #bindSearch() {
    const find = this.root.querySelector("[data-find]");
    find.addEventListener("input", () => this.#search(find.value));
    this.root.addEventListener("toggle", () => this.root.open && find.focus());
    this.root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      if (find.value === "") this.root.open = false;
      find.value = "";
      this.#search("");
      (this.root.open ? find : this.root.querySelector("summary")).focus();
    });
  }

  /** Every word must be somewhere in a signal's name, what it tells, or its group. */
  #search(text) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const group of this.root.querySelectorAll("[data-signal-group]")) {
      const about = group.querySelector("legend").textContent;
      const choices = [...group.querySelectorAll("label")];
      for (const choice of choices) {
        const said = `${about} ${choice.textContent}`.toLowerCase();
        choice.hidden = !words.every((word) => said.includes(word));
      }
      const left = choices.filter((choice) => !choice.hidden).length;
      group.hidden = left === 0;
      found += left;
    }
    this.root.querySelector("[data-none-found]").hidden = found > 0;
    this.root.querySelector("[data-found]").textContent = words.length ? `${found} signals found` : "";
  }
}
