// A picture on all canvases: what is dragged or typed shows at once everywhere, and the server's exact layout follows.
import { onLive } from "./live.js";
import { CanvasViews } from "./layout_canvases.js";
import { copyLinks } from "./layout_links.js";
import { LayoutKeys } from "./layout_keys.js";
import { LayoutLook } from "./layout_look.js";
import { LayoutModel } from "./layout_model.js";
import { OriginalView } from "./layout_original.js";
import { LayoutSteps } from "./layout_steps.js";
import { watchPicture } from "./layout_stand_in.js";

export function bind(page) {
  const model = new LayoutModel(readState(page));
  let isHeld = false;
  const steps = new LayoutSteps({ urls: page.dataset, holds: () => isHeld });
  const hold = (is) => {
    isHeld = is;
    page.toggleAttribute("data-held", is);
    if (!is) steps.catchUp();
  };
  const choice = new CanvasChoice(page, { model });
  const original = new OriginalView(page.querySelector("[data-original]"), { model, steps, hold, selected: () => choice.key });
  choice.addEventListener("change", () => original.draw());
  new CanvasViews(page, { model, steps, hold, select: (key) => choice.take(key) });
  new LayoutKeys(page, { model, steps, original });
  new LayoutLook(page, { model });
  steps.addEventListener("fresh", ({ detail }) => {
    if (!takeParts(page, detail)) return void location.reload();
    choice.show();
    model.read(readState(page));
  });
  sendForms(page, steps);
  copyLinks(page);
  watchPicture(page);
  renewOnMessages(page, steps);
}

/** Which canvas is looked at closely: its panel, its window on the original, and the address. */
class CanvasChoice extends EventTarget {
  constructor(page, { model }) {
    super();
    Object.assign(this, { page, model, key: page.querySelector("[data-canvas-key][aria-current]")?.dataset.canvasKey ?? "" });
    page.addEventListener("click", (event) => {
      const link = event.target.closest("[data-choose-canvas]");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.take(link.dataset.chooseCanvas);
      this.page.querySelector(`[data-panel="${this.key}"]`)?.scrollIntoView({ block: "nearest" });
    });
  }

  take(key) {
    if (key === this.key) return;
    this.key = key;
    const address = new URL(location.href);
    address.searchParams.set("canvas", key);
    history.replaceState(history.state, "", address);
    this.show();
    this.dispatchEvent(new Event("change"));
  }

  show() {
    for (const figure of this.page.querySelectorAll("[data-canvas-key]")) {
      const isIt = figure.dataset.canvasKey === this.key;
      figure.toggleAttribute("aria-current", isIt);
      if (isIt) figure.setAttribute("aria-current", "true");
      for (const overlay of figure.querySelectorAll("[data-overlay-kind]")) overlay.tabIndex = isIt && this.model.mayEdit ? 0 : -1;
    }
    for (const panel of this.page.querySelectorAll("[data-panel]")) panel.hidden = panel.dataset.panel !== this.key;
  }
}

function readState(page) {
  return JSON.parse(page.querySelector("#layout-state").textContent);
}

/** Puts the fresh parts in the old ones' places; false where the page has other canvases by now. */
function takeParts(page, fresh) {
  const parts = [...page.querySelectorAll("[data-part]")];
  const news = new Map([...fresh.querySelectorAll("[data-part]")].map((part) => [part.dataset.part, part]));
  if (parts.length !== news.size || parts.some((part) => !news.has(part.dataset.part))) return false;
  for (const part of parts) {
    const next = news.get(part.dataset.part);
    if (part.innerHTML === next.innerHTML) continue;
    const open = new Set([...part.querySelectorAll("details[open]")].map(({ dataset }) => dataset.fold));
    const focused = part.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
    part.replaceChildren(...next.childNodes);
    for (const fold of part.querySelectorAll("details")) fold.open = open.has(fold.dataset.fold);
    if (focused) part.querySelector(`[data-focus="${focused}"]`)?.focus();
  }
  return true;
}

/** Forms that choose, reset, undo or apply are sent without leaving the page. */
function sendForms(page, steps) {
  page.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-step]")) return;
    event.preventDefault();
    if (form.dataset.step === "turn") steps.turn(event.submitter?.name === "redo" ? "redo" : "undo");
    else steps.sendForm(form, event.submitter);
  });
}

function renewOnMessages(page, steps) {
  onLive("layout", ({ video_id: video, frame_index: frame, artwork_id: artwork }) => {
    if ((artwork ? `a${artwork}` : `v${video}f${frame}`) === page.dataset.picture) steps.renew();
  });
  onLive("again", () => steps.renew());
}
