// The bar under the grid: what is chosen, and every decision on it for those who prefer a mouse.
import { pictureSize } from "./still_grid.js";
import { number } from "./wording.js";

export class DecideBar extends EventTarget {
  /** Fires "decide" (detail: the change), "undo", "open", "compare" and "size". */
  constructor(root) {
    super();
    this.root = root;
    root.addEventListener("click", (event) => this.#click(event.target.closest("button")));
    const size = root.querySelector("[data-size]");
    size.value = pictureSize();
    size.addEventListener("input", () => {
      localStorage.setItem("still-size", size.value);
      this.dispatchEvent(new Event("size"));
    });
  }

  contains(element) {
    return this.root.contains(element);
  }

  /** Shows what the chosen stills have in common. */
  tell(chosen, index) {
    this.root.hidden = chosen.length === 0;
    if (chosen.length === 0) return;
    const [row] = chosen;
    this.root.querySelector("[data-what]").textContent =
      chosen.length > 1 ? `${number(chosen.length)} stills selected` : `Rank ${index.rank[row]}, ${index.timecode[row]}`;
    for (const button of this.root.querySelectorAll("[data-decide]")) {
      if (button.dataset.decide) button.setAttribute("aria-pressed", String(chosen.every((each) => index.state(each).verdict === button.dataset.decide)));
    }
    for (const star of this.root.querySelectorAll("[data-stars]")) {
      star.setAttribute("aria-pressed", String(chosen.every((each) => index.stars[each] >= Number(star.dataset.stars))));
    }
  }

  #click(button) {
    if (!button) return;
    const { decide, stars } = button.dataset;
    if (decide === "") this.#tell("decide", { verdict: "", stars: 0 });
    else if (decide) this.#tell("decide", { verdict: decide });
    else if (stars) this.#tell("decide", { stars: Number(stars) });
    else if ("undo" in button.dataset) this.#tell("undo");
    else if ("openStill" in button.dataset) this.#tell("open");
    else if ("compareStills" in button.dataset) this.#tell("compare");
  }

  #tell(type, detail = null) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
