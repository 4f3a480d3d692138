// One still, large: fetched from the film itself, with its explanation, its neighbours and the same keys as the board.
import { OVERLAY_KEYS, Overlays } from "./overlays.js";
import { PicturesAhead } from "./pictures_ahead.js";
import { getPartial } from "./server.js";
import { ShotPlay } from "./shot_play.js";
import { isControl, isTyping } from "./typing.js";

export class Viewer extends EventTarget {
  /** Fires "move" (detail: by), "show" and "shown" (detail: frame), "decide" (detail: {frame, change}),
   * "take" (detail: {frame, instead_of, left}), "turn" (detail: "undo" or "redo"), "compare" (detail: frame), "close". */
  constructor(dialog, { settings }) {
    super();
    Object.assign(this, { dialog, settings, frame: null, place: dialog.querySelector("[data-viewer-place]"), ask: 0, folds: new Map(), origin: null });
    this.ahead = new PicturesAhead((frame) => this.picture(frame, 1920));
    this.shotPlay = new ShotPlay(dialog, { address: settings.urls.play });
    this.overlays = new Overlays(this.place, { settings });
    dialog.addEventListener("close", () => this.#closed());
    dialog.addEventListener("click", (event) => this.#click(event));
    dialog.addEventListener("submit", (event) => this.#submit(event));
    dialog.addEventListener("keydown", (event) => this.#key(event));
    if (dialog.open) {
      // The server has opened it; shown as modal it holds the focus and dims the page.
      this.frame = Number(dialog.querySelector("[data-frame]").dataset.frame);
      this.origin = Number(new URLSearchParams(location.search).get("from") || this.frame);
      dialog.removeAttribute("open");
      dialog.showModal();
      dialog.focus({ preventScroll: true });
      this.#bindPicture();
      this.#addressFrame(this.frame);
    }
  }

  /** Shows a frame; `preview` is a small picture of it that is at hand already. */
  async open(frame, { preview = "", alt = "", position = "", state = null, origin = frame } = {}) {
    Object.assign(this, { frame, origin });
    this.shotPlay.stop();
    const ready = this.ahead.ready(frame);
    if (!this.dialog.open) this.dialog.showModal();
    this.#addressFrame(frame);
    const picture = this.dialog.querySelector("[data-picture]");
    if (picture) {
      picture.alt = alt;
      picture.src = ready || preview || this.picture(frame, 1920);
      this.dialog.querySelector("[data-stage]").classList.remove("zoomed");
      this.dialog.querySelector("[data-canvas]").style.removeProperty("width");
      this.overlays.leave(frame);
      if (state) this.showState(state);
    }
    this.#tell("shown", frame);
    const ask = (this.ask += 1);
    const fresh = await getPartial(location.href);
    if (ask !== this.ask) return; // a later wish has overtaken this one
    const focused = this.#focusedControl();
    const full = fresh.querySelector("[data-picture]");
    if (preview && !ready) {
      const exact = full.src;
      full.src = preview;
      const loader = new Image();
      loader.onload = () => full.isConnected && (full.src = exact);
      loader.src = exact;
    }
    this.place.replaceChildren(fresh);
    this.tellPosition(position);
    this.#bindPicture();
    (focused && this.place.querySelector(focused) ? this.place.querySelector(focused) : this.dialog).focus({ preventScroll: true });
  }

  picture(frame, width) {
    return `${this.settings.urls.frame.replace("{n}", frame)}?w=${width}`;
  }

  tellPosition(position) {
    const place = this.dialog.querySelector("[data-place]");
    if (place && position) place.textContent = position;
  }

  /** Marks the decision that the shown frame has. */
  showState({ verdict, stars, who = "" }) {
    const place = this.dialog.querySelector("[data-who]");
    if (place) Object.assign(place, { textContent: who && `Decided by ${who}`, hidden: !who });
    for (const button of this.dialog.querySelectorAll('[name="verdict"][aria-pressed]')) {
      button.setAttribute("aria-pressed", String(button.value === verdict));
    }
    for (const star of this.dialog.querySelectorAll('[name="stars"]')) {
      star.setAttribute("aria-pressed", String(Number(star.value) <= stars));
    }
  }

  /** Whether the shown frame waits for its explanation. */
  get isUnexplained() {
    return this.dialog.open && !this.dialog.querySelector(".parts");
  }

  get isOpen() {
    return this.dialog.open;
  }

  close() {
    this.dialog.close();
  }

  #closed() {
    this.shotPlay.stop();
    const address = new URL(location.href);
    if (address.searchParams.has("still")) {
      address.searchParams.delete("still");
      address.searchParams.delete("overlay");
      address.searchParams.delete("from");
      history.replaceState(null, "", address);
    }
    this.dispatchEvent(new Event("close"));
  }

  #addressFrame(frame) {
    const address = new URL(location.href);
    address.searchParams.set("still", frame);
    address.searchParams.delete("page");
    if (this.origin === frame) address.searchParams.delete("from");
    else address.searchParams.set("from", this.origin);
    history.replaceState(null, "", address);
    this.overlays.address();
  }

  #focusedControl() {
    const element = document.activeElement;
    if (!this.place.contains(element)) return null;
    if (element.dataset.move) return `[data-move="${element.dataset.move}"]`;
    if (element.dataset.overlay) return `[data-overlay="${element.dataset.overlay}"]`;
    if (element.dataset.nudge) return `[data-nudge="${element.dataset.nudge}"]`;
    return element.name ? `[name="${element.name}"][value="${element.value}"]` : null;
  }

  #click(event) {
    const target = event.target;
    if (target.closest("[data-play-shot]")) return this.shotPlay.toggle();
    if (event.ctrlKey || event.metaKey || event.button !== 0) return; // open in a new tab as any link
    const link = target.closest("[data-close], [data-move], [data-nudge], [data-frame-link]");
    if (link) {
      event.preventDefault();
      if ("close" in link.dataset) this.close();
      else if (link.dataset.frameLink) this.#tell("show", Number(link.dataset.frameLink));
      else if (link.dataset.move) this.#tell("move", Number(link.dataset.move));
      else this.#nudge(Number(link.dataset.nudge));
    }
  }

