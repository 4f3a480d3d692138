// Where a film can no longer be read, the still's preview stands in, so that its canvases can be seen and chosen.
const SAYS = {
  smaller: "The film cannot be read just now: this is the still’s small preview. Files of canvases need the film.",
  nothing: "The picture cannot be read just now. What is known of it stays; try again later.",
};

export function watchPicture(page) {
  const picture = page.querySelector("[data-original] > img");
  const failed = () => {
    const { standIn } = picture.dataset;
    delete picture.dataset.standIn;
    const said = page.querySelector("[data-unreadable]");
    said.textContent = standIn ? SAYS.smaller : SAYS.nothing;
    said.hidden = false;
    if (standIn) for (const each of [picture, ...page.querySelectorAll("[data-canvas-stage] > img")]) each.src = standIn;
  };
  picture.addEventListener("error", failed);
  if (picture.complete && !picture.naturalWidth) failed();
}
