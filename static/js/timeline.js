// The timeline: ruler, filmstrip of shots and signal curves on one canvas that shows a window of the film.
import { shotAt } from "./film_time.js";
import { PeakMarks } from "./peak_marks.js";
import { Strip } from "./strip.js";

const RULER = 22;
const LANE = 66;
const LANE_HEAD = 20; // the name's room, over which peaks are marked
const GAP = 6;
const MOST_PX_A_FRAME = 24;
const NARROW_SHOT = 24;
const RULER_STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600];

export class Timeline {
  constructor(root, { film, times, timecode, curves, player, chooser }) {
    Object.assign(this, { root, film, times, timecode, curves, player, chooser, signals: [], zoom: 1, waiting: false, pointed: null });
    this.scroller = root.querySelector("[data-scroller]");
    this.canvas = root.querySelector("canvas");
    this.spacer = root.querySelector("[data-spacer]");
    this.preview = root.querySelector("[data-preview]");
    this.reading = root.querySelector("[data-reading]");
    this.peaks = new PeakMarks(root.querySelector("[data-peaks]"), {
      curves,
      goTo: (frame) => player.step(frame - player.frame),
      reveal: (frame) => this.#reveal(frame),
      write: (name, { frame, value }) => `Peak of ${chooser.label(name)}, ${chooser.write(name, value)}, at ${timecode.format(frame)}, frame ${frame}`,
      tell: (reading, button) => this.#tellReading(reading && { ...reading, ...this.#placeOf(button) }),
    });
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
    this.signals = signals;
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

  #laneTop(index) {
    return this.#lanesTop + index * (LANE + GAP);
  }

  /** Where in a lane its curve is drawn. */
  #curveBox(index) {
    return { top: this.#laneTop(index) + LANE_HEAD, height: LANE - LANE_HEAD - 6 };
  }

