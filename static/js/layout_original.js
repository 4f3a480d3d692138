// The original, large: the focal point and the chosen canvas's window are dragged on it, and what was found is drawn.
import { clamp, leastWidth, move, within } from "./layout_geometry.js";
import { draggable } from "./layout_drag.js";

export class OriginalView {
  /** `selected()` is the key of the canvas whose window is drawn. */
  constructor(stage, { model, steps, selected, hold }) {
    Object.assign(this, { stage, model, steps, selected, hold });
    this.focal = stage.querySelector("[data-focal]");
    this.extent = stage.querySelector("[data-extent]");
    this.window = stage.querySelector("[data-window]");
    stage.querySelector("img").draggable = false;
    model.addEventListener("change", () => this.draw());
    if (model.mayEdit) this.#bind();
    this.draw();
  }

  draw() {
    const { focal, size, canvases } = this.model;
    Object.assign(this.focal.style, { left: `${(focal.x / size[0]) * 100}%`, top: `${(focal.y / size[1]) * 100}%` });
    this.#put(this.extent, focal.extent);
    this.#put(this.window, canvases.get(this.selected())?.crop ?? null);
  }

  #put(element, box) {
    element.hidden = !box;
    if (!box) return;
    const [width, height] = this.model.size;
    const [x0, y0, x1, y1] = box;
    Object.assign(element.style, {
      left: `${(x0 / width) * 100}%`, top: `${(y0 / height) * 100}%`, width: `${((x1 - x0) / width) * 100}%`, height: `${((y1 - y0) / height) * 100}%`,
    });
  }

  get #scale() {
    return this.model.size[0] / this.stage.clientWidth;
  }

  #bind() {
    draggable(this.focal, {
      start: () => this.#begin(this.focal, { point: [this.model.focal.x, this.model.focal.y] }),
      move: ({ point, scale }, [dx, dy]) => this.moveFocal([point[0] + dx * scale, point[1] + dy * scale]),
      end: (_, hasMoved) => this.#end(hasMoved && (() => this.chooseFocal())),
    });
    draggable(this.window, {
      start: (event) => (event.target === this.window ? this.#begin(null, { crop: this.#crop }) : null),
      move: ({ crop, scale }, [dx, dy]) => this.model.setCrop(this.selected(), move(crop, [dx * scale, dy * scale], this.model.size)),
      end: (_, hasMoved) => this.#end(hasMoved && (() => this.#chooseCrop())),
    });
    for (const handle of this.window.querySelectorAll("[data-handle]")) this.#bindHandle(handle);
    this.stage.addEventListener("dblclick", (event) => this.#jump(event));
  }

  /** A corner moves along its diagonal, so that the ratio stays; the corner across from it stays where it is. */
  #bindHandle(handle) {
    const [isRight, isBottom] = [handle.dataset.handle.includes("right"), handle.dataset.handle.includes("bottom")];
    draggable(handle, {
      start: () => this.#begin(null, { crop: this.#crop }),
      move: ({ crop, scale }, [dx]) => {
        const [x0, y0, x1, y1] = crop;
        const { aspect } = this.model.canvases.get(this.selected());
        const fixed = [isRight ? x0 : x1, isBottom ? y0 : y1];
        const room = [isRight ? this.model.size[0] - x0 : x1, isBottom ? this.model.size[1] - y0 : y1];
        const wanted = x1 - x0 + (isRight ? dx : -dx) * scale;
        const width = clamp(wanted, leastWidth(aspect, this.model.size), Math.min(room[0], room[1] * aspect));
        const height = width / aspect;
        const left = isRight ? fixed[0] : fixed[0] - width;
        const top = isBottom ? fixed[1] : fixed[1] - height;
        this.model.setCrop(this.selected(), within([left, top, left + width, top + height], this.model.size));
      },
      end: (_, hasMoved) => this.#end(hasMoved && (() => this.#chooseCrop())),
    });
  }

  moveFocal([x, y]) {
    this.model.moveFocal([clamp(x, 0, this.model.size[0]), clamp(y, 0, this.model.size[1])]);
  }

  chooseFocal() {
    return this.steps.choose({ subject: "focal", value: [this.model.focal.x, this.model.focal.y] });
  }

  #jump(event) {
    const { left, top } = this.stage.getBoundingClientRect();
    this.moveFocal([(event.clientX - left) * this.#scale, (event.clientY - top) * this.#scale]);
    this.chooseFocal();
  }

  #begin(focused, given) {
    focused?.focus({ preventScroll: true });
    this.hold(true);
    return { ...given, scale: this.#scale };
  }

  #end(choose) {
    this.hold(false);
    if (choose) choose();
  }

  get #crop() {
    return this.model.canvases.get(this.selected()).crop;
  }

  #chooseCrop() {
    return this.steps.choose({ subject: "crop", canvas: this.selected(), value: this.#crop });
  }
}
