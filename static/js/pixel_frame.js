// The whole frame of a flag: at 100 % about the flag, the film around it, and a cross that marks what was missed.
import { say } from "./notices.js";
import { ShotPlay } from "./shot_play.js";

const LARGE_STEP_PX = 10;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class WholeFrame {
  /** `onMark({x, y})` is called with pixels of the upright frame. */
  constructor(article, { onMark }) {
    Object.assign(this, { article, onMark, isActual: false, cross: null });
    this.stage = article.querySelector("[data-stage]");
    this.holder = this.stage.querySelector("[data-picture]");
    this.picture = this.stage.querySelector("[data-frame-picture]");
    this.width = Number(this.stage.dataset.width);
    this.height = Number(this.stage.dataset.height);
    this.at = { x: Number(this.stage.dataset.x), y: Number(this.stage.dataset.y) };
    this.player = new ShotPlay(article, { address: article.dataset.play });
    this.stage.addEventListener("click", (event) => this.#click(event));
  }

  load() {
    this.loaded ??= this.picture.decode().catch(() => this.stage.classList.add("flag-missing"));
    return this.loaded;
  }

  get isPlaying() {
    return this.player.isPlaying;
  }

  get isMarking() {
    return this.cross !== null;
  }

  /** Between the whole frame and one pixel a pixel of the screen, the flag in the middle. */
  toggleActual() {
    this.isActual = !this.isActual;
    if (this.isActual) this.picture.src = this.picture.dataset.whole;
    this.#place();
  }

  #place() {
    const scale = 1 / (globalThis.devicePixelRatio || 1);
    const style = this.isActual
      ? { width: `${this.width * scale}px`, left: `calc(50% - ${(this.at.x + 0.5) * scale}px)`, top: `calc(50% - ${(this.at.y + 0.5) * scale}px)` }
      : { width: "", left: "", top: "" };
    this.stage.classList.toggle("is-actual", this.isActual);
    Object.assign(this.holder.style, style);
  }

  togglePlay() {
    this.player.toggle();
    if (!this.player.film) return;
    this.player.film.setAttribute("aria-label", "The film around this flag");
    this.player.film.addEventListener("error", () => say("The browser cannot play this film; the frames around the flag blink in the patch.", { kind: "error" }));
  }

  /** The film stops, the cross goes, and the whole frame is shown again. */
  stop() {
    this.player.stop();
    this.endMarking();
  }

  // --- marking what no scan raised ---------------------------------------------------------------------------

  toggleMarking() {
    if (this.isMarking) return this.endMarking();
    this.player.stop();
    this.cross = { ...this.at };
    this.sign = document.createElement("span");
    this.sign.className = "flag-cross";
    this.holder.append(this.sign);
    this.stage.classList.add("is-marking");
    this.#putCross(this.at);
  }

  endMarking() {
    this.sign?.remove();
    this.cross = this.sign = null;
    this.stage.classList.remove("is-marking");
  }

  /** True for a key that belongs to the cross. */
  key(event) {
    if (!this.isMarking) return false;
    const direction = ARROWS[event.key];
    const by = event.shiftKey ? LARGE_STEP_PX : 1;
    if (direction) this.#putCross({ x: this.cross.x + by * direction[0], y: this.cross.y + by * direction[1] });
    else if (event.key === "Enter") this.onMark(this.cross);
    else if (event.key === "Escape") this.endMarking();
    else return false;
    return true;
  }

  #putCross({ x, y }) {
    this.cross = { x: Math.round(Math.min(Math.max(x, 0), this.width - 1)), y: Math.round(Math.min(Math.max(y, 0), this.height - 1)) };
    this.sign.style.left = `${((this.cross.x + 0.5) / this.width) * 100}%`;
    this.sign.style.top = `${((this.cross.y + 0.5) / this.height) * 100}%`;
  }

  #click(event) {
    if (this.isPlaying) return;
    if (!this.isMarking) return void this.article.dispatchEvent(new CustomEvent("ava:actual"));
    const box = this.holder.getBoundingClientRect();
    const [x, y] = [((event.clientX - box.left) / box.width) * this.width - 0.5, ((event.clientY - box.top) / box.height) * this.height - 0.5];
    this.#putCross({ x, y });
    this.onMark(this.cross);
  }
}
