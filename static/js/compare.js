// Two to four stills side by side, with one zoom and one place for all, so that the same corner of each is looked at.
import { say } from "./notices.js";
import { getText, postForm } from "./server.js";

const FEWEST = 2;
const MOST = 4;
const STEP_UNIT = 0.08;
const MOST_ZOOM = 8;

export class Comparing {
  constructor(dialog, { decide }) {
    Object.assign(this, { dialog, decide, place: dialog.querySelector("[data-compare-place]") });
    dialog.addEventListener("close", () => this.#closed());
    dialog.addEventListener("click", (event) => this.#click(event));
    dialog.addEventListener("submit", (event) => this.#submit(event));
    dialog.addEventListener("keydown", (event) => this.#key(event));
    dialog.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    dialog.addEventListener("pointerdown", (event) => this.#drag(event));
    if (dialog.open) {
      dialog.removeAttribute("open");
      dialog.showModal();
      this.#start();
    }
  }

  get isOpen() {
    return this.dialog.open;
  }

  async open(frames) {
    if (frames.length < FEWEST) return void say("Select two to four stills to compare, with Shift and the arrows.");
    const address = new URL(location.href);
    address.searchParams.set("compare", frames.slice(0, MOST).join(","));
    history.replaceState(null, "", address);
    if (frames.length > MOST) say(`The first ${MOST} of ${frames.length} are compared.`);
    const page = new DOMParser().parseFromString(await getText(address), "text/html");
    const fresh = page.querySelector("[data-compared]");
    if (!fresh) return void say("These stills cannot be compared.", { kind: "error" });
    this.place.replaceChildren(document.adoptNode(fresh));
    if (!this.dialog.open) this.dialog.showModal();
    this.#start();
  }

  /** Marks what was decided on one of them, here or by a colleague. */
  showState(frame, { verdict, stars }) {
    const still = this.place.querySelector(`[data-compared-frame="${frame}"]`);
    if (!still) return;
    still.dataset.verdict = verdict;
    const said = { pick: "✓ Picked", reject: "✕ Rejected" }[verdict];
    still.querySelector("[data-compared-mark]").textContent = [said, "★".repeat(stars)].filter(Boolean).join(" ");
    for (const button of still.querySelectorAll("[data-compare-decide] button")) button.setAttribute("aria-pressed", String(button.value === verdict));
  }

  // --- looking around ------------------------------------------------------------------------------------------

  #start() {
    this.stills = [...this.place.querySelectorAll("[data-compared-frame]")];
    this.view = { zoom: 1, x: 0.5, y: 0.5 }; // of the picture, 0–1: what lies in the middle of every stage
    this.#show();
    this.#focus(0);
  }

  #show() {
    const { zoom, x, y } = this.view;
    for (const still of this.stills) {
      const [stage] = still.querySelectorAll("[data-compared-stage]");
      const picture = stage.firstElementChild;
      stage.classList.toggle("zoomed", zoom > 1);
      picture.style.transform = zoom > 1 ? `scale(${zoom}) translate(${(0.5 - x) * 100}%, ${(0.5 - y) * 100}%)` : "";
    }
  }

  #look(change) {
    const view = { ...this.view, ...change };
    view.zoom = Math.min(Math.max(view.zoom, 1), MOST_ZOOM);
    const half = 0.5 / view.zoom;
    view.x = Math.min(Math.max(view.x, half), 1 - half);
    view.y = Math.min(Math.max(view.y, half), 1 - half);
    this.view = view;
    this.#show();
  }

  /** 100 %: one pixel of the film on one of the screen; again for the whole picture. */
  #toggleZoom() {
    const picture = this.stills[0].querySelector("img");
    const full = Number(picture.getAttribute("width")) / (picture.clientWidth * (devicePixelRatio || 1));
    this.#look({ zoom: this.view.zoom > 1 ? 1 : Math.max(full, 2) });
  }

  #wheel(event) {
    const stage = event.target.closest("[data-compared-stage]");
    if (!stage) return;
    event.preventDefault();
    const box = stage.getBoundingClientRect();
    const { zoom, x, y } = this.view;
    const next = Math.min(Math.max(zoom * Math.exp(-event.deltaY / 400), 1), MOST_ZOOM);
    const [across, down] = [(event.clientX - box.x) / box.width - 0.5, (event.clientY - box.y) / box.height - 0.5];
    this.#look({ zoom: next, x: x + across / zoom - across / next, y: y + down / zoom - down / next });
  }

