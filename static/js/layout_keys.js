// The keyboard on canvases: arrows pan, + and − zoom, R resets; overlays and the focal point move by arrows, too.
import { move, zoom } from "./layout_geometry.js";
import { isTyping } from "./typing.js";

const STEP_UNIT = 0.01;
const LARGE_STEP_UNIT = 0.05;
const ZOOM_STEP = 1.03;
const LARGE_ZOOM_STEP = 1.15;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class LayoutKeys {
  constructor(page, { model, steps, original }) {
    Object.assign(this, { model, steps, original });
    if (!model.mayEdit) return;
    page.addEventListener("keydown", (event) => this.#key(event));
    addEventListener("keydown", (event) => this.#turn(event));
  }

  #turn(event) {
    const isUndo = (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "z";
    if (!isUndo || isTyping(event) || document.querySelector("dialog:modal")) return;
    event.preventDefault();
    this.steps.turn(event.shiftKey ? "redo" : "undo");
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
    const { target } = event;
    const overlay = target.closest("[data-overlay-kind]");
    const stage = target.closest("[data-canvas-stage]");
    const isDone = overlay ? this.#overlay(event, overlay, stage.dataset.canvasStage) : stage ? this.#canvas(event, stage.dataset.canvasStage) : target.closest("[data-focal]") && this.#focal(event);
    if (isDone) event.preventDefault();
  }

  #canvas(event, key) {
    const { crop, aspect } = this.model.canvases.get(key);
    const size = this.model.size;
    const isLarge = event.shiftKey;
    const direction = ARROWS[event.key];
    const soon = (fresh) => {
      this.model.setCrop(key, fresh);
      this.steps.chooseSoon({ subject: "crop", canvas: key, value: () => this.model.canvases.get(key).crop });
      return true;
    };
    if (direction) {
      const by = (isLarge ? LARGE_STEP_UNIT : STEP_UNIT) * Math.max(crop[2] - crop[0], crop[3] - crop[1]);
      return soon(move(crop, direction.map((side) => side * by), size));
    }
    const factor = isLarge ? LARGE_ZOOM_STEP : ZOOM_STEP;
    if (["+", "=", "*"].includes(event.key)) return soon(zoom(crop, { factor: 1 / factor, aspect, size }));
    if (["-", "_", "−"].includes(event.key)) return soon(zoom(crop, { factor, aspect, size }));
    if (event.key.toLowerCase() === "r") return this.#reset({ subject: "crop", canvas: key });
    return false;
  }

  #overlay(event, element, key) {
    const kind = element.dataset.overlayKind;
    if (event.key.toLowerCase() === "r") return this.#reset({ subject: kind, canvas: key });
    const direction = ARROWS[event.key];
    if (!direction) return false;
    const by = event.shiftKey ? LARGE_STEP_UNIT : STEP_UNIT;
    const { box } = this.model.canvases.get(key).overlays.get(kind);
    this.model.setOverlay(key, kind, move(box, direction.map((side) => side * by), [1, 1]));
    this.steps.chooseSoon({ subject: kind, canvas: key, value: () => this.model.overlayBox(key, kind) });
    return true;
  }

  #focal(event) {
    if (event.key.toLowerCase() === "r") return this.#reset({ subject: "focal" });
    const direction = ARROWS[event.key];
    if (!direction) return false;
    const { focal, size } = this.model;
    const by = (event.shiftKey ? LARGE_STEP_UNIT : STEP_UNIT) * Math.max(...size);
    this.original.moveFocal([focal.x + direction[0] * by, focal.y + direction[1] * by]);
    this.steps.chooseSoon({ subject: "focal", value: () => [this.model.focal.x, this.model.focal.y] });
    return true;
  }

  #reset(what) {
    this.steps.reset(what);
    return true;
  }
}
