// Every canvas as a window on the one picture: dragged to pan, zoomed by wheel, its overlays dragged to other places.
import { move, transformOf, zoom } from "./layout_geometry.js";
import { draggable } from "./layout_drag.js";

const WHEEL_SPEED = 0.0015;

export class CanvasViews {
  /** `hold(is)` is told while something is dragged; `select(key)` when a canvas is taken hold of. */
  constructor(place, { model, steps, select, hold }) {
    Object.assign(this, { model, steps, select, hold });
    this.views = new Map();
    for (const stage of place.querySelectorAll("[data-canvas-stage]")) {
      this.views.set(stage.dataset.canvasStage, new CanvasView(stage, this));
    }
    model.addEventListener("change", () => this.draw());
    this.draw();
  }

  draw() {
    for (const [key, view] of this.views) if (this.model.canvases.has(key)) view.draw(this.model.canvases.get(key));
  }
}

class CanvasView {
  constructor(stage, { model, steps, select, hold }) {
    Object.assign(this, { stage, model, steps, hold, key: stage.dataset.canvasStage });
    this.picture = stage.querySelector("img");
    this.picture.draggable = false;
    this.overlays = new Map([...stage.querySelectorAll("[data-overlay-kind]")].map((box) => [box.dataset.overlayKind, box]));
    this.ghosts = new Map([...stage.querySelectorAll("[data-ghost-kind]")].map((ghost) => [ghost.dataset.ghostKind, ghost]));
    this.drawn = new Map();
    stage.addEventListener("focusin", () => select(this.key));
    if (!model.mayEdit) return;
    this.#bindPan(select);
    stage.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    for (const [kind, box] of this.overlays) this.#bindOverlay(box, kind);
  }

  /** Boxes are replaced, never changed, so the same one needs no drawing again. */
  draw({ crop, overlays }) {
    if (this.#isNew(this.picture, crop)) this.picture.style.transform = transformOf(crop, this.model.size);
    for (const [kind, element] of this.overlays) {
      const { box, ghost, ink, needs_shade: needsShade, is_chosen: isChosen } = overlays.get(kind) ?? { box: null, ghost: null };
      this.#put(this.ghosts.get(kind), ghost);
      this.#put(element, box);
      if (!box) continue;
      element.dataset.ink = ink;
      element.toggleAttribute("data-chosen", Boolean(isChosen));
      element.toggleAttribute("data-shade", Boolean(needsShade));
    }
  }

  #put(element, box) {
    if (!this.#isNew(element, box)) return;
    // What loses its place while it has the focus leaves that to its canvas.
    if (!box && element === document.activeElement) this.stage.focus({ preventScroll: true });
    element.hidden = !box;
    if (!box) return;
    const [x0, y0, x1, y1] = box.map((side) => side * 100);
    Object.assign(element.style, { left: `${x0}%`, top: `${y0}%`, width: `${x1 - x0}%`, height: `${y1 - y0}%` });
  }

  #isNew(element, box) {
    if (this.drawn.get(element) === box) return false;
    this.drawn.set(element, box);
    return true;
  }

  /** How many of the picture's pixels one of the screen shows. */
  get #scale() {
    const { crop } = this.model.canvases.get(this.key);
    return (crop[2] - crop[0]) / this.stage.clientWidth;
  }

  #bindPan(select) {
    draggable(this.stage, {
      start: () => {
        this.stage.focus({ preventScroll: true });
        select(this.key);
        this.hold(true);
        return { crop: this.model.canvases.get(this.key).crop, scale: this.#scale };
      },
      move: ({ crop, scale }, [dx, dy]) => this.model.setCrop(this.key, move(crop, [-dx * scale, -dy * scale], this.model.size)),
      end: (_, hasMoved) => {
        this.hold(false);
        if (hasMoved) this.#chooseCrop();
      },
    });
  }

  #wheel(event) {
    if (document.activeElement !== this.stage && !event.ctrlKey) return;
    event.preventDefault();
    const { crop, aspect } = this.model.canvases.get(this.key);
    const { left, top } = this.stage.getBoundingClientRect();
    const about = [crop[0] + (event.clientX - left) * this.#scale, crop[1] + (event.clientY - top) * this.#scale];
    this.model.setCrop(this.key, zoom(crop, { factor: Math.exp(event.deltaY * WHEEL_SPEED), aspect, size: this.model.size, about }));
    this.steps.chooseSoon({ subject: "crop", canvas: this.key, value: () => this.model.canvases.get(this.key).crop });
  }

  #bindOverlay(element, kind) {
    draggable(element, {
      start: () => {
        element.focus({ preventScroll: true });
        this.hold(true);
        return this.model.canvases.get(this.key).overlays.get(kind).box;
      },
      move: (box, [dx, dy]) => {
        const by = [dx / this.stage.clientWidth, dy / this.stage.clientHeight];
        this.model.setOverlay(this.key, kind, move(box, by, [1, 1]));
      },
      end: (_, hasMoved) => {
        this.hold(false);
        if (hasMoved) this.steps.choose({ subject: kind, canvas: this.key, value: this.model.overlayBox(this.key, kind) });
      },
    });
  }

  #chooseCrop() {
    this.steps.choose({ subject: "crop", canvas: this.key, value: this.model.canvases.get(this.key).crop });
  }
}
