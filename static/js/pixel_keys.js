// The keyboard of the review.
import { isControl, isTyping } from "./typing.js";

const VERDICTS = { y: "confirmed", n: "rejected", s: "unsure" };
const TOOLS = {
  ",": "back", ".": "on", d: "difference", z: "actual", p: "play", m: "mark", "+": "larger", "=": "larger", "-": "smaller", "−": "smaller",
  "]": "gamma-up", "[": "gamma-down", "}": "gain-up", "{": "gain-down", 0: "reset",
};
const STEPS = { ArrowLeft: -1, ArrowUp: -1, j: -1, ArrowRight: 1, ArrowDown: 1, k: 1 };
const SCOPES = { p: "position", s: "shot" };

export class PixelKeys {
  constructor(review) {
    this.review = review;
    document.addEventListener("keydown", (event) => this.#key(event));
  }

  #key(event) {
    if (isTyping(event) || document.querySelector("dialog:modal")) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if ((event.ctrlKey || event.metaKey) && !event.altKey && key === "z") this.review.undo({ isAgain: event.shiftKey });
    else if (event.ctrlKey || event.metaKey || event.altKey || !this.#act(event, key)) return;
    event.preventDefault();
  }

  /** True where the key did something. */
  #act(event, key) {
    const { review } = this;
    const view = review.current;
    if (!view) return false;
    if (view.whole.key(event)) return true;
    if (event.target instanceof Element && event.target.matches("[type=radio]") && key.startsWith("Arrow")) return false;
    if (view.isChoosing && SCOPES[key]) return view.chooseScope(SCOPES[key]) || true;
    if (key === "Escape") return view.chooseScope("one");
    if (key === "a" && view.form) return view.openChooser() ?? true;
    if (VERDICTS[key] && review.mayReview) {
      if (!event.repeat) review.decide(VERDICTS[key]);
      return true;
    }
    if (STEPS[key]) {
      review.step(STEPS[key]);
      return true;
    }
    if (key === " ") return !isControl(event) && view.do("blink");
    return view.do(TOOLS[key]);
  }
}
