// Timecode of frames, counted as the server counts it: SMPTE labels at the nominal rate, drop-frame where the
// film's own start says so, clock time for films of variable rate.

const NOMINAL_WITHIN = 1 / 500;
const DROP_FRAME_SHARE = 15;
const PATTERN = /^(\d{1,2}):([0-5]?\d):([0-5]?\d)([:;.,])(\d{1,3})$/;

export class Timecode {
  constructor({ fps, start_timecode, times_s, frame_count }, times) {
    Object.assign(this, { fps, rate: fps[0] / fps[1], times_s, times, frameCount: frame_count });
    const nominal = Math.round(this.rate);
    this.nominal = nominal && Math.abs(this.rate - nominal) <= nominal * NOMINAL_WITHIN ? nominal : null;
    const drops = Boolean(start_timecode?.includes(";")) && this.nominal !== null && nominal % 30 === 0 && this.rate !== nominal;
    this.dropped = drops ? nominal / DROP_FRAME_SHARE : 0;
    this.start = 0;
    this.start = (start_timecode && !times_s && this.#count(start_timecode)) || 0;
  }

  format(frame) {
    if (this.times_s) {
      const milliseconds = Math.round(this.times_s[frame] * 1000);
      return label(Math.floor(milliseconds / 1000), milliseconds % 1000, ".", 3);
    }
    let count = frame + this.start;
    if (this.nominal === null) {
      const second = Math.floor((count * this.fps[1]) / this.fps[0]);
      return label(second, count - this.#firstOf(second), ":");
    }
    if (this.dropped) {
      const minute = 60 * this.nominal - this.dropped;
      const ten = 10 * minute + this.dropped;
      const [tens, rest] = [Math.floor(count / ten), count % ten];
      count += this.dropped * (9 * tens + Math.floor(Math.max(rest - this.dropped, 0) / minute));
    }
    return label(Math.floor(count / this.nominal), count % this.nominal, this.dropped ? ";" : ":");
  }

  /** The frame that a person means by "1234" or "00:00:12:05"; null when it is neither. */
  parse(text) {
    const trimmed = text.trim();
    if (/^\d{1,9}$/.test(trimmed)) return Number(trimmed);
    const match = PATTERN.exec(trimmed);
    if (!match) return null;
    if (this.times_s || ".,".includes(match[4])) {
      return this.times.frameAt(seconds(match) + Number(`0.${match[5]}`));
    }
    const count = this.#count(trimmed);
    return count === null ? null : count - this.start;
  }

  /** Frames from 00:00:00:00 to a label; null for one that the rate does not have. */
  #count(text) {
    const match = PATTERN.exec(text);
    if (!match) return null;
    const [total, frames] = [seconds(match), Number(match[5])];
    if (this.nominal === null) return this.#firstOf(total) + frames;
    if (frames >= this.nominal) return null;
    const minutes = Math.floor(total / 60);
    return total * this.nominal + frames - this.dropped * (minutes - Math.floor(minutes / 10));
  }

  #firstOf(second) {
    return Math.ceil((second * this.fps[0]) / this.fps[1]);
  }
}

function seconds(match) {
  return (Number(match[1]) * 60 + Number(match[2])) * 60 + Number(match[3]);
}

function label(total, frames, separator, digits = 2) {
  const two = (value) => String(value).padStart(2, "0");
  const clock = [Math.floor(total / 3600) % 24, Math.floor(total / 60) % 60, total % 60].map(two).join(":");
  return `${clock}${separator}${String(frames).padStart(digits, "0")}`;
}
