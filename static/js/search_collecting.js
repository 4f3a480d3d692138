// Collects results into a reel without leaving the page.
import { say } from "./notices.js";
import { postForm } from "./server.js";

export function bindCollecting(root) {
  root.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-collect-one]");
    if (!button) return;
    event.preventDefault();
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true");
    try {
      await collect(root, button);
    } catch (refused) {
      say(refused.message, { kind: "error" });
    } finally {
      button.removeAttribute("aria-disabled");
    }
  });
}

async function collect(root, button) {
  const form = root.querySelector("[data-collect-form]");
  const { reel, sentence } = await postForm(root.dataset.collect, {
    clip: button.value, reel: form.elements.reel.value, name: form.elements.name.value,
  });
  button.textContent = "Collected";
  button.closest("[data-hit]").dataset.collected = "";
  chooseReel(form.elements.reel, reel);
  const told = root.querySelector("[data-collected]");
  const link = document.createElement("a");
  Object.assign(link, { href: reel.address, textContent: `Open ${reel.name}` });
  told.replaceChildren(link);
  say(sentence);
}

/** A reel that was made by collecting is the one that the next result goes into. */
function chooseReel(select, { id, name }) {
  if (![...select.options].some((option) => option.value === String(id))) select.prepend(new Option(name, String(id)));
  select.value = String(id);
}