  #submit(event) {
    if (event.target.matches("[data-take-form]")) {
      event.preventDefault();
      this.#take();
    }
    if (!event.target.matches("[data-decide-form]")) return;
    event.preventDefault();
    const { name, value } = event.submitter;
    this.#decide(name === "stars" ? { stars: Number(value) } : { verdict: value });
  }

  #key(event) {
    if (isTyping(event) || document.querySelector("[data-compare]:modal")) return;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
      event.preventDefault();
      this.#tell("turn", event.shiftKey ? "redo" : "undo");
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const actions = {
      ArrowLeft: () => this.#tell("move", -1), ArrowRight: () => this.#tell("move", 1),
      ArrowUp: () => this.#tell("move", -1), ArrowDown: () => this.#tell("move", 1),
      ",": () => this.#nudge(-1), ".": () => this.#nudge(1), z: () => this.#zoom(), r: () => this.#take(), c: () => this.#tell("compare", this.frame),
      p: () => this.#decide({ verdict: "pick" }), x: () => this.#decide({ verdict: "reject" }), u: () => this.#decide({ verdict: "", stars: 0 }),
    };
    if (/^[0-5]$/.test(key)) actions[key] = () => this.#decide({ stars: Number(key) });
    if (key === " " && !isControl(event)) actions[key] = () => this.shotPlay.toggle();
    if (Object.hasOwn(OVERLAY_KEYS, key)) actions[key] = () => this.overlays.toggle(OVERLAY_KEYS[key]);
    const isZoomed = this.dialog.querySelector("[data-stage]")?.classList.contains("zoomed");
    if (!actions[key] || (isZoomed && key.startsWith("Arrow") && this.#pan(key))) return event.key.startsWith("Arrow") && event.preventDefault();
    event.preventDefault();
    event.stopPropagation();
    actions[key]();
  }

  #decide(change) {
    this.#tell("decide", { frame: this.frame, change });
  }

  /** To a neighbouring frame, a better instant perhaps; where one came from stays known. */
  #nudge(by) {
    const frame = this.frame + by;
    if (frame < 0 || frame >= this.settings.frame_count) return;
    this.open(frame, { origin: this.origin ?? this.frame });
    this.ahead.fetch([frame + by, frame + 2 * by].filter((each) => each >= 0 && each < this.settings.frame_count));
  }

  #take() {
    const form = this.dialog.querySelector("[data-take-form]");
    if (!form || this.origin === this.frame) return;
    this.#tell("take", { frame: this.frame, instead_of: this.origin, left: form.elements.left.checked ? "reject" : "" });
  }

  /** 100 %: one pixel of the film on one pixel of the screen. */
  #zoom() {
    const [stage, canvas, picture] = ["stage", "canvas", "picture"].map((name) => this.dialog.querySelector(`[data-${name}]`));
    const isZoomed = stage.classList.toggle("zoomed");
    if (!isZoomed) {
      canvas.style.removeProperty("width");
      return;
    }
    const exact = new Image();
    exact.onload = () => {
      if (!stage.classList.contains("zoomed")) return;
      picture.src = exact.src;
      canvas.style.width = `${exact.naturalWidth / (devicePixelRatio || 1)}px`;
      stage.scrollTo((stage.scrollWidth - stage.clientWidth) / 2, (stage.scrollHeight - stage.clientHeight) / 2);
    };
    exact.src = this.picture(this.frame, 3840);
  }

  #pan(key) {
    const stage = this.dialog.querySelector("[data-stage]");
    const step = 120;
    const by = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[key];
    stage.scrollBy(...by);
    return true;
  }

  #bindPicture() {
    const play = this.dialog.querySelector("[data-play-shot]");
    if (play) play.hidden = !this.dialog.querySelector("[data-shot-span]");
    const stage = this.dialog.querySelector("[data-stage]");
    this.dialog.querySelector("[data-canvas]").addEventListener("dblclick", () => this.#zoom());
    this.dialog.querySelector("[data-picture]").draggable = false;
    this.#keepFolds();
    this.overlays.bind(this.frame);
    stage.addEventListener("pointerdown", (event) => {
      if (!stage.classList.contains("zoomed") || event.pointerType !== "mouse") return;
      stage.setPointerCapture(event.pointerId);
      const drag = (move) => stage.scrollBy(-move.movementX, -move.movementY);
      stage.addEventListener("pointermove", drag);
      stage.addEventListener("pointerup", () => stage.removeEventListener("pointermove", drag), { once: true });
    });
  }

  /** Parts that were folded or unfolded stay so from still to still. */
  #keepFolds() {
    for (const fold of this.place.querySelectorAll("[data-keep]")) {
      if (this.folds.has(fold.dataset.keep)) fold.open = this.folds.get(fold.dataset.keep);
      fold.addEventListener("toggle", () => this.folds.set(fold.dataset.keep, fold.open));
    }
  }

  #tell(type, detail = null) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
