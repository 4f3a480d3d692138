// The list of characters to ask for: found by a part of the name, and called what they are called now.

export function bindPeopleSearch(form) {
  const box = form.querySelector("[data-people-search]");
  if (!box) return;
  const none = form.querySelector("[data-people-none]");
  const search = () => {
    const words = fold(box.value).split(/\s+/).filter(Boolean);
    let found = 0;
    for (const choice of form.querySelectorAll("[data-person]")) {
      const name = fold(choice.querySelector(".person-name").textContent);
      const isFound = words.every((word) => name.includes(word));
      found += isFound ? 1 : 0;
      choice.closest("li").hidden = !isFound && !choice.querySelector("input").checked;
    }
    none.hidden = found > 0;
  };
  box.addEventListener("input", (event) => {
    event.stopPropagation(); // it narrows the list of names, not that of stills
    search();
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
    if (event.key !== "Escape" || box.value === "") return;
    event.preventDefault();
    box.value = "";
    search();
  });
}

/** Puts names that colleagues have just given into the list; who is nobody of their own any more goes. */
export function renameChoices(form, labels) {
  for (const choice of form.querySelectorAll("[data-person]")) {
    const [box, name, portrait] = ["input", ".person-name", "img"].map((part) => choice.querySelector(part));
    const label = labels[box.value];
    if (label === undefined) {
      choice.closest("li").remove();
      continue;
    }
    box.dataset.chip = name.textContent = label;
    if (portrait) portrait.alt = label;
  }
}

/** Lower case, without accents. */
function fold(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();
}
