// Large pictures fetched before they are asked for, and kept decoded, so that moving on shows them at once.

const KEPT = 14;

export class PicturesAhead {
  constructor(address) {
    this.address = address;
    this.pictures = new Map();
  }

  fetch(frames) {
    for (const frame of frames) {
      if (this.pictures.has(frame)) continue;
      const picture = new Image();
      picture.src = this.address(frame);
      picture.decode().catch(() => this.pictures.delete(frame)); // fetched again when it is looked at
      this.pictures.set(frame, picture);
    }
    for (const frame of [...this.pictures.keys()].slice(0, Math.max(0, this.pictures.size - KEPT))) this.pictures.delete(frame);
  }

  /** The address of a frame's picture where it is there already, else "". */
  ready(frame) {
    const picture = this.pictures.get(frame);
    return picture?.complete && picture.naturalWidth ? picture.src : "";
  }
}
