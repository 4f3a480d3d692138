// How many questions about people there are: counted after the page, since it takes longer; without any no link.
import { getJson } from "./server.js";

let known = null;
let asked = null;

export async function countQuestions(root) {
  show(root);
  asked?.abort();
  asked = new AbortController();
  const address = root.querySelector("[data-questions]")?.dataset.questions;
  if (!address) return;
  try {
    known = (await getJson(address, { signal: asked.signal })).questions;
    show(root);
  } catch (error) {
    if (error.name !== "AbortError") show(root);
  }
}

function show(root) {
  const link = root.querySelector("[data-questions]");
  if (!link) return;
  link.classList.toggle("primary", known > 0);
  link.hidden = known === 0;
  link.querySelector("[data-count]").textContent = known ? known.toLocaleString("en") : "";
}
