// The timeline: ruler, filmstrip of shots and signal curves on one canvas that shows a window of the film.
import { drawLabel } from "./canvas_label.js";
import { shotAt } from "./film_time.js";
import { Lanes } from "./lanes.js";
import { Strip } from "./strip.js";

const RULER = 22;
const GAP = 6;
const MOST_PX_A_FRAME = 24;
const NARROW_SHOT = 24;
const RULER_STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600];

export class Timeline {
  constructor(root, { film, times, timecode, curves, player, chooser }) {
    Object.assign(this, { root, film, times, timecode, player, zoom: 1, waiting: false });
    this.scroller = root.querySelector("[data-scroller]");
    this.canvas = root.querySelector("canvas");
    this.spacer = root.querySelector("[data-spacer]");
    this.preview = root.querySelector("[data-preview]");
    this.lanes = new Lanes(root, { curves, chooser, timecode, player, view: this });
    this.strip = new Strip(film, { onLoad: () => this.draw() });
    this.colours = readColours(root);
    new ResizeObserver(() => this.#layOut()).observe(this.scroller);
    this.scroller.addEventListener("scroll", () => this.draw(), { passive: true });
    player.addEventListener("frame", () => this.#follow());
    this.#bindPointer();
    this.#bindKeys();
    this.#bindZoom();
  }

  show(signals) {
    this.lanes.signals = signals;
    this.#layOut();
  }

  replaceFilm(film) {
    this.film = film;
    this.strip.chunks = film.strip.chunks;
    this.strip.forgetMissing();
    this.draw();
  }

  draw() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.#paint();
    });
  }

  get #stripHeight() {
    return Math.round(Math.min(72, Math.max(40, (96 * this.strip.height) / this.strip.width)));
  }

  get #lanesTop() {
    return RULER + this.#stripHeight + GAP;
  }

  #layOut() {
    this.width = this.scroller.clientWidth;
    this.fit = this.width / this.film.frame_count;
    this.zoom = Math.min(this.zoom, Math.max(1, MOST_PX_A_FRAME / this.fit));
    this.scale = this.fit * this.zoom;
    this.height = this.#lanesTop + this.lanes.height;
    const ratio = devicePixelRatio || 1;
    this.canvas.width = Math.round(this.width * ratio);
    this.canvas.height = Math.round(this.height * ratio);
    this.canvas.style.width = `${this.width}px`;
    this.canvas.style.height = `${this.height}px`;
    this.spacer.style.width = `${Math.max(this.width, this.film.frame_count * this.scale)}px`;
    this.spacer.style.height = `${this.height}px`;
    this.draw();
  }

  x(frame) {
    return frame * this.scale - this.scroller.scrollLeft;
  }

  /** The place in the film, in frames, at the left edge of what is shown. */
  get frameAtEdge() {
    return this.scroller.scrollLeft / this.scale;
  }

  frameAt(x) {
    return Math.min(Math.max(Math.floor((x + this.scroller.scrollLeft) / this.scale), 0), this.film.frame_count - 1);
  }

  #paint() {
    const context = this.canvas.getContext("2d");
    const ratio = devicePixelRatio || 1;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    context.font = `12px ${this.colours.font}`;
    context.textBaseline = "middle";
    this.#paintRuler(context);
    this.#paintShots(context);
    this.lanes.paint(context, this.#lanesTop);
    this.#paintPlayhead(context);
  }

  #paintRuler(context) {
    const { fps } = this.times;
    const wanted = 110 / this.scale / fps;
    const step_s = RULER_STEPS_S.find((step) => step >= wanted) ?? 3600;
    const step = Math.max(1, Math.round((wanted < 0.5 ? Math.ceil(wanted * fps) / fps : step_s) * fps));
    context.fillStyle = this.colours.soft;
    context.strokeStyle = this.colours.line;
    const first = Math.floor(this.frameAt(0) / step) * step;
    context.beginPath();
    for (let frame = first; frame < this.film.frame_count && this.x(frame) < this.width; frame += step) {
      const x = Math.round(this.x(frame)) + 0.5;
      context.moveTo(x, 4);
      context.lineTo(x, RULER);
      if (x + 80 < this.width) context.fillText(this.timecode.format(frame), x + 5, RULER / 2);
    }
    context.stroke();
  }

  #paintShots(context) {
    const height = this.#stripHeight;
    const width = (height * this.strip.width) / this.strip.height;
    const { shots, frame_count } = this.film;
    const [from, to] = [this.frameAt(0), this.frameAt(this.width)];
    context.fillStyle = this.colours.raised;
    context.fillRect(0, RULER, Math.min(this.width, this.x(frame_count)), height);
    const [first, last] = [Math.max(shotAt(shots, from), 0), Math.max(shotAt(shots, to), 0)];
    const isDense = (last - first + 1) * NARROW_SHOT > this.width;
    if (isDense && shots.length) this.#paintTiles(context, this.x(shots[0][0]), this.x(shots.at(-1)[1]), { width, height });
    for (let index = first; index < shots.length && shots[index][0] <= to; index++) this.#paintShot(context, index, { width, height, isDense });
    this.#paintTransitions(context, height);
  }

  /** A shot begins with a picture of its own; where shots are too narrow for that, one strip runs under them all. */
  #paintShot(context, index, { width, height, isDense }) {
    const [start, end] = this.film.shots[index];
    const [left, right] = [this.x(start), this.x(end)];
    const gap = right - left > 3 ? 1.5 : 0;
    context.save();
    context.beginPath();
    context.rect(left, RULER, Math.max(right - left - gap, 0.5), height);
    context.clip();
    if (!isDense) this.#paintTiles(context, left, right, { width, height, from: start, to: end });
    context.restore();
    if (isDense && gap) {
      context.fillStyle = this.colours.surface;
      context.fillRect(right - gap, RULER, gap, height);
    }
    const label = shotLabel(this.film, index, (text) => context.measureText(text).width + 14 <= right - left);
    if (label) drawLabel(context, label, left + 4, RULER + height - 10, this.colours.text);
    if (index === shotAt(this.film.shots, this.player.frame)) {
      context.strokeStyle = this.colours.accent;
      context.lineWidth = 2;
      context.strokeRect(left + 1, RULER + 1, Math.max(right - left - 3.5, 1), height - 2);
      context.lineWidth = 1;
    }
  }

  #paintTiles(context, left, right, { width, height, from = 0, to = this.film.frame_count }) {
    const skip = Math.max(0, Math.floor(-left / width));
    for (let x = left + skip * width; x < Math.min(right, this.width); x += width) {
      const middle = this.frameAt(x + width / 2);
      const tile = this.strip.tile(Math.min(Math.max(middle, from), to - 1), { from, to });
      if (tile) context.drawImage(tile.image, tile.x, tile.y, this.strip.width, this.strip.height, x, RULER, width, height);
    }
  }

  /** Gradual transitions are hatched: their frames are mixed or black and give no stills. */
  #paintTransitions(context, height) {
    context.strokeStyle = this.colours.text;
    for (const [, start, end] of this.film.transitions) {
      const [left, right] = [this.x(start), this.x(end)];
      if (right < 0 || left > this.width || right - left < 2) continue;
      context.save();
      context.beginPath();
      context.rect(left, RULER, right - left, height);
      context.clip();
      context.fillStyle = "rgb(0 0 0 / 0.35)";
      context.fillRect(left, RULER, right - left, height);
      context.globalAlpha = 0.55;
      context.beginPath();
      for (let x = left - height; x < right; x += 6) {
        context.moveTo(x, RULER + height);
        context.lineTo(x + height, RULER);
      }
      context.stroke();
      context.restore();
    }
  }

  #paintPlayhead(context) {
    const x = Math.round(this.x(this.player.frame + 0.5)) + 0.5;
    context.strokeStyle = this.colours.accent;
    context.fillStyle = this.colours.accent;
    context.lineWidth = 2;
    context.beginPath();
    context.moveTo(x, RULER - 4);
    context.lineTo(x, this.height);
    context.stroke();
    context.beginPath();
    context.moveTo(x - 6, RULER - 10);
    context.lineTo(x + 6, RULER - 10);
    context.lineTo(x, RULER);
    context.fill();
    context.lineWidth = 1;
  }

  #follow() {
    const x = this.x(this.player.frame);
    const isHeld = this.dragging;
    if (!isHeld && (x < 0 || x > this.width)) this.scroller.scrollLeft += x - this.width * 0.15;
    const shot = shotAt(this.film.shots, this.player.frame);
    this.canvas.setAttribute("aria-valuenow", String(this.player.frame));
    this.canvas.setAttribute(
      "aria-valuetext",
      [
        `${this.timecode.format(this.player.frame)}, frame ${this.player.frame}`,
        shot >= 0 && `shot ${shotLabel(this.film, shot, () => true)}`,
        ...this.lanes.describe(this.player.frame),
      ].filter(Boolean).join(", "),
    );
    this.draw();
  }

  #bindPointer() {
    const { canvas, player } = this;
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      const onShots = event.offsetY >= RULER && event.offsetY < this.#lanesTop;
      const shot = onShots ? shotAt(this.film.shots, this.frameAt(event.offsetX)) : -1;
      player.step((shot >= 0 ? this.film.shots[shot][0] : this.frameAt(event.offsetX)) - player.frame);
      this.dragging = true;
      canvas.setPointerCapture(event.pointerId);
      const from = event.offsetX;
      const drag = (move) => {
        if (Math.abs(move.offsetX - from) > 2 || !onShots) player.seek(this.frameAt(move.offsetX));
      };
      canvas.addEventListener("pointermove", drag);
      const end = () => {
        this.dragging = false;
        canvas.removeEventListener("pointermove", drag);
      };
      canvas.addEventListener("pointerup", end, { once: true });
      canvas.addEventListener("pointercancel", end, { once: true });
    });
    canvas.addEventListener("pointermove", (event) => {
      this.#showPreview(event);
      this.lanes.point(event);
    });
    canvas.addEventListener("pointerleave", () => {
      this.preview.hidden = true;
      this.lanes.leave();
    });
  }

  /** Scrolls a frame into sight. */
  reveal(frame) {
    const x = this.x(frame);
    if (x < 0 || x > this.width) this.scroller.scrollLeft += x - this.width / 2;
  }

  /** A small picture of the frame under the pointer, before anyone commits to a click. */
  #showPreview(event) {
    if (event.pointerType === "touch" || event.offsetY > this.#lanesTop) {
      this.preview.hidden = true;
      return;
    }
    const frame = this.frameAt(event.offsetX);
    const tile = this.strip.tile(frame);
    const picture = this.preview.querySelector("canvas");
    [picture.width, picture.height] = [this.strip.width, this.strip.height];
    if (tile) picture.getContext("2d").drawImage(tile.image, tile.x, tile.y, this.strip.width, this.strip.height, 0, 0, this.strip.width, this.strip.height);
    const shot = shotAt(this.film.shots, frame);
    const words = shot < 0 ? "" : `\nShot ${shotLabel(this.film, shot, () => true)}`;
    this.preview.querySelector("span").textContent = `${this.timecode.format(frame)}${words}`;
    this.preview.hidden = false;
    const left = Math.min(Math.max(event.offsetX - this.strip.width / 2, 0), this.width - this.strip.width - 2);
    this.preview.style.translate = `${left}px 0`;
  }

  #bindKeys() {
    this.canvas.addEventListener("keydown", (event) => {
      const { player } = this;
      const actions = {
        ArrowLeft: () => player.step(-1), ArrowRight: () => player.step(1),
        ArrowDown: () => player.step(-1), ArrowUp: () => player.step(1),
        PageUp: () => player.stepShot(-1), PageDown: () => player.stepShot(1),
        Home: () => player.step(-player.frame), End: () => player.step(this.film.frame_count - 1 - player.frame),
      };
      const action = event.ctrlKey || event.metaKey || event.altKey ? null : actions[event.key];
      if (!action) return;
      event.preventDefault();
      event.stopPropagation();
      action();
    });
  }

  #bindZoom() {
    const middle = () => {
      const x = this.x(this.player.frame);
      return x >= 0 && x <= this.width ? x : this.width / 2;
    };
    const actions = { in: () => this.#zoomTo(this.zoom * 2, middle()), out: () => this.#zoomTo(this.zoom / 2, middle()), fit: () => this.#zoomTo(1, 0) };
    this.root.addEventListener("click", (event) => actions[event.target.closest("[data-zoom]")?.dataset.zoom]?.());
    this.scroller.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      this.#zoomTo(this.zoom * Math.exp(-event.deltaY / 200), event.offsetX);
    }, { passive: false });
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input, select, textarea")) return;
      if (event.key === "+" || event.key === "=") actions.in();
      else if (event.key === "-") actions.out();
    });
  }

  #zoomTo(zoom, x) {
    const frame = (x + this.scroller.scrollLeft) / this.scale;
    this.zoom = Math.max(1, zoom);
    this.#layOut();
    this.scroller.scrollLeft = frame * this.scale - x;
    this.draw();
  }
}

/** A shot's number, with its scale and camera in words, or in the marks of shot lists where there is less room. */
function shotLabel({ shots, words }, index, fits) {
  const [, , , scale, camera] = shots[index];
  const known = [words.scale[scale], words.camera[camera]].filter(Boolean);
  const long = known.map(([, word], place) => (place ? word.toLowerCase() : word)).join(", ");
  const short = known.map(([mark]) => mark).join(" ");
  const number = String(index + 1);
  return [`${number}  ${long}`.trim(), `${number}  ${short}`.trim(), number].find((text) => fits(text)) ?? "";
}

function readColours(element) {
  const style = getComputedStyle(element);
  const names = ["line", "surface", "raised", "text", "soft", "accent", "font"];
  return Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}