  #placePeaks() {
    const lanes = this.signals.map((name, index) => ({ name, index })).filter(({ name }) => this.curves.has(name));
    this.peaks.place(
      lanes.map(({ name, index }) => ({ name, label: this.chooser.label(name), y: (value) => this.curves.y(name, value, this.#curveBox(index)) })),
      { scale: this.scale, x: (frame) => this.#x(frame) },
    );
  }

  #layOut() {
    this.width = this.scroller.clientWidth;
    this.fit = this.width / this.film.frame_count;
    this.zoom = Math.min(this.zoom, Math.max(1, MOST_PX_A_FRAME / this.fit));
    this.scale = this.fit * this.zoom;
    this.height = this.#lanesTop + this.signals.length * (LANE + GAP);
    const ratio = devicePixelRatio || 1;
    this.canvas.width = Math.round(this.width * ratio);
    this.canvas.height = Math.round(this.height * ratio);
    this.canvas.style.width = `${this.width}px`;
    this.canvas.style.height = `${this.height}px`;
    this.spacer.style.width = `${Math.max(this.width, this.film.frame_count * this.scale)}px`;
    this.spacer.style.height = `${this.height}px`;
    this.draw();
  }

  #x(frame) {
    return frame * this.scale - this.scroller.scrollLeft;
  }

  #frame(x) {
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
    this.signals.forEach((name, index) => this.#paintLane(context, name, this.#laneTop(index)));
    this.#paintPointed(context);
    this.#paintPlayhead(context);
    this.#placePeaks();
  }

  #paintRuler(context) {
    const { fps } = this.times;
    const wanted = 110 / this.scale / fps;
    const step_s = RULER_STEPS_S.find((step) => step >= wanted) ?? 3600;
    const step = Math.max(1, Math.round((wanted < 0.5 ? Math.ceil(wanted * fps) / fps : step_s) * fps));
    context.fillStyle = this.colours.soft;
    context.strokeStyle = this.colours.line;
    const first = Math.floor(this.#frame(0) / step) * step;
    context.beginPath();
    for (let frame = first; frame < this.film.frame_count && this.#x(frame) < this.width; frame += step) {
      const x = Math.round(this.#x(frame)) + 0.5;
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
    const [from, to] = [this.#frame(0), this.#frame(this.width)];
    context.fillStyle = this.colours.raised;
    context.fillRect(0, RULER, Math.min(this.width, this.#x(frame_count)), height);
    const [first, last] = [Math.max(shotAt(shots, from), 0), Math.max(shotAt(shots, to), 0)];
    const isDense = (last - first + 1) * NARROW_SHOT > this.width;
    if (isDense && shots.length) this.#paintTiles(context, this.#x(shots[0][0]), this.#x(shots.at(-1)[1]), { width, height });
    for (let index = first; index < shots.length && shots[index][0] <= to; index++) this.#paintShot(context, index, { width, height, isDense });
    this.#paintTransitions(context, height);
  }

  /** A shot begins with a picture of its own; where shots are too narrow for that, one strip runs under them all. */
  #paintShot(context, index, { width, height, isDense }) {
    const [start, end] = this.film.shots[index];
    const [left, right] = [this.#x(start), this.#x(end)];
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
    if (label) this.#label(context, label, left + 4, RULER + height - 10);
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
      const middle = this.#frame(x + width / 2);
      const tile = this.strip.tile(Math.min(Math.max(middle, from), to - 1), { from, to });
      if (tile) context.drawImage(tile.image, tile.x, tile.y, this.strip.width, this.strip.height, x, RULER, width, height);
    }
  }

  /** Gradual transitions are hatched: their frames are mixed or black and give no stills. */
  #paintTransitions(context, height) {
    context.strokeStyle = this.colours.text;
    for (const [, start, end] of this.film.transitions) {
      const [left, right] = [this.#x(start), this.#x(end)];
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

  #paintLane(context, name, top) {
    context.fillStyle = this.colours.surface;
    context.fillRect(0, top, this.width, LANE);
    context.strokeStyle = this.colours.line;
    context.globalAlpha = 0.6;
    context.beginPath();
    for (const [start] of this.film.shots) {
      const x = this.#x(start);
      if (x > 0 && x < this.width && this.film.shots.length * 8 < this.width * this.zoom) {
        context.moveTo(Math.round(x) + 0.5, top);
        context.lineTo(Math.round(x) + 0.5, top + LANE);
      }
    }
    context.stroke();
    context.globalAlpha = 1;
    context.strokeStyle = this.colours.text;
    context.lineJoin = "round";
    context.fillStyle = this.colours.text;
    const first = this.scroller.scrollLeft / this.scale;
    const width = Math.min(this.width, this.#x(this.film.frame_count));
    const box = this.#curveBox(this.signals.indexOf(name));
    if (this.curves.has(name)) this.curves.draw(context, name, { ...box, width, first, scale: this.scale, shots: this.film.shots });
    this.#label(context, this.chooser.label(name), 4, top + 11);
    const ends = this.curves.has(name) ? this.curves.extent(name).map((end) => this.chooser.write(name, end)).join(" – ") : "not measured";
    this.#label(context, ends, width - context.measureText(ends).width - 4, top + 11, this.colours.soft);
  }

  #label(context, text, x, y, colour = this.colours.text) {
    const width = context.measureText(text).width;
    context.fillStyle = "rgb(0 0 0 / 0.72)";
    context.fillRect(x - 3, y - 8, width + 6, 16);
    context.fillStyle = colour;
    context.fillText(text, x, y + 0.5);
  }

  /** A hairline where a value is being read. */
  #paintPointed(context) {
    if (this.pointed === null) return;
    context.fillStyle = this.colours.soft;
    context.fillRect(Math.round(this.pointed), this.#lanesTop, 1, this.height - this.#lanesTop);
  }

  #paintPlayhead(context) {
    const x = Math.round(this.#x(this.player.frame + 0.5)) + 0.5;
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
    const x = this.#x(this.player.frame);
    const isHeld = this.dragging;
    if (!isHeld && (x < 0 || x > this.width)) this.scroller.scrollLeft += x - this.width * 0.15;
    const shot = shotAt(this.film.shots, this.player.frame);
    this.canvas.setAttribute("aria-valuenow", String(this.player.frame));
    this.canvas.setAttribute(
      "aria-valuetext",
      [`${this.timecode.format(this.player.frame)}, frame ${this.player.frame}`, shot >= 0 && `shot ${shotLabel(this.film, shot, () => true)}`].filter(Boolean).join(", "),
    );
    this.draw();
  }

  #bindPointer() {
    const { canvas, player } = this;
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      const onShots = event.offsetY >= RULER && event.offsetY < this.#lanesTop;
      const shot = onShots ? shotAt(this.film.shots, this.#frame(event.offsetX)) : -1;
      player.step((shot >= 0 ? this.film.shots[shot][0] : this.#frame(event.offsetX)) - player.frame);
      this.dragging = true;
      canvas.setPointerCapture(event.pointerId);
      const from = event.offsetX;
      const drag = (move) => {
        if (Math.abs(move.offsetX - from) > 2 || !onShots) player.seek(this.#frame(move.offsetX));
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
      this.#point(event);
    });
    canvas.addEventListener("pointerleave", () => {
      this.preview.hidden = true;
      this.#tellReading(null);
    });
  }

  /** In a lane, the value that is nearest to the pointer, with its unit and timecode. */
  #point({ offsetX, offsetY }) {
    const lane = Math.floor((offsetY - this.#lanesTop) / (LANE + GAP));
    const name = this.signals[lane];
    const found = name && this.curves.nearest(name, this.#frame(offsetX), this.film.shots);
    this.#tellReading(found ? { name, ...found, x: this.#x(found.frame + 0.5), y: this.#laneTop(lane) } : null);
  }

  /** Shows a value over its place, or takes it away. */
  #tellReading(reading) {
    this.reading.hidden = !reading;
    if (this.pointed !== (reading?.x ?? null)) this.draw();
    this.pointed = reading?.x ?? null;
    if (!reading) return;
    const { name, frame, value, x, y } = reading;
    this.reading.textContent = `${this.chooser.label(name)} ${this.chooser.write(name, value)} · ${this.timecode.format(frame)}`;
    const half = this.reading.offsetWidth / 2;
    this.reading.style.translate = `${Math.min(Math.max(x - half, 0), Math.max(this.width - 2 * half, 0))}px ${y - this.reading.offsetHeight}px`;
  }

  /** Where a mark lies over the timeline, its lane's top for height. */
  #placeOf(button) {
    const [mark, stage] = [button.getBoundingClientRect(), this.canvas.getBoundingClientRect()];
    const middle = (mark.top + mark.bottom) / 2 - stage.top;
    return { x: (mark.left + mark.right) / 2 - stage.left, y: this.#laneTop(Math.floor((middle - this.#lanesTop) / (LANE + GAP))) };
  }

  /** Scrolls a frame into sight. */
  #reveal(frame) {
    const x = this.#x(frame);
    if (x < 0 || x > this.width) this.scroller.scrollLeft += x - this.width / 2;
  }

  /** A small picture of the frame under the pointer, before anyone commits to a click. */
  #showPreview(event) {
    if (event.pointerType === "touch" || event.offsetY > this.#lanesTop) {
      this.preview.hidden = true;
      return;
    }
    const frame = this.#frame(event.offsetX);
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
      const x = this.#x(this.player.frame);
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
