// The scores of all shots over the filmstrip; the part that is kept back is hatched, and a click plays a shot.
import { shotAt } from "./film_time.js";
import { Timeline } from "./timeline.js";

const NAME = "score";
const MARKED = 12; // best shots that are marked over the curve
const CLICK_PX = 4;

export class ScoreLine {
  constructor(root, { film, times, timecode, player, monitor, picks }) {
    Object.assign(this, { root, film });
    this.area = root.querySelector("[data-line]");
    this.area.classList.add("bound");
    this.scores = new ScoreCurve(film, picks);
    this.renew();
    const chooser = { label: () => "Score", write: (_, score) => String(score) };
    this.timeline = new Timeline(this.area, { film, times, timecode, curves: this.scores, player, chooser });
    this.timeline.show([NAME]);
    this.#bindKeptBack();
    this.#bindClick(player, monitor);
  }

  draw() {
    this.timeline?.draw();
  }

  /** Reads what the list of shots says anew: order and what is kept back change with its form. */
  renew() {
    const told = document.getElementById("moments-line");
    if (!told) return;
    this.scores.read(JSON.parse(told.textContent));
    this.#lay();
    this.draw();
  }

  #bindKeptBack() {
    this.scroller = this.area.querySelector("[data-scroller]");
    this.spacer = this.area.querySelector("[data-spacer]");
    this.scroller.addEventListener("scroll", () => this.#lay(), { passive: true });
    new ResizeObserver(() => this.#lay()).observe(this.spacer);
  }

  #lay() {
    if (!this.spacer) return;
    const layer = this.area.querySelector("[data-kept-back]");
    const { guardFrame } = this.scores;
    const left = (guardFrame / this.film.frame_count) * this.spacer.offsetWidth - this.scroller.scrollLeft;
    layer.hidden = guardFrame >= this.film.frame_count || left >= this.scroller.clientWidth;
    layer.style.left = `${Math.max(left, 0)}px`;
    const key = this.area.querySelector("[data-guard-key]");
    key.hidden = guardFrame >= this.film.frame_count;
  }

  /** A click plays the shot from there; a drag only looks for a place. */
  #bindClick(player, monitor) {
    const { canvas } = this.timeline;
    let from = null;
    canvas.addEventListener("pointerdown", (event) => {
      from = event.button === 0 ? [event.clientX, event.clientY] : null;
    });
    canvas.addEventListener("pointerup", (event) => {
      if (!from || Math.hypot(event.clientX - from[0], event.clientY - from[1]) > CLICK_PX) return;
      if (shotAt(this.film.shots, player.frame) >= 0) monitor.play();
    });
  }
}

/** The scores as a curve of the timeline: one step a shot. */
class ScoreCurve {
  constructor(film, picks) {
    Object.assign(this, { film, picks, scores: [], marked: [], guardFrame: film.frame_count, offered: new Set(), used: new Set() });
  }

  read({ scores, order, guard_frame, used }) {
    Object.assign(this, { scores, guardFrame: guard_frame, offered: new Set(order), used: new Set(used) });
    this.marked = order
      .slice(0, MARKED)
      .map((shot, place) => ({ point: shot, frame: this.film.shots[shot]?.[0] ?? 0, value: scores[shot], prominence: order.length - place }))
      .sort((a, b) => a.point - b.point);
  }

  isLoaded() {
    return true;
  }

  has() {
    return this.scores.length > 0;
  }

  extent() {
    return [0, 100];
  }

  peaks() {
    return this.marked;
  }

  exactPeak(_, { frame, value }) {
    return Promise.resolve({ frame, value });
  }

  nearest(_, frame, shots) {
    const shot = shotAt(shots, frame);
    return shot < 0 || this.scores[shot] === undefined ? null : { frame, value: this.scores[shot] };
  }

  y(_, value, { top, height }) {
    return top + height - (value / 100) * height;
  }

  draw(context, _, { top, width, height, first, scale, shots }) {
    const colours = readColours();
    const x = (frame) => (frame - first) * scale;
    for (let shot = Math.max(shotAt(shots, Math.floor(first)), 0); shot < shots.length; shot++) {
      const [start, end] = shots[shot];
      const [left, right] = [x(start), x(end)];
      if (left > width) break;
      const y = this.y(NAME, this.scores[shot] ?? 0, { top, height });
      const isPicked = this.picks.has(start);
      context.fillStyle = isPicked ? colours.accent : this.offered.has(shot) ? colours.soft : colours.line;
      const gap = right - left > 3 ? 1 : 0;
      context.fillRect(left, Math.min(y, top + height - 1), Math.max(right - left - gap, 0.5), Math.max(top + height - y, 1));
      if (this.used.has(shot)) {
        context.fillStyle = colours.text;
        context.fillRect(left, top + height + 2, Math.max(right - left - gap, 1), 3);
      }
    }
  }
}

function readColours() {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(["accent", "soft", "line", "text"].map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}
