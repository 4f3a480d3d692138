// One artwork, large: what was found in it is drawn over it by key or button; a message that it is measured renews it.
import { onLive } from "./live.js";
import { drawBodies, drawFaces, drawGrid, drawText } from "./overlay_drawing.js";
import { isTyping } from "./typing.js";

const DRAW = { faces: drawFaces, text: drawText, bodies: drawBodies, grid: ({ picture_area: area }) => drawGrid(area) };
const KEYS = { f: "faces", g: "grid", t: "text", b: "bodies" };
const EMPTY = { faces: ["No face was found.", ({ faces }) => faces.length], text: ["No text was found.", ({ text }) => text.length], bodies: ["No body or object was found.", ({ people, objects }) => people.length + objects.length] };
const REMEMBERED = "artwork-overlays";

export function bind(page) {
  if (page.dataset.state === "waiting") onLive("artwork", ({ artwork }) => String(artwork) === page.dataset.artwork && location.reload());
  moveByArrows(page);
  const given = document.getElementById("artwork-findings");
  if (!given) return;
  const found = JSON.parse(given.textContent);
  const layer = page.querySelector("[data-overlay-layer]");
  const shown = new Set((localStorage.getItem(REMEMBERED) ?? "").split(",").filter((name) => name in DRAW));
  const draw = () => {
    layer.replaceChildren(...[...shown].flatMap((name) => DRAW[name](found)));
    for (const button of page.querySelectorAll("[data-overlay]")) button.setAttribute("aria-pressed", String(shown.has(button.dataset.overlay)));
    const nothing = [...shown].filter((name) => EMPTY[name] && !EMPTY[name][1](found)).map((name) => EMPTY[name][0]);
    page.querySelector("[data-overlay-note]").textContent = nothing.join(" ");
    localStorage.setItem(REMEMBERED, [...shown].join(","));
  };
  const toggle = (name) => {
    if (!shown.delete(name)) shown.add(name);
    draw();
  };
  page.querySelector("[data-overlays]").hidden = false;
  page.querySelector("[data-overlays]").addEventListener("click", (event) => {
    const name = event.target.closest("[data-overlay]")?.dataset.overlay;
    if (name) toggle(name);
  });
  addEventListener("keydown", (event) => {
    const name = KEYS[event.key.toLowerCase()];
    if (name && !isTyping(event) && !event.ctrlKey && !event.metaKey && !event.altKey) toggle(name);
  });
  new ResizeObserver(() => scale(layer)).observe(layer);
  draw();
}

function moveByArrows(page) {
  const links = { ArrowLeft: "prev", ArrowRight: "next" };
  addEventListener("keydown", (event) => {
    const isPlain = !isTyping(event) && !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey;
    if (isPlain && event.key in links) page.querySelector(`[rel="${links[event.key]}"]`)?.click();
  });
}

/** Lettering and points keep their size on the screen whatever the size of the picture. */
function scale(layer) {
  const { width, height } = layer.viewBox.baseVal;
  const factor = Math.min(layer.clientWidth / width, layer.clientHeight / height);
  if (factor > 0) layer.style.setProperty("--film-px", String(1 / factor));
}
