// The curves' lanes under the filmstrip: one a signal, with its name, its ends, its peaks, and values read in passing.
import { drawLabel } from "./canvas_label.js";
import { PeakMarks } from "./peak_marks.js";

const LANE = 66;
const HEAD = 20; // the name's room, over which peaks are marked
const FOOT = 6;
const GAP = 6;

export class Lanes {
  /** `view` says where frames are: x(frame), frameAt(x), reveal(frame), draw(), and its film, width, scale and colours. */
  constructor(root, { curves, chooser, timecode, player, view }) {
    Object.assign(this, { curves, chooser, timecode, view, signals: [], top: 0, pointed: null });
    this.reading = root.querySelector("[data-reading]");
    this.peaks = new PeakMarks(root.querySelector("[data-peaks]"), {
      curves,
      goTo: (frame) => player.step(frame - player.frame),
      reveal: (frame) => view.reveal(frame),
      write: (name, { frame, value }) => `Peak of ${chooser.label(name)}, ${chooser.write(name, value)}, at ${timecode.format(frame)}, frame ${frame}`,
      tell: (peak) => this.#tell(peak),
    });
  }

  get height() {
    return this.signals.length * (LANE + GAP);
  }

  /** Draws every lane from `top` on, and puts the marks of the peaks over them. */
  paint(context, top) {
    this.top = top;
    for (const name of this.signals) this.#paintLane(context, name);
    this.#paintPointed(context);
    const lanes = this.signals.filter((name) => this.curves.has(name));
    this.peaks.place(
      lanes.map((name) => ({ name, label: this.chooser.label(name), y: (value) => this.curves.y(name, value, this.#curveBox(name)) })),
      { scale: this.view.scale, x: (frame) => this.view.x(frame) },
    );
  }

  /** In a lane, tells the value that is nearest to the pointer, with its unit and timecode. */
  point({ offsetX, offsetY }) {
    const name = this.signals[Math.floor((offsetY - this.top) / (LANE + GAP))];
    const found = name && this.curves.nearest(name, this.view.frameAt(offsetX), this.view.film.shots);
    this.#tell(found ? { name, ...found } : null);
  }

  /** The shown signals' values at a frame, in words. */
  describe(frame) {
    return this.signals.map((name) => {
      const found = this.curves.nearest(name, frame, this.view.film.shots);
      return found && `${this.chooser.label(name)} ${this.chooser.write(name, found.value)}`;
    });
  }

  leave() {
    this.#tell(null);
  }

  #topOf(name) {
    return this.top + this.signals.indexOf(name) * (LANE + GAP);
  }

  /** Where in a lane its curve is drawn. */
  #curveBox(name) {
    return { top: this.#topOf(name) + HEAD, height: LANE - HEAD - FOOT };
  }

  #paintLane(context, name) {
    const { view, curves } = this;
    const [top, { colours, film }] = [this.#topOf(name), view];
    context.fillStyle = colours.surface;
    context.fillRect(0, top, view.width, LANE);
    this.#paintBorders(context, top);
    const width = Math.min(view.width, view.x(film.frame_count));
    drawLabel(context, this.chooser.label(name), 4, top + 11, colours.text);
    if (!curves.isLoaded(name)) return;
    const ends = curves.has(name) ? curves.extent(name).map((end) => this.chooser.write(name, end)).join(" – ") : "not measured";
    drawLabel(context, ends, width - context.measureText(ends).width - 4, top + 11, colours.soft);
    Object.assign(context, { strokeStyle: colours.text, fillStyle: colours.text, lineJoin: "round" });
    if (curves.has(name)) curves.draw(context, name, { ...this.#curveBox(name), width, first: view.frameAtEdge, scale: view.scale, shots: film.shots });
  }

  /** Where shots begin, while there is room between them. */
  #paintBorders(context, top) {
    const { film, width, zoom, colours } = this.view;
    if (film.shots.length * 8 >= width * zoom) return;
    context.strokeStyle = colours.line;
    context.globalAlpha = 0.6;
    context.beginPath();
    for (const [start] of film.shots) {
      const x = Math.round(this.view.x(start)) + 0.5;
      if (x <= 0 || x >= width) continue;
      context.moveTo(x, top);
      context.lineTo(x, top + LANE);
    }
    context.stroke();
    context.globalAlpha = 1;
  }

  /** A hairline where a value is being read. */
  #paintPointed(context) {
    if (this.pointed === null) return;
    context.fillStyle = this.view.colours.soft;
    context.fillRect(Math.round(this.view.x(this.pointed + 0.5)), this.top, 1, this.height);
  }

  /** Shows a value {name, frame, value} over its place, or takes it away. */
  #tell(found) {
    this.reading.hidden = !found;
    if (this.pointed !== (found?.frame ?? null)) this.view.draw();
    this.pointed = found?.frame ?? null;
    if (!found) return;
    const { name, frame, value } = found;
    this.reading.textContent = `${this.chooser.label(name)} ${this.chooser.write(name, value)} · ${this.timecode.format(frame)}`;
    const { offsetWidth: width, offsetHeight: height } = this.reading;
    const left = Math.min(Math.max(this.view.x(frame + 0.5) - width / 2, 0), Math.max(this.view.width - width, 0));
    this.reading.style.translate = `${left}px ${this.#topOf(name) - height}px`;
  }
}
