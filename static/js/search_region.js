// Marks the part of the example picture that counts, by dragging over it.

const LEAST = 0.02; // of a side: less is a click

export function bindRegion(results) {
  const example = results.querySelector("[data-example-picture]");
  const field = results.querySelector("[data-region-field]");
  if (!example || !field || example.dataset.bound) return;
  example.dataset.bound = "";
  field.addEventListener("change", () => field.form.requestSubmit()); // it lies outside of its form
  const veil = example.querySelector("[data-veil]");
  example.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    example.setPointerCapture(event.pointerId);
    const from = place(example, event);
    let region = null;
    const drag = (move) => {
      region = span(from, place(example, move));
      draw(veil, region);
    };
    const end = () => {
      example.removeEventListener("pointermove", drag);
      const written = region ? region.map((value) => String(Number(value.toFixed(3)))).join(",") : "";
      if (!region) draw(veil, null);
      if (written === field.value) return;
      field.value = written;
      field.form.requestSubmit();
    };
    example.addEventListener("pointermove", drag);
    example.addEventListener("pointerup", end, { once: true });
    example.addEventListener("pointercancel", end, { once: true });
  });
}

function place(example, { clientX, clientY }) {
  const { left, top, width, height } = example.getBoundingClientRect();
  return [(clientX - left) / width, (clientY - top) / height].map((value) => Math.min(Math.max(value, 0), 1));
}

/** [x0, y0, x1, y1] between two corners, or null where that is no more than a click. */
function span([ax, ay], [bx, by]) {
  const region = [Math.min(ax, bx), Math.min(ay, by), Math.max(ax, bx), Math.max(ay, by)];
  return region[2] - region[0] < LEAST || region[3] - region[1] < LEAST ? null : region;
}

function draw(veil, region) {
  const hole = region ? ` M${region[0]} ${region[1]}H${region[2]}V${region[3]}H${region[0]}Z` : "";
  veil.setAttribute("d", region ? `M0 0H1V1H0Z${hole}` : "");
}
