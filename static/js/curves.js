// The measured signals as curves: which are shown, their values, and how to draw one.
import { getJson } from "./server.js";

const MOST_POINTS = 12000;

export class Curves {
  constructor({ urls, frame_count }) {
    this.address = urls.signals;
    this.frameCount = frame_count;
    this.frames = [];
    this.columns = new Map();
  }

  async load(columns) {
    if (columns.length === 0) return;
    const points = Math.min(this.frameCount, MOST_POINTS);
    const found = await getJson(`${this.address}?columns=${columns.join(",")}&points=${points}`);
    this.frames = found.frames;
    for (const [name, values] of Object.entries(found.columns)) this.columns.set(name, { values, ...extent(values) });
  }

  /** A signal's value at a frame; null where nothing is measured. */
  valueAt(name, frame) {
    const curve = this.columns.get(name);
    if (!curve) return null;
    return curve.values[this.#pointOf(frame)] ?? null;
  }

  /** Draws one signal into a box that shows the frames from `first` on, `scale` pixels each. */
  draw(context, name, { top, width, height, first, scale }) {
    const curve = this.columns.get(name);
    if (!curve || curve.high === null) return;
    const y = (value) => top + height - ((value - curve.low) / (curve.high - curve.low || 1)) * height;
    const framesAPoint = this.frameCount / this.frames.length;
    context.beginPath();
    if (framesAPoint * scale > 1) this.#drawPoints(context, curve, { y, width, first, scale, framesAPoint });
    else this.#drawSpans(context, curve, { y, width, first, scale });
    context.stroke();
  }

  /** A line from point to point, where there is room for each. */
  #drawPoints(context, { values }, { y, width, first, scale, framesAPoint }) {
    const last = Math.min(values.length - 1, this.#pointOf(first + width / scale) + 1);
    let isPenDown = false;
    for (let point = Math.max(0, this.#pointOf(first) - 1); point <= last; point++) {
      const value = values[point] ?? null;
      const x = ((point + 0.5) * framesAPoint - first) * scale;
      if (value === null) isPenDown = false;
      else if (isPenDown) context.lineTo(x, y(value));
      else context.moveTo(x, y(value));
      isPenDown = value !== null;
    }
  }

  /** For each pixel the span of its values, so that no peak is lost. */
  #drawSpans(context, { values }, { y, width, first, scale }) {
    let isPenDown = false;
    for (let x = 0; x <= width; x++) {
      const from = this.#pointOf(first + x / scale);
      const span = extent(values, from, Math.max(from + 1, this.#pointOf(first + (x + 1) / scale)));
      if (span.high !== null && isPenDown) context.lineTo(x, y(span.high));
      else if (span.high !== null) context.moveTo(x, y(span.high));
      if (span.high !== null && span.low !== span.high) context.lineTo(x, y(span.low));
      isPenDown = span.high !== null;
    }
  }

  #pointOf(frame) {
    const clamped = Math.min(Math.max(frame, 0), this.frameCount - 1);
    return Math.min(Math.floor((clamped * this.frames.length) / this.frameCount), this.frames.length - 1);
  }
}

function extent(values, from = 0, to = values.length) {
  let [low, high] = [null, null];
  for (let index = from; index < to; index++) {
    const value = values[index];
    if (value === null || value === undefined) continue;
    if (low === null || value < low) low = value;
    if (high === null || value > high) high = value;
  }
  return { low, high };
}
