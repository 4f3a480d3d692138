// Plays the shot around a still in the still's own place, again and again, until it is stopped.

export class ShotPlay {
  constructor(dialog, { address }) {
    Object.assign(this, { dialog, address, film: null });
  }

  get isPlaying() {
    return this.film !== null;
  }

  /** Starts or stops; does nothing where the shot is not known. */
  toggle() {
    if (this.isPlaying) return this.stop();
    const span = this.dialog.querySelector("[data-shot-span]")?.dataset.shotSpan;
    if (!span) return;
    const [start, end] = span.split(",").map(Number);
    const film = document.createElement("video");
    Object.assign(film, { className: "shot-play", muted: true, playsInline: true, src: `${this.address}#t=${start},${end}` });
    film.setAttribute("aria-label", "The shot around this still");
    film.addEventListener("timeupdate", () => film.currentTime >= end - 0.02 && this.#rewind(start));
    film.addEventListener("pause", () => film.currentTime >= end - 0.1 && this.#rewind(start));
    film.addEventListener("error", () => this.stop());
    this.film = film;
    this.dialog.querySelector("[data-stage]").append(film);
    film.play().catch(() => this.stop());
  }

  stop() {
    this.film?.remove();
    this.film = null;
  }

  #rewind(start) {
    if (!this.film) return;
    this.film.currentTime = start;
    this.film.play().catch(() => this.stop());
  }
}
