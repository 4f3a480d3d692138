// "Which is better?": two stills, one key. The next pair is there before the server has answered.
import { say } from "./notices.js";
import { getPartial, postForm } from "./server.js";
import { isTyping } from "./typing.js";

const KEYS = { ArrowLeft: "left", ArrowRight: "right", ArrowDown: "skip", s: "skip", S: "skip", z: "zoom", Z: "zoom" };
const PAN_STEP = 10;

export function bind(root) {
  new Duels(root).start();
}

class Duels {
  #sent = Promise.resolve();
  #zoom = null;

  constructor(root) {
    this.root = root;
  }

  start() {
    this.root.addEventListener("submit", (event) => this.#submit(event));
    this.root.addEventListener("click", (event) => this.#click(event));
    this.root.addEventListener("change", (event) => event.target.closest("[data-duel-purpose]")?.submit());
    this.root.addEventListener("pointermove", (event) => this.#follow(event));
    document.addEventListener("keydown", (event) => this.#key(event));
    this.#shown();
  }

  get duel() {
    return this.root.querySelector("[data-duel]");
  }

  // --- what a person does ------------------------------------------------------------------------------------

  #submit(event) {
    const form = event.target;
    if (form.matches("[data-duel-form]")) this.#choose(form);
    else if (form.matches("[data-duel-undo]")) this.#undo();
    else return;
    event.preventDefault();
  }

  #click(event) {
    if (event.target.closest("[data-duel-zoom]")) this.#toggleZoom();
    const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey;
    if (!isPlain || !event.target.closest("[data-duel-skip]")) return;
    event.preventDefault();
    this.#skip();
  }

  #key(event) {
    if (isTyping(event) || document.querySelector("dialog:modal") || event.altKey) return;
    const isUndo = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z";
    const meant = KEYS[event.key];
    if (isUndo) this.#undo();
    else if (event.ctrlKey || event.metaKey) return;
    else if (event.shiftKey && event.key.startsWith("Arrow")) this.#pan(event.key);
    else if (event.repeat || !meant) return;
    else if (meant === "skip") this.#skip();
    else if (meant === "zoom") this.#toggleZoom();
    else this.#chooseSide(meant);
    event.preventDefault();
  }

  #chooseSide(side) {
    const form = this.root.querySelector(`[data-duel-form="${side}"]`);
    if (form && !form.querySelector("button").disabled) this.#choose(form);
  }

  async #choose(form) {
    const fields = new FormData(form);
    fields.delete("next");
    form.closest(".duel-still").classList.add("chosen");
    const shown = this.duel.dataset.duel;
    this.#queue(() => postForm(this.root.dataset.say, fields), shown);
    await this.#goOn({ counted: 1 });
  }

  async #skip() {
    const skip = this.root.querySelector("[data-duel-skip]");
    if (!skip) return;
    const address = this.duel.dataset.skip;
    await this.#goOn({ counted: 0 });
    history.replaceState(null, "", address);
  }

  #undo() {
    this.#queue(async () => {
      const undone = await postForm(this.root.dataset.undo);
      say("Taken back.");
      await this.#show(`${this.duel.dataset.here}&pair=${undone.better}-${undone.worse[0]}`);
    });
  }

  // --- one pair after the other ------------------------------------------------------------------------------

  /** Says one thing after the other to the server; what it refuses comes back before the eyes. */
  #queue(send, pair) {
    this.#sent = this.#sent.then(send).catch(async (error) => {
      say(error.message, { kind: "error" });
      if (pair) await this.#show(`${this.duel.dataset.here}&pair=${pair}`);
    });
  }

  async #goOn({ counted }) {
    const own = Number(this.root.querySelector("[data-own-count]").textContent) + counted;
    try {
      const next = await (this.following ?? getPartial(this.duel.dataset.skip));
      this.#swap(next);
      const place = this.root.querySelector("[data-own-count]");
      place.textContent = own;
    } catch {
      location.assign(this.duel.dataset.here);
    }
  }

  async #show(address) {
    this.#swap(await getPartial(address));
  }

  #swap(fresh) {
    this.duel.replaceWith(fresh);
    this.#shown();
  }

  /** Fetches what follows, so that it is there when it is wanted. */
  #shown() {
    this.following = null;
    if (this.duel.dataset.duel) {
      this.following = getPartial(this.duel.dataset.skip);
      this.following.catch(() => {});
      for (const address of this.duel.dataset.next.split(" ").filter(Boolean)) new Image().src = address;
    }
    const button = this.root.querySelector("[data-duel-zoom]");
    if (button) button.hidden = false;
    if (this.#zoom) this.#applyZoom();
  }

  // --- both at 100 %, at the same place ----------------------------------------------------------------------

  #toggleZoom() {
    this.#zoom = this.#zoom ? null : { x: 50, y: 50 };
    this.#applyZoom();
  }

  #follow(event) {
    const frame = event.target.closest(".duel-frame");
    if (!this.#zoom || !frame) return;
    const box = frame.getBoundingClientRect();
    this.#moveTo((100 * (event.clientX - box.left)) / box.width, (100 * (event.clientY - box.top)) / box.height);
  }

  #pan(key) {
    if (!this.#zoom) return;
    const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
    this.#moveTo(this.#zoom.x + PAN_STEP * by[0], this.#zoom.y + PAN_STEP * by[1]);
  }

  #moveTo(x, y) {
    this.#zoom = { x: Math.min(100, Math.max(0, x)), y: Math.min(100, Math.max(0, y)) };
    this.#applyZoom();
  }

  #applyZoom() {
    for (const picture of this.root.querySelectorAll(".duel-frame img")) {
      const full = Number(picture.getAttribute("width"));
      const scale = Math.max(2, full / (picture.parentElement.clientWidth * devicePixelRatio));
      picture.style.transform = this.#zoom ? `scale(${scale})` : "";
      picture.style.transformOrigin = this.#zoom ? `${this.#zoom.x}% ${this.#zoom.y}%` : "";
      if (this.#zoom && picture.src !== new URL(picture.dataset.full, location).href) picture.src = picture.dataset.full;
    }
    this.root.querySelector("[data-duel-zoom]")?.setAttribute("aria-pressed", String(this.#zoom !== null));
  }
}
