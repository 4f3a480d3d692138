// Peaks of the curves as buttons over them: a click, or Enter on one that the arrows have reached, goes to its frame.

const LEAST_APART_PX = 26; // a target's own width

export class PeakMarks {
  /** `tell({name, frame, value})` shows a reading, `tell(null)` takes it away. */
  constructor(layer, { curves, goTo, reveal, write, tell }) {
    Object.assign(this, { layer, curves, goTo, reveal, write, tell, groups: new Map() });
    layer.addEventListener("keydown", (event) => this.#key(event));
  }

  /** Puts the marks of each lane {name, label, y, x} where the curves are now; `scale` is pixels a frame. */
  place(lanes, { scale, x }) {
    const shown = new Set(lanes.map(({ name }) => name));
    for (const [name, group] of this.groups) if (!shown.has(name)) this.#drop(name, group);
    for (const lane of lanes) {
      const group = this.#group(lane, scale);
      group.marks.forEach((mark) => {
        mark.button.style.translate = `${x(mark.frame + 0.5)}px ${lane.y(mark.value)}px`;
      });
    }
  }

  /** A lane's marks, made anew when its curve or the scale has changed. */
  #group(lane, scale) {
    const peaks = this.curves.peaks(lane.name);
    const known = this.groups.get(lane.name);
    if (known && known.peaks === peaks && known.scale === scale) return known;
    const focused = known?.marks.find(({ button }) => button === document.activeElement);
    known?.element.remove();
    const element = document.createElement("div");
    element.setAttribute("role", "group");
    element.setAttribute("aria-label", `Peaks of ${lane.label}`);
    const marks = spread(peaks, scale).map((peak) => ({ ...peak, button: this.#makeButton(lane, peak) }));
    element.append(...marks.map(({ button }) => button));
    const group = { element, marks, peaks, scale };
    this.groups.set(lane.name, group);
    this.layer.append(element);
    const kept = focused && marks.find(({ point }) => point === focused.point);
    setStop(marks, kept ?? marks[0]);
    kept?.button.focus({ preventScroll: true });
    return group;
  }

  #makeButton(lane, peak) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "peak", tabIndex: -1 });
    button.dataset.frame = String(peak.frame);
    button.setAttribute("aria-label", this.write(lane.name, peak));
    const read = async () => {
      const exact = await this.curves.exactPeak(lane.name, peak);
      button.dataset.frame = String(exact.frame);
      button.setAttribute("aria-label", this.write(lane.name, exact));
      if (button.matches(":hover, :focus")) this.tell({ name: lane.name, ...exact });
    };
    button.addEventListener("pointerenter", read);
    button.addEventListener("focus", () => {
      this.reveal(peak.frame);
      read();
    });
    for (const leaving of ["pointerleave", "blur"]) button.addEventListener(leaving, () => this.tell(null));
    button.addEventListener("click", async () => this.goTo((await this.curves.exactPeak(lane.name, peak)).frame));
    return button;
  }

  /** One stop of the Tab key a lane; arrows go from peak to peak. */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const group = [...this.groups.values()].find(({ element }) => element.contains(event.target));
    const at = group?.marks.findIndex(({ button }) => button === event.target);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: (group?.marks.length ?? 0) - 1 }[event.key];
    if (!group || to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const mark = group.marks[Math.min(Math.max(to, 0), group.marks.length - 1)];
    setStop(group.marks, mark);
    mark.button.focus({ preventScroll: true });
  }

  #drop(name, group) {
    group.element.remove();
    this.groups.delete(name);
  }
}

function setStop(marks, stop) {
  for (const mark of marks) mark.button.tabIndex = mark === stop ? 0 : -1;
}

/** Those peaks that no more prominent one is too near to, in the film's order. */
function spread(peaks, scale) {
  const kept = [];
  for (const peak of [...peaks].sort((a, b) => b.prominence - a.prominence || a.point - b.point)) {
    if (kept.every((other) => Math.abs(other.frame - peak.frame) * scale >= LEAST_APART_PX)) kept.push(peak);
  }
  return kept.sort((a, b) => a.point - b.point);
}
