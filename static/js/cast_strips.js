// Strips over the film: a click goes to the frame under the pointer. By keyboard the link goes to the first appearance.

export function bindStrips(root) {
  root.addEventListener("click", (event) => {
    const strip = event.target.closest("[data-strip]");
    const isByPointer = event.detail > 0;
    if (!strip || !isByPointer) return;
    const box = strip.getBoundingClientRect();
    const address = addressAt(films(), (1000 * (event.clientX - box.left)) / box.width);
    if (address) strip.href = address;
  }, true);
}

const films = () => JSON.parse(document.getElementById("strip-films").textContent);

/** The address of the frame at a place of the strips, 0–1000; null before the first film. */
export function addressAt(segments, place) {
  const film = segments.findLast((each) => place >= each.start);
  if (!film) return null;
  const frame = Math.floor(((place - film.start) / film.width) * film.frames);
  return `${film.url}${Math.min(Math.max(frame, 0), film.frames - 1)}`;
}
