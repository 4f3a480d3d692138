// Finds a character among many by a part of the name; who is asked for already stays in sight.

export function bindPeopleSearch(form) {
  const box = form.querySelector("[data-people-search]");
  if (!box) return;
  const choices = [...form.querySelectorAll("[data-person]")];
  const none = form.querySelector("[data-people-none]");
  const search = () => {
    const words = fold(box.value).split(/\s+/).filter(Boolean);
    let found = 0;
    for (const choice of choices) {
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

/** Lower case, without accents. */
function fold(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();
}
