// "Move to…": somebody of the cast found by typing, or a new person, by name if one is typed.

export class CharacterChooser {
  constructor(dialog) {
    this.dialog = dialog;
    this.words = dialog.querySelector("[data-words]");
    this.list = dialog.querySelector("[data-choices]");
    this.words.addEventListener("input", () => this.#show());
    this.words.addEventListener("keydown", (event) => this.#key(event));
    this.list.addEventListener("click", (event) => this.#choose(event.target.closest("[role=option]")));
    dialog.addEventListener("close", () => this.#answer(null));
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  }

  /** Resolves with `{to, name}`, `to` being a number or "new"; null when nobody was chosen. */
  ask(choices, { heading }) {
    this.choices = choices;
    this.dialog.querySelector("h2").textContent = heading;
    this.words.value = "";
    this.#show();
    this.dialog.showModal();
    this.words.focus();
    return new Promise((resolve) => (this.resolve = resolve));
  }

  #show() {
    const typed = this.words.value.trim().replace(/\s+/g, " ");
    const parts = typed.toLowerCase().split(" ").filter(Boolean);
    const found = this.choices.filter(({ label }) => parts.every((part) => label.toLowerCase().includes(part)));
    const isTaken = this.choices.some(({ label }) => label.toLowerCase() === typed.toLowerCase());
    const options = found.map((choice) => option(choice));
    if (!isTaken) options.push(option({ to: "new", name: typed, label: typed ? `New person called “${typed}”` : "New person", note: "" }));
    options.forEach((each, index) => (each.id = `chooser-option-${index}`));
    this.list.replaceChildren(...options);
    this.#activate(0);
  }

  #activate(index) {
    const options = [...this.list.children];
    this.active = (index + options.length) % options.length;
    options.forEach((each, place) => each.setAttribute("aria-selected", String(place === this.active)));
    this.words.setAttribute("aria-activedescendant", options[this.active].id);
    options[this.active].scrollIntoView({ block: "nearest" });
  }

  #key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.#activate(this.active + step);
    else if (event.key === "Enter") this.#choose(this.list.children[this.active]);
    else return;
    event.preventDefault();
  }

  #choose(chosen) {
    if (!chosen) return;
    this.#answer({ to: chosen.dataset.to, name: chosen.dataset.name });
    this.dialog.close();
  }

  #answer(choice) {
    this.resolve?.(choice);
    this.resolve = null;
  }
}

function option({ to, name = "", label, note, picture }) {
  const item = document.createElement("li");
  item.setAttribute("role", "option");
  item.className = "cast-choice";
  Object.assign(item.dataset, { to, name });
  const face = document.createElement(picture ? "img" : "span");
  if (picture) Object.assign(face, { src: picture, alt: "", width: 160, height: 160 });
  else Object.assign(face, { className: "no-face", textContent: to === "new" ? "+" : "" });
  const words = document.createElement("span");
  words.className = "cast-choice-name";
  words.append(label);
  if (note) words.append(Object.assign(document.createElement("span"), { className: "hint", textContent: note }));
  item.append(face, words);
  return item;
}

/** Everybody in the list beside the faces, whom they can be given to. */
export function readChoices(root) {
  return [...root.querySelectorAll("#side-cast [data-give]:not([data-give=''])")].map((each) => ({
    to: each.dataset.give,
    label: each.dataset.label,
    note: each.querySelector(".hint")?.textContent ?? "",
    picture: each.querySelector("img")?.getAttribute("src"),
  }));
}
