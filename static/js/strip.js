// The film's small pictures, two a second, that lie in one sheet a chunk.

export class Strip {
  constructor({ strip, urls }, { onLoad }) {
    Object.assign(this, { chunks: strip.chunks, step: strip.step, row: strip.tiles_a_row, pattern: urls.strip, onLoad });
    [this.width, this.height] = strip.tile;
    this.sheets = new Map();
  }

  /** The picture nearest before a frame as {image, x, y}, or null while its sheet is on its way or missing.
   *  Within a shot [from, to) a picture of the shot before is passed over where the shot has one of its own. */
  tile(frame, { from = 0, to = Infinity } = {}) {
    const chunk = this.#chunkOf(frame);
    if (!chunk) return null;
    const [index, start, end] = chunk;
    const image = this.#sheet(index);
    if (!image) return null;
    let position = Math.floor((frame - start) / this.step);
    const next = start + (position + 1) * this.step;
    if (start + position * this.step < from && next < Math.min(to, end)) position += 1;
    return { image, x: (position % this.row) * this.width, y: Math.floor(position / this.row) * this.height };
  }

  #chunkOf(frame) {
    let [low, high] = [0, this.chunks.length - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      const [, start, end] = this.chunks[middle];
      if (frame < start) high = middle - 1;
      else if (frame >= end) low = middle + 1;
      else return this.chunks[middle];
    }
    return null;
  }

  #sheet(index) {
    const known = this.sheets.get(index);
    if (known) return known.complete && known.naturalWidth ? known : null;
    const image = new Image();
    this.sheets.set(index, image);
    image.addEventListener("load", () => this.onLoad());
    image.src = this.pattern.replace("{n}", index);
    return null;
  }

  /** Sheets that were not there yet are asked for again: the film is being measured. */
  forgetMissing() {
    for (const [index, image] of this.sheets) {
      if (image.complete && !image.naturalWidth) this.sheets.delete(index);
    }
  }
}
