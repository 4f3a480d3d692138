// The measured signals as curves: their values, their peaks, and how to draw one.
import { shotAt } from "./film_time.js";
import { findPeaks } from "./peaks.js";
import { getJson } from "./server.js";

const MOST_POINTS = 12000;
const DOT_PX = 2.5;
const DOT_ROOM_PX = 7;

export class Curves {
  constructor({ urls, frame_count }) {
    this.urls = urls;
    this.frameCount = frame_count;
    this.frames = [];
    this.columns = new Map();
    this.exact = new Map();
  }

  async load(columns) {
    if (columns.length === 0) return;
    const points = Math.min(this.frameCount, MOST_POINTS);
    const found = await getJson(`${this.urls.signals}?columns=${columns.join(",")}&points=${points}`);
    this.frames = found.frames;
    this.exact.clear();
    for (const [name, values] of Object.entries(found.columns)) this.columns.set(name, describe(values));
  }

  isLoaded(name) {
    return this.columns.has(name);
  }

  /** Whether anything of a signal is known. */
  has(name) {
    return (this.columns.get(name)?.high ?? null) !== null;
  }

  extent(name) {
    const { low, high } = this.columns.get(name);
    return [low, high];
  }

  /** A signal's value at a frame; null where nothing is measured. */
  valueAt(name, frame) {
    const curve = this.columns.get(name);
    if (!curve) return null;
    return curve.values[this.#pointOf(frame)] ?? null;
  }

  /** The nearest measured place to a frame within its shot, as {frame, value}; null where there is none. */
  nearest(name, frame, shots) {
    const curve = this.columns.get(name);
    if (!curve?.known.length) return null;
    const wanted = this.#pointOf(frame);
    const after = firstFrom(curve.known, wanted);
    const around = [curve.known[after - 1], curve.known[after]].filter((point) => point !== undefined);
    const shot = shotAt(shots, frame);
    const near = around
      .filter((point) => point === wanted || shotAt(shots, this.frames[point]) === shot)
      .sort((a, b) => Math.abs(a - wanted) - Math.abs(b - wanted))[0];
    if (near === undefined) return null;
    return { frame: near === wanted && !curve.isSparse ? frame : this.frames[near], value: curve.values[near] };
  }

  /** The curve's peaks in the film's order, as {frame, value, prominence}. */
  peaks(name) {
    const curve = this.columns.get(name);
    if (!curve) return [];
    curve.peaks ??= findPeaks(curve.known.map((point) => curve.values[point]))
      .map(({ index, value, prominence }) => ({ point: curve.known[index], frame: this.frames[curve.known[index]], value, prominence }))
      .sort((a, b) => a.point - b.point);
    return curve.peaks;
  }

  /** The very frame of a peak and its value there: of a long film a point of the curve stands for several frames. */
  exactPeak(name, { point, frame, value }) {
    const end = this.frames[point + 1] ?? this.frameCount;
    if (end - frame <= 1) return Promise.resolve({ frame, value });
    const key = `${name}:${point}`;
    if (!this.exact.has(key)) this.exact.set(key, this.#findHighest(name, frame, end));
    return this.exact.get(key);
  }

  async #findHighest(name, start, end) {
    const span = await getJson(`${this.urls.annotations}?columns=${name}&start=${start}&end=${end}&points=${end - start}`);
    const values = span.columns[name];
    const highest = values.reduce((best, value, index) => (value !== null && (best < 0 || value > values[best]) ? index : best), -1);
    return { frame: span.frames[highest], value: values[highest] };
  }

  /** Where a value lies between the top and the bottom of a lane. */
  y(name, value, { top, height }) {
    const { low, high } = this.columns.get(name);
    return top + height - ((value - low) / (high - low || 1)) * height;
  }

  /** Draws one signal into a box that shows the frames from `first` on, `scale` pixels each. */
  draw(context, name, { top, width, height, first, scale, shots }) {
    const curve = this.columns.get(name);
    if (!curve || curve.high === null) return;
    const view = { y: (value) => this.y(name, value, { top, height }), width, first, scale, shots, framesAPoint: this.frameCount / this.frames.length };
    if (curve.isSparse) this.#drawLooks(context, curve, view);
    else if (view.framesAPoint * scale > 1) this.#drawPoints(context, curve, view);
    else this.#drawSpans(context, curve, view);
  }

  /** Dots joined within a shot: between looks nothing is known, and across a cut nothing is shared. */
  #drawLooks(context, { values, known }, { y, width, first, scale, shots, framesAPoint }) {
    const from = Math.max(0, firstFrom(known, this.#pointOf(first)) - 1);
    const to = Math.min(known.length, firstFrom(known, this.#pointOf(first + width / scale) + 1) + 1);
    const places = known.slice(from, to).map((point) => ({
      x: ((point + 0.5) * framesAPoint - first) * scale, y: y(values[point]), shot: shotAt(shots, this.frames[point]),
    }));
    context.beginPath();
    places.forEach((place, index) => {
      if (index && places[index - 1].shot === place.shot) context.lineTo(place.x, place.y);
      else context.moveTo(place.x, place.y);
    });
    context.stroke();
    const isRoomy = places.length < 2 || (places.at(-1).x - places[0].x) / places.length > DOT_ROOM_PX;
    context.beginPath();
    places.forEach((place, index) => {
      const isAlone = places[index - 1]?.shot !== place.shot && places[index + 1]?.shot !== place.shot;
      if (!isRoomy && !isAlone) return;
      context.moveTo(place.x + DOT_PX, place.y);
      context.arc(place.x, place.y, DOT_PX, 0, 2 * Math.PI);
    });
    context.fill();
  }

  /** A line from point to point, where there is room for each. */
  #drawPoints(context, { values }, { y, width, first, scale, framesAPoint }) {
    const last = Math.min(values.length - 1, this.#pointOf(first + width / scale) + 1);
    let isPenDown = false;
    context.beginPath();
    for (let point = Math.max(0, this.#pointOf(first) - 1); point <= last; point++) {
      const value = values[point] ?? null;
      const x = ((point + 0.5) * framesAPoint - first) * scale;
      if (value === null) isPenDown = false;
      else if (isPenDown) context.lineTo(x, y(value));
      else context.moveTo(x, y(value));
      isPenDown = value !== null;
    }
    context.stroke();
  }

  /** For each pixel the span of its values, so that no peak is lost. */
  #drawSpans(context, { values }, { y, width, first, scale }) {
    let isPenDown = false;
    context.beginPath();
    for (let x = 0; x <= width; x++) {
      const from = this.#pointOf(first + x / scale);
      const span = extent(values, from, Math.max(from + 1, this.#pointOf(first + (x + 1) / scale)));
      if (span.high !== null && isPenDown) context.lineTo(x, y(span.high));
      else if (span.high !== null) context.moveTo(x, y(span.high));
      if (span.high !== null && span.low !== span.high) context.lineTo(x, y(span.low));
      isPenDown = span.high !== null;
    }
    context.stroke();
  }

  #pointOf(frame) {
    const clamped = Math.min(Math.max(frame, 0), this.frameCount - 1);
    return Math.min(Math.floor((clamped * this.frames.length) / this.frameCount), this.frames.length - 1);
  }
}

/** A curve's values, its ends, which points are known, and whether most of those have unknown neighbours. */
function describe(values) {
  const known = [];
  values.forEach((value, point) => value !== null && known.push(point));
  const alone = known.filter((point, index) => known[index + 1] !== point + 1).length;
  return { values, known, isSparse: alone * 2 > known.length, ...extent(values) };
}

/** The first position in rising numbers that is not below a wanted one. */
function firstFrom(rising, wanted) {
  let [low, high] = [0, rising.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rising[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
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
