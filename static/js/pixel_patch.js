// The magnified patch of a flag: its five frames blink in place, step one by one, or show what differs.

export const ZOOMS = [8, 10, 12, 16, 20, 24];
const BLINK_MS = 1000 / 6;
const GRID_FROM = 12;
const GAIN = 2; // of differences, so that a faint one is seen
const GREY = 128;

export class Patch {
  /** `look` is shared by all flags of a page: {zoom, isBlinking, isDifference}. */
  constructor(figure, { look }) {
    Object.assign(this, { figure, look, frames: [], differences: null, timer: null });
    this.stage = figure.querySelector("[data-patch-stage]");
    this.image = figure.querySelector("[data-strip]");
    this.cells = [...figure.querySelectorAll("[data-cell]")];
    this.side = Number(figure.dataset.side);
    this.middle = { x: Number(figure.dataset.x) + 0.5, y: Number(figure.dataset.y) + 0.5 };
    this.flagged = "flagged" in figure.dataset ? Number(figure.dataset.flagged) : null;
    this.index = this.flagged ?? 0;
    for (const cell of this.cells) cell.addEventListener("click", () => this.step(Number(cell.dataset.cell) - this.index));
  }

  /** Resolves once the strip is there; a strip that cannot be had leaves its words. */
  load() {
    this.loaded ??= this.image.decode().then(() => this.#cut(), () => this.figure.classList.add("patch-missing"));
    return this.loaded;
  }

  #cut() {
    const count = this.cells.length;
    this.side = this.image.naturalHeight;
    const whole = context(this.side * count, this.side);
    whole.drawImage(this.image, 0, 0);
    this.frames = Array.from({ length: count }, (_, at) => whole.getImageData(at * this.side, 0, this.side, this.side));
    this.canvas = context(this.side, this.side);
    this.canvas.canvas.className = "patch-canvas";
    this.canvas.canvas.setAttribute("role", "img");
    this.canvas.canvas.setAttribute("aria-label", this.image.alt);
    this.grid = document.createElement("span");
    this.grid.className = "patch-grid";
    this.stage.append(this.canvas.canvas, this.grid);
    this.small = this.cells.map((cell) => {
      const small = context(this.side, this.side);
      cell.querySelector("img").replaceWith(small.canvas);
      return small;
    });
    this.image.hidden = true;
    this.draw();
  }

  /** Draws with what the look says now. */
  draw() {
    if (!this.frames.length) return;
    const { zoom, isDifference } = this.look;
    const pictures = isDifference ? (this.differences ??= differences(this.frames)) : this.frames;
    this.pictures = pictures;
    this.small.forEach((small, at) => small.putImageData(pictures[at], 0, 0));
    // The flag is always in the middle of the stage, so that eyes stay where they are.
    const place = { width: `${this.side * zoom}px`, left: `calc(50% - ${this.middle.x * zoom}px)`, top: `calc(50% - ${this.middle.y * zoom}px)` };
    Object.assign(this.canvas.canvas.style, place);
    Object.assign(this.grid.style, place, { height: place.width, backgroundSize: `${zoom}px ${zoom}px` });
    this.grid.hidden = zoom < GRID_FROM;
    this.#show(this.index);
  }

  #show(index) {
    this.index = index;
    this.canvas?.putImageData(this.pictures[index], 0, 0);
    const isFlagged = index === this.flagged;
    this.stage.classList.toggle("is-flagged", isFlagged);
    this.cells.forEach((cell, at) => cell.setAttribute("aria-pressed", String(at === index)));
    const { frame, label } = this.cells[index].dataset;
    this.figure.querySelector("[data-shown]").textContent = `Frame ${frame}${this.flagged === null ? "" : `, ${label}`}`;
  }

  /** Begins to blink where the look says so; else shows the flagged frame. */
  start() {
    this.stop();
    this.load().then(() => this.draw());
    if (this.look.isBlinking) this.timer = setInterval(() => this.frames.length && this.#show((this.index + 1) % this.frames.length), BLINK_MS);
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
  }

  setBlinking(isBlinking) {
    this.look.isBlinking = isBlinking;
    if (isBlinking) return this.start();
    this.stop();
    if (this.flagged !== null && this.frames.length) this.#show(this.flagged);
  }

  /** One frame on or back, which stops the blinking. */
  step(frames) {
    this.look.isBlinking = false;
    this.stop();
    const count = this.frames.length;
    if (count) this.#show((this.index + frames + count) % count);
    this.figure.dispatchEvent(new Event("ava:look", { bubbles: true }));
  }
}

function context(width, height) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  return canvas.getContext("2d", { willReadFrequently: true });
}

/** Each frame minus the median of the others, twice as strong, about middle grey. */
function differences(frames) {
  return frames.map((frame, at) => {
    const others = frames.filter((_, number) => number !== at).map(({ data }) => data);
    const shown = new ImageData(frame.width, frame.height);
    const half = others.length / 2;
    for (let place = 0; place < frame.data.length; place++) {
      const sorted = others.map((data) => data[place]).sort((one, other) => one - other);
      const median = (sorted[Math.floor(half - 0.5)] + sorted[Math.floor(half)]) / 2;
      shown.data[place] = place % 4 === 3 ? 255 : GREY + GAIN * (frame.data[place] - median);
    }
    return shown;
  });
}
