// Dragging by mouse, pen or finger: what moved is told at most once a picture of the screen, and the end once.

/** `start(event)` gives what goes along to `move(start, [dx, dy])` and `end(start, hasMoved)`, or null: not here. */
export function draggable(element, { start, move, end }) {
  element.addEventListener("pointerdown", (down) => {
    if (down.button !== 0 || !down.isPrimary) return;
    const given = start(down);
    if (given === null || given === undefined) return;
    down.preventDefault();
    down.stopPropagation();
    const following = new AbortController();
    const options = { signal: following.signal };
    let hasMoved = false;
    const on = (event) => {
      if (event.pointerId !== down.pointerId) return;
      hasMoved = true;
      move(given, [event.clientX - down.clientX, event.clientY - down.clientY]);
    };
    const off = (event) => {
      if (event.pointerId !== down.pointerId) return;
      following.abort();
      // A finger that scrolls the page after all has dragged nothing.
      const isCancelled = event.type === "pointercancel";
      if (isCancelled && hasMoved) move(given, [0, 0]);
      end(given, hasMoved && !isCancelled);
    };
    capture(element, down.pointerId);
    element.addEventListener("pointermove", on, options);
    element.addEventListener("pointerup", off, options);
    element.addEventListener("pointercancel", off, options);
  });
}

function capture(element, pointer) {
  try {
    element.setPointerCapture(pointer);
  } catch {
    // The pointer has gone by now; its end comes all the same.
  }
}