  #drag(event) {
    const stage = event.target.closest("[data-compared-stage]");
    if (!stage || event.button !== 0) return;
    const box = stage.getBoundingClientRect();
    stage.setPointerCapture(event.pointerId);
    const move = ({ movementX, movementY }) => {
      const { zoom, x, y } = this.view;
      this.#look({ x: x - movementX / box.width / zoom, y: y - movementY / box.height / zoom });
    };
    stage.addEventListener("pointermove", move);
    stage.addEventListener("pointerup", () => stage.removeEventListener("pointermove", move), { once: true });
  }

  // --- choosing ------------------------------------------------------------------------------------------------

  #focus(place) {
    this.at = Math.min(Math.max(place, 0), this.stills.length - 1);
    this.stills.forEach((still, index) => { still.tabIndex = index === this.at ? 0 : -1; });
    this.stills[this.at].focus({ preventScroll: true });
  }

  #key(event) {
    if (event.altKey || event.target.closest("input, textarea, select")) return;
    event.stopPropagation();
    if (event.ctrlKey || event.metaKey) return;
    const at = this.stills.findIndex((still) => still.contains(event.target));
    if (at >= 0) this.at = at;
    const isZoomed = this.view.zoom > 1;
    const pan = (x, y) => () => this.#look({ x: this.view.x + (x * STEP_UNIT) / this.view.zoom * 2, y: this.view.y + (y * STEP_UNIT) / this.view.zoom * 2 });
    const go = (by) => () => this.#focus(this.at + by);
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const actions = {
      ArrowLeft: isZoomed && !event.shiftKey ? pan(-1, 0) : go(-1), ArrowRight: isZoomed && !event.shiftKey ? pan(1, 0) : go(1),
      ArrowUp: isZoomed ? pan(0, -1) : undefined, ArrowDown: isZoomed ? pan(0, 1) : undefined,
      z: () => this.#toggleZoom(), p: () => this.#say({ verdict: "pick" }), x: () => this.#say({ verdict: "reject" }), u: () => this.#say({ verdict: "", stars: 0 }),
    };
    if (/^[1-4]$/.test(key)) actions[key] = () => this.#focus(Number(key) - 1);
    if (event.target === this.stills[this.at]) actions.Enter = () => this.#thisOne();
    if (!actions[key]) return;
    event.preventDefault();
    actions[key]();
  }

  #say(change) {
    this.decide(Number(this.stills[this.at].dataset.comparedFrame), change);
    this.showState(Number(this.stills[this.at].dataset.comparedFrame), { stars: 0, ...change });
  }

  /** This one is better than each of the others. */
  async #thisOne(form = this.stills[this.at].querySelector("[data-this-one]")) {
    if (!form) return;
    const fields = new FormData(form);
    try {
      const worse = fields.getAll("worse");
      const pairs = [...worse.map((frame) => ["worse", frame]), ["better", fields.get("better")], ["purpose", fields.get("purpose") ?? ""]];
      await postForm(form.action, pairs);
      say(worse.length > 1 ? `Noted: this one before the other ${worse.length}.` : "Noted: this one before the other.");
    } catch (error) {
      say(error.message, { kind: "error" });
    }
  }

  #click(event) {
    const still = event.target.closest("[data-compared-frame]");
    if (still) this.at = this.stills.indexOf(still);
    if (!event.target.closest("[data-close-compare]") || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.dialog.close();
  }

  #submit(event) {
    const still = event.target.closest("[data-compared-frame]");
    if (!still) return;
    event.preventDefault();
    this.at = this.stills.indexOf(still);
    if (event.target.matches("[data-this-one]")) this.#thisOne(event.target);
    else this.#say({ verdict: event.submitter.value });
  }

  #closed() {
    const address = new URL(location.href);
    address.searchParams.delete("compare");
    history.replaceState(null, "", address);
  }
}
