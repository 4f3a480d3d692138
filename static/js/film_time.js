// Frames and seconds of one film, exact for steady and for variable rates.

export class FilmTime {
  /** `first_s`: when frame 0 shows; `times_s`: every frame's time for a film of variable rate, else null. */
  constructor({ frame_count, fps, first_s, times_s }) {
    this.frameCount = frame_count;
    this.fps = fps[0] / fps[1];
    this.first_s = first_s;
    this.times_s = times_s;
  }

  clamp(frame) {
    return Math.min(Math.max(Math.round(frame), 0), this.frameCount - 1);
  }

  timeOf(frame) {
    return this.times_s ? this.times_s[frame] : this.first_s + frame / this.fps;
  }

  /** The second to seek to for a frame: its middle, where no rounding reaches a neighbour. */
  seekTime(frame) {
    const next = frame + 1 < this.frameCount ? this.timeOf(frame + 1) : this.timeOf(frame) + 1 / this.fps;
    return Math.max(0, (this.timeOf(frame) + next) / 2);
  }

  /** The frame that shows at a second. */
  frameAt(seconds) {
    const slack = 0.25 / this.fps; // players report times rounded to their own clock
    if (!this.times_s) return this.clamp(Math.floor((seconds - this.first_s + slack) * this.fps));
    let [low, high] = [0, this.frameCount - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.times_s[middle] <= seconds + slack) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** The index of the shot [start, end, …] that holds a frame, or -1. */
export function shotAt(shots, frame) {
  let [low, high] = [0, shots.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (shots[middle][0] <= frame) low = middle;
    else high = middle - 1;
  }
  return shots.length && shots[low][0] <= frame && frame < shots[low][1] ? low : -1;
}
