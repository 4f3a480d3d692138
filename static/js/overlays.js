// What is laid over the large still: chosen by key or button, remembered, and asked of the server only when shown.
import { drawBodies, drawFaces, drawGrid, drawImage, drawSubject, drawText } from "./overlay_drawing.js";
import { getJson } from "./server.js";

export const OVERLAY_KEYS = { f: "faces", g: "grid", s: "saliency", t: "text", m: "motion", b: "bodies" };
const NAMES = Object.values(OVERLAY_KEYS);
const FROM_FINDINGS = new Set(["faces", "text", "bodies", "saliency"]);
const PICTURES = { saliency: "saliency", motion: "motion" };
const REMEMBERED = "still-overlays";
const MOST_KEPT = 60;

export class Overlays {
  constructor(place, { settings }) {
    Object.assign(this, { place, settings, frame: null, findings: new Map(), pictures: new Map(), waiting: 0 });
    this.shown = readShown();
    this.resizes = new ResizeObserver(([{ target }]) => this.#scale(target));
  }

  /** Turns one overlay on or off, here and for every still to come. */
  toggle(name) {
    if (this.shown.has(name)) this.shown.delete(name);
    else this.shown.add(name);
    localStorage.setItem(REMEMBERED, this.#written);
    this.address();
    this.draw();
  }

  /** Writes what is shown into the address, so that it can be sent to a colleague. */
  address() {
    const address = new URL(location.href);
    if (this.shown.size) address.searchParams.set("overlay", this.#written);
    else address.searchParams.delete("overlay");
    history.replaceState(history.state, "", address);
  }

  /** Another frame is on its way: what lies over the old one goes at once. */
  leave(frame) {
    this.frame = frame;
    this.#layer?.replaceChildren();
  }

  /** Binds to the markup of a frame that has just been put into place. */
  bind(frame) {
    this.frame = frame;
    this.resizes.disconnect();
    const bar = this.place.querySelector("[data-overlays]");
    bar.hidden = false;
    bar.addEventListener("click", (event) => {
      const name = event.target.closest("[data-overlay]")?.dataset.overlay;
      if (name) this.toggle(name);
    });
    this.resizes.observe(this.#layer);
    this.draw();
  }

  /** Draws what is chosen over the frame that is shown. */
  async draw() {
    const [frame, layer, shown] = [this.frame, this.#layer, new Set(this.shown)];
    for (const button of this.place.querySelectorAll("[data-overlay]")) {
      button.setAttribute("aria-pressed", String(shown.has(button.dataset.overlay)));
    }
    this.#keepOnly(shown);
    const isCurrent = () => this.frame === frame && layer.isConnected;
    if (shown.has("grid")) this.#put(drawGrid(this.settings.picture_area));
    const failed = [];
    this.#wait(1);
    await Promise.all([
      this.#drawFindings(shown, isCurrent).catch((error) => failed.push(error.message)),
      ...Object.keys(PICTURES).filter((name) => shown.has(name)).map((name) => this.#drawPicture(name, isCurrent).catch((error) => failed.push(error.message))),
    ]);
    this.#wait(-1);
    if (isCurrent() && failed.length) this.#say(failed[0]);
  }

  async #drawFindings(shown, isCurrent) {
    if (![...shown].some((name) => FROM_FINDINGS.has(name))) return;
    const found = await this.#find(this.frame);
    if (!isCurrent()) return;
    const draw = { faces: drawFaces, text: drawText, bodies: drawBodies, saliency: drawSubject };
    for (const [name, make] of Object.entries(draw)) if (this.shown.has(name)) [make(found)].flat().forEach((part) => this.#put(part));
    this.#tell(found);
  }

  async #drawPicture(name, isCurrent) {
    const address = this.settings.urls[PICTURES[name]].replace("{n}", this.frame);
    if (!this.pictures.has(address)) keep(this.pictures, address, loadPicture(address));
    try {
      await this.pictures.get(address);
    } catch (error) {
      this.pictures.delete(address);
      throw error;
    }
    if (!isCurrent() || !this.shown.has(name)) return;
    const { width, height } = this.#layer.viewBox.baseVal;
    this.#put(drawImage(name, address, { width, height }), { behind: true });
  }

  async #find(frame) {
    if (!this.findings.has(frame)) keep(this.findings, frame, getJson(this.settings.urls.findings.replace("{n}", frame)));
    try {
      return await this.findings.get(frame);
    } catch (error) {
      this.findings.delete(frame);
      throw error;
    }
  }

  /** Says in words what an overlay that is on cannot show, and never that something is not there that nobody sought. */
  #tell(found) {
    const sought = { faces: ["faces", "face"], text: ["text", "text"], people: ["bodies", "body"] };
    const missing = new Set((found.unavailable ?? []).map(({ what }) => what));
    const empty = Object.entries(sought).filter(([list, [overlay]]) => this.shown.has(overlay) && !found[list]?.length);
    const absent = empty.filter(([list]) => !missing.has(list)).map(([, [, word]]) => `no ${word}`);
    const unknown = empty.filter(([list]) => missing.has(list)).map(([list]) => list);
    const sentences = [
      !found.looked_at && empty.length && "This frame was not looked at closely.",
      found.looked_at && absent.length && `${absent.join(", ").replace("no", "No")} found here.`,
      unknown.length && `Finding ${unknown.join(" and ")} is not available here.`,
    ];
    this.#say(sentences.filter(Boolean).join(" "));
  }

  #keepOnly(shown) {
    const parts = { faces: "faces", grid: "grid", text: "text", people: "bodies", objects: "bodies", subject: "saliency", saliency: "saliency", motion: "motion" };
    for (const part of [...this.#layer.children]) if (!shown.has(parts[part.dataset.overlayOf])) part.remove();
    if (![...shown].some((name) => FROM_FINDINGS.has(name) || PICTURES[name])) this.#say("");
  }

  #put(part, { behind = false } = {}) {
    this.#layer.querySelector(`[data-overlay-of="${part.dataset.overlayOf}"]`)?.remove();
    if (behind) this.#layer.prepend(part);
    else this.#layer.append(part);
  }

  /** Lettering and points keep their size on the screen whatever the size of the picture. */
  #scale(layer) {
    const { width, height } = layer.viewBox.baseVal;
    const scale = Math.min(layer.clientWidth / width, layer.clientHeight / height);
    if (scale > 0) layer.style.setProperty("--film-px", String(1 / scale));
  }

  #wait(by) {
    this.waiting += by;
    this.place.querySelector("[data-stage]")?.setAttribute("aria-busy", String(this.waiting > 0));
  }

  #say(sentence) {
    const place = this.place.querySelector("[data-overlay-note]");
    if (place && place.textContent !== sentence) place.textContent = sentence;
  }

  get #layer() {
    return this.place.querySelector("[data-overlay-layer]");
  }

  get #written() {
    return NAMES.filter((name) => this.shown.has(name)).join(",");
  }
}

/** The address says what to show; without a word in it, what was shown last. */
function readShown() {
  const asked = new URLSearchParams(location.search).get("overlay") ?? localStorage.getItem(REMEMBERED) ?? "";
  return new Set(asked.split(",").filter((name) => NAMES.includes(name)));
}

function loadPicture(address) {
  return new Promise((done, failed) => {
    const image = new Image();
    image.onload = () => done(image);
    image.onerror = () => failed(new Error("The server could not work this overlay out. Try it again."));
    image.src = address;
  });
}

/** Keeps a few of the newest. */
function keep(known, key, value) {
  known.set(key, value);
  if (known.size > MOST_KEPT) known.delete(known.keys().next().value);
}
