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

  /** Draws one signal into a box: for each pixel column the span of its values, so that no peak is lost. */
  draw(context, name, { left, top, width, height, frameAt }) {
    const curve = this.columns.get(name);
    if (!curve || curve.high === null) return;
    const scale = (value) => top + height - ((value - curve.low) / (curve.high - curve.low || 1)) * height;
    context.beginPath();
    let isPenDown = false;
    for (let x = 0; x <= width; x++) {
      const first = this.#pointOf(frameAt(left + x));
      const last = Math.max(first, this.#pointOf(frameAt(left + x + 1)) - 1);
      const span = extent(curve.values, first, last + 1);
      if (span.high === null) {
        isPenDown = false;
        continue;
      }
      if (isPenDown) context.lineTo(left + x, scale(span.high));
      else context.moveTo(left + x, scale(span.high));
      if (span.low !== span.high) context.lineTo(left + x, scale(span.low));
      isPenDown = true;
    }
    context.stroke();
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
