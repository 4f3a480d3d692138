// Loops the film of a result in the place of its picture while the pointer or the focus is on it.
// Nothing of a film is fetched before, one film plays at a time, and it lets go of its connection when it stops.

const WAIT_MS = 140; // a pointer that only passes by starts nothing
const STEP_MS = 320;
const FRAMES_INSTEAD = 6;

export class Previews {
  constructor(root) {
    this.root = root;
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
    this.playing = null;
    this.pending = 0;
    root.addEventListener("pointerover", (event) => event.pointerType !== "touch" && this.#wish(event.target.closest("[data-open]")));
    root.addEventListener("pointerout", (event) => {
      const left = event.target.closest("[data-open]");
      if (left && !left.contains(event.relatedTarget)) this.#wish(focused(root));
    });
    root.addEventListener("focusin", (event) => this.#wish(event.target.closest("[data-open]")));
    root.addEventListener("focusout", (event) => event.target.closest("[data-open]") && this.#wish(null));
    document.addEventListener("visibilitychange", () => document.hidden && this.stop());
    this.#wish(root.querySelector("[data-open]:hover")); // the pointer may have come before the script
  }

  /** Results were replaced: what played is gone. */
  renew() {
    clearTimeout(this.pending);
    if (this.playing && !this.playing.link.isConnected) this.stop();
  }

  /** Plays or stops because somebody asked for just that; also where motion is not wanted by itself. */
  toggle(link) {
    clearTimeout(this.pending);
    if (this.playing?.link === link) this.stop();
    else this.#play(link);
  }

  stop() {
    const playing = this.playing;
    this.playing = null;
    playing?.end();
  }

  #wish(link) {
    clearTimeout(this.pending);
    if (link === (this.playing?.link ?? null)) return;
    if (!link || this.still.matches) {
      this.stop();
      return;
    }
    this.pending = setTimeout(() => this.#play(link), WAIT_MS);
  }

  #play(link) {
    this.stop();
    this.playing = playFilm(link, () => {
      if (this.playing?.link === link) this.playing = playFrames(link);
    });
  }
}

function focused(root) {
  const active = document.activeElement?.closest?.("[data-open]");
  return active && root.contains(active) && active.matches(":focus-visible") ? active : null;
}

/** The film itself between the shot's first frame and its last, again and again, without sound. */
function playFilm(link, fail) {
  const [start, end] = [Number(link.dataset.start), Number(link.dataset.end)];
  const film = document.createElement("video");
  Object.assign(film, { className: "hit-film", muted: true, playsInline: true, preload: "auto", disableRemotePlayback: true });
  film.setAttribute("aria-hidden", "true");
  film.tabIndex = -1;
  film.src = `${link.dataset.playFilm}#t=${start},${end}`;
  let isOver = false;
  const rewind = () => {
    if (isOver) return;
    film.currentTime = start;
    film.play().catch(() => {});
  };
  film.addEventListener("timeupdate", () => film.currentTime >= end - 0.02 && rewind());
  film.addEventListener("pause", () => film.currentTime >= end - 0.1 && rewind());
  film.addEventListener("ended", rewind);
  film.addEventListener("playing", () => film.classList.add("shown"));
  const end_ = () => {
    isOver = true;
    film.removeAttribute("src");
    film.load();
    film.remove();
  };
  film.addEventListener("error", () => {
    if (isOver) return;
    end_();
    fail();
  });
  link.prepend(film);
  film.play().catch(() => {});
  return { link, end: end_ };
}

/** Where the browser cannot play the film: a few of the shot's frames one after the other. */
function playFrames(link) {
  const picture = link.querySelector("img");
  const [own, [, first, end]] = [picture.src, link.closest("[data-hit]").dataset.hit.split(":").map(Number)];
  const count = Math.min(FRAMES_INSTEAD, end - first);
  let at = 0;
  const timer = setInterval(() => {
    const frame = first + Math.floor((at++ % count) * ((end - first) / count));
    picture.src = own.replace(/frames\/\d+\.jpg/, `frames/${frame}.jpg`);
  }, STEP_MS);
  const stop = () => {
    clearInterval(timer);
    picture.src = own;
  };
  return { link, end: stop };
}
