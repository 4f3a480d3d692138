// The filters in force as chips, each of which takes its filter away. Fires "drop" when the form has changed.

export class ActiveFilters extends EventTarget {
  constructor(root, form) {
    super();
    Object.assign(this, { root, form, list: root.querySelector("[data-chips]"), active: [] });
    this.narrowing = root.querySelector("[data-narrowing]")?.dataset.narrowing ?? ""; // what no field of the form holds
    this.list.addEventListener("click", (event) => {
      const chip = event.target.closest("[data-active-filter]");
      if (chip) this.#drop(Number(chip.dataset.activeFilter));
    });
  }

  get isEmpty() {
    return this.active.length === 0;
  }

  /** Whether only some chosen stills are shown. */
  get isNarrowed() {
    return this.narrowing !== "";
  }

  /** Shows what the form says now. */
  tell() {
    const narrowing = this.isNarrowed ? [{ text: this.narrowing, clear: () => { this.narrowing = ""; } }] : [];
    this.active = [...narrowing, ...plainFilters(this.form), ...chosenPeople(this.form), ...chosenChoices(this.form), ...ranges(this.form)];
    this.root.hidden = this.isEmpty;
    this.list.replaceChildren(...this.active.map(({ text }, index) => makeChip(text, index)));
  }

  /** Puts the order and every filter back to where a newcomer finds them. */
  dropAll() {
    for (const { clear } of this.active) clear();
    this.form.elements.sort.value = "rank";
    this.dispatchEvent(new Event("drop"));
  }

  #drop(index) {
    this.active[index].clear();
    this.dispatchEvent(new Event("drop"));
    const chips = this.list.querySelectorAll("button");
    chips[Math.min(index, chips.length - 1)]?.focus();
  }
}

function plainFilters(form) {
  const { verdict, stars, shot } = form.elements;
  const chosen = [...verdict].find((radio) => radio.checked && radio.value);
  const all = [...verdict].find((radio) => radio.value === "");
  return [
    chosen && { text: chosen.dataset.chip, clear: () => { all.checked = true; } },
    stars.value && { text: `Stars: ${stars.value} or more`, clear: () => { stars.value = ""; } },
    shot.value.trim() && { text: `Shots: ${shot.value.trim()}`, clear: () => { shot.value = ""; } },
  ].filter(Boolean);
}

function chosenPeople(form) {
  const mode = form.elements.people_mode?.selectedOptions[0].dataset.chip;
  const boxes = [...form.querySelectorAll("[data-person] input:checked")];
  return boxes.map((box) => ({ text: `${mode}: ${box.dataset.chip}`, clear: () => { box.checked = false; } }));
}

function chosenChoices(form) {
  const boxes = [...form.querySelectorAll("[data-facet] input:checked")];
  return boxes.map((box) => ({ text: box.dataset.chip, clear: () => { box.checked = false; } }));
}

function ranges(form) {
  return [...form.querySelectorAll("[data-range]")].flatMap((field) => {
    const [low, high] = field.querySelectorAll("input[type=number]");
    if (low.value === "" && high.value === "") return [];
    const span = high.value === "" ? `${low.value} or more` : low.value === "" ? `${high.value} or less` : `${low.value}–${high.value}`;
    return [{ text: `${field.dataset.label}: ${span}`, clear: () => { low.value = high.value = ""; } }];
  });
}

function makeChip(text, index) {
  const [item, button, cross] = ["li", "button", "span"].map((name) => document.createElement(name));
  Object.assign(button, { type: "button", className: "drop-chip", title: "Remove this filter" });
  button.dataset.activeFilter = String(index);
  cross.textContent = "×";
  cross.setAttribute("aria-hidden", "true");
  button.append(`${text} `, cross);
  item.append(button);
  return item;
}
