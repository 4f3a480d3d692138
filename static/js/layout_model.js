// A layout while it is worked on: what the server said last, and on top of it what is being dragged just now.
import { follow, fromUnit, toUnit } from "./layout_geometry.js";

export class LayoutModel extends EventTarget {
  /** Fires "change" at most once a picture of the screen, with all that was changed since. */
  constructor(said) {
    super();
    this.waiting = false;
    this.read(said);
  }

  /** Takes what the server says in place of all that was guessed. */
  read(said) {
    this.size = [said.width, said.height];
    this.area = said.area;
    this.found = said.found;
    this.mayEdit = said.may_edit;
    this.focal = said.focal_point;
    this.said = { focal: [said.focal_point.x, said.focal_point.y] };
    this.canvases = new Map(said.canvases.map((canvas) => [canvas.key, readCanvas(canvas)]));
    this.#changed();
  }

  /** The focal point goes elsewhere; every crop that nobody chose follows it. */
  moveFocal([x, y]) {
    this.focal = { ...this.focal, x, y, extent: null };
    for (const canvas of this.canvases.values()) {
      if (canvas.isChosen) continue;
      canvas.crop = follow(canvas.said, { from: this.said.focal, to: [x, y], size: this.size });
    }
    this.#changed();
  }

  setCrop(key, crop) {
    this.canvases.get(key).crop = crop;
    this.#changed();
  }

  /** Puts an overlay, a box in shares of its canvas. */
  setOverlay(key, kind, box) {
    this.canvases.get(key).overlays.get(kind).box = box;
    this.#changed();
  }

  /** An overlay's box in the picture's pixels. */
  overlayBox(key, kind) {
    const { crop, overlays } = this.canvases.get(key);
    return fromUnit(overlays.get(kind).box, crop);
  }

  #changed() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.dispatchEvent(new Event("change"));
    });
  }
}

function readCanvas({ key, crop, aspect, overlays, is_chosen: isChosen }) {
  const placed = overlays.map(({ kind, box, moved_from: ghost, ...rest }) => [
    kind,
    { ...rest, box: box && toUnit(box, crop), ghost: ghost && toUnit(ghost, crop) },
  ]);
  return { key, aspect, isChosen, said: crop, crop, overlays: new Map(placed) };
}
