// A signal's range as a histogram with two handles, over the two number fields that are sent.

const BINS = 48;

export class RangeFilter {
  constructor(field, values) {
    this.field = field;
    [this.lowBox, this.highBox] = field.querySelectorAll("input[type=number]");
    this.measured = values.filter((value) => !Number.isNaN(value));
    if (this.measured.length < 2) return;
    this.low = this.measured.reduce((a, b) => Math.min(a, b));
    this.high = this.measured.reduce((a, b) => Math.max(a, b));
    if (this.low === this.high) return;
    this.#build();
    this.read();
  }

  #build() {
    const view = document.createElement("div");
    view.className = "range-view";
    this.canvas = document.createElement("canvas");
    this.canvas.setAttribute("aria-hidden", "true");
    [this.lowHandle, this.highHandle] = [this.lowBox, this.highBox].map((box) => {
      const handle = document.createElement("input");
      Object.assign(handle, { type: "range", min: "0", max: "1000", step: "1" });
      handle.setAttribute("aria-label", box.getAttribute("aria-label"));
      return handle;
    });
    view.append(this.canvas, this.lowHandle, this.highHandle);
    this.field.querySelector(".range-numbers").before(view);
    view.addEventListener("input", (event) => this.#write(event.target));
    this.lowBox.addEventListener("input", () => this.read());
    this.highBox.addEventListener("input", () => this.read());
    new ResizeObserver(() => this.#draw()).observe(view);
  }

  /** Moves the handles to what the number fields say. */
  read() {
    if (!this.canvas) return;
    const place = (text, fallback) => (text === "" ? fallback : Math.round(((Number(text) - this.low) / (this.high - this.low)) * 1000));
    this.lowHandle.value = place(this.lowBox.value, 0);
    this.highHandle.value = place(this.highBox.value, 1000);
    this.#tell();
    this.#draw();
  }

  #write(handle) {
    const [low, high] = [Number(this.lowHandle.value), Number(this.highHandle.value)];
    if (handle === this.lowHandle && low > high) this.lowHandle.value = high;
    if (handle === this.highHandle && high < low) this.highHandle.value = low;
    const value = (place) => Number((this.low + (place / 1000) * (this.high - this.low)).toPrecision(3));
    // A handle at its end means no limit, so that nothing is lost to rounding.
    this.lowBox.value = this.lowHandle.value === "0" ? "" : value(Number(this.lowHandle.value));
    this.highBox.value = this.highHandle.value === "1000" ? "" : value(Number(this.highHandle.value));
    this.#tell();
    this.#draw();
  }

  #tell() {
    this.lowHandle.setAttribute("aria-valuetext", this.lowBox.value || "no limit");
    this.highHandle.setAttribute("aria-valuetext", this.highBox.value || "no limit");
  }

  #draw() {
    const { canvas } = this;
    const ratio = devicePixelRatio || 1;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (!width) return;
    [canvas.width, canvas.height] = [width * ratio, height * ratio];
    const bins = new Array(BINS).fill(0);
    for (const value of this.measured) bins[Math.min(BINS - 1, Math.floor(((value - this.low) / (this.high - this.low)) * BINS))] += 1;
    const tallest = Math.max(...bins);
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    const style = getComputedStyle(canvas);
    bins.forEach((count, bin) => {
      const middle = ((bin + 0.5) / BINS) * 1000;
      const isIn = middle >= Number(this.lowHandle.value) && middle <= Number(this.highHandle.value);
      context.fillStyle = style.getPropertyValue(isIn ? "--soft" : "--line");
      const tall = count ? Math.max(1, Math.sqrt(count / tallest) * height) : 0;
      context.fillRect((bin / BINS) * width, height - tall, width / BINS - 1, tall);
    });
  }
}
