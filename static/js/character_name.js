// The name of a character, edited where it stands; the name of somebody else asks whether both are one person.

export function bindName(root, { character, actions }) {
  const input = () => root.querySelector("[data-name]");
  root.addEventListener("input", (event) => event.target.matches("[data-name]") && tellNamesake(root));
  root.addEventListener("change", (event) => {
    if (!event.target.matches("[data-name]") || namesake(root)) return;
    save(root, { character, actions });
  });
  root.addEventListener("keydown", (event) => {
    if (!event.target.matches?.("[data-name]") || event.key !== "Escape") return;
    input().value = input().defaultValue;
    tellNamesake(root);
    input().blur();
  });
  root.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-name-form]")) return;
    event.preventDefault(); // Enter has told of the change already
    root.querySelector("[data-namesake]:not([hidden]) button")?.focus();
  });
  root.addEventListener("click", (event) => {
    const button = event.target.closest("[data-merge-namesake]");
    if (button) actions.do({ action: "merge", character: button.value, others: character });
  });
}

/** Somebody else in the cast who is called what has been typed. */
function namesake(root) {
  const typed = root.querySelector("[data-name]").value.trim().replace(/\s+/g, " ").toLowerCase();
  return [...root.querySelectorAll("#side-cast [data-give]:not([data-give=''])")].find(
    (each) => each.dataset.label.toLowerCase() === typed,
  );
}

function tellNamesake(root) {
  const found = namesake(root);
  const place = root.querySelector("[data-namesake]");
  place.hidden = !found;
  if (!found) return;
  place.querySelector("span").textContent = `${found.dataset.label} is in the cast already.`;
  const button = place.querySelector("button");
  button.value = found.dataset.give;
  button.textContent = `Merge with ${found.dataset.label}`;
}

async function save(root, { character, actions }) {
  const box = root.querySelector("[data-name]");
  const before = box.defaultValue;
  if (box.value.trim() === before) return;
  box.defaultValue = box.value; // no longer half-written
  if (!(await actions.do({ action: "name", character, name: box.value }))) return void (box.defaultValue = before);
  const { value, placeholder } = root.querySelector("[data-name]");
  document.title = [value || placeholder, ...document.title.split(" · ").slice(1)].join(" · ");
}
