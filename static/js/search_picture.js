// A picture to search by: chosen, dropped anywhere on the page, or pasted.
import { csrfToken } from "./server.js";

export function bindPicture(root) {
  const form = root.querySelector("[data-search-picture]");
  const state = root.querySelector("[data-picture-state]");
  const bring = (file) => send(form, file, state);
  const chooser = form.elements.picture;
  const choose = () => chooser.files.length && bring(chooser.files[0]);
  chooser.addEventListener("change", choose);
  choose(); // chosen before this script was there, or kept by the browser
  document.addEventListener("paste", (event) => {
    const file = pictureIn(event.clipboardData);
    if (!file) return;
    event.preventDefault();
    bring(file);
  });
  root.addEventListener("dragover", (event) => {
    if (![...event.dataTransfer.items].some(({ kind }) => kind === "file")) return;
    event.preventDefault();
    root.classList.add("drop-here");
  });
  root.addEventListener("dragleave", (event) => root.contains(event.relatedTarget) || root.classList.remove("drop-here"));
  root.addEventListener("drop", (event) => {
    root.classList.remove("drop-here");
    const file = event.dataTransfer.files[0];
    if (!file) return;
    event.preventDefault();
    bring(file);
  });
}

function pictureIn(transfer) {
  return [...(transfer?.files ?? [])].find(({ type }) => type.startsWith("image/"));
}

async function send(form, file, state) {
  if (file.type && !file.type.startsWith("image/")) {
    state.textContent = `${file.name} is no picture; choose one.`; // a film would take long to be refused
    return;
  }
  state.textContent = "Looking at the picture …";
  const body = new FormData();
  body.append("picture", file, file.name || "pasted.png");
  body.append("query", form.elements.query.value);
  try {
    const headers = { Accept: "application/json", "X-CSRFToken": csrfToken() };
    const answer = await fetch(form.action, { method: "POST", headers, body });
    const told = await answer.json();
    if (!answer.ok) throw new Error(told.detail);
    location.assign(told.address);
  } catch (error) {
    state.textContent = error instanceof SyntaxError ? "The picture could not be sent. Reload the page and try again." : error.message;
    form.elements.picture.value = "";
  }
}
