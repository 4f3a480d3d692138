// The player: exact frames, shuttle, and the keys editors know. Fires "frame" on itself whenever the frame changes.
import { shotAt } from "./film_time.js";
import { isControl, isTyping } from "./typing.js";

const FASTEST = 8;

export class Player extends EventTarget {
  constructor(root, { film, times, timecode }) {
    super();
    Object.assign(this, { root, film, times, timecode, frame: 0, rate: 0, wanted: null });
    this.video = root.querySelector("video");
    this.video.controls = false;
    root.querySelector("[data-transport]").hidden = false;
    this.#bindVideo();
    this.#bindTransport();
    document.addEventListener("keydown", (event) => this.#key(event));
  }

  /** Shows exactly this frame; while one seek is under way only the newest wish is kept. */
  seek(frame) {
    this.#show(this.times.clamp(frame));
    if (this.video.seeking) this.wanted = this.frame;
    else this.video.currentTime = this.times.seekTime(this.frame);
  }

  step(frames) {
    this.#setRate(0);
    this.seek(this.frame + frames);
  }

  /** Goes to the first frame of the shot before or after; inside a shot, first back to its beginning. */
  stepShot(direction) {
    const { shots } = this.film;
    const index = shotAt(shots, this.frame);
    if (index < 0) return;
    const target = direction < 0 && this.frame > shots[index][0] ? index : index + direction;
    if (shots[target]) this.seek(shots[target][0]);
  }

  togglePlay() {
    this.#setRate(this.rate === 0 ? 1 : 0);
  }

  #bindVideo() {
    const { video } = this;
    video.addEventListener("seeked", () => {
      if (this.wanted === null) return;
      const frame = this.wanted;
      this.wanted = null;
      video.currentTime = this.times.seekTime(frame);
    });
    video.addEventListener("ended", () => this.#setRate(0));
    video.addEventListener("click", () => this.togglePlay());
    video.addEventListener("play", () => this.rate === 0 && this.#setRate(1));
    video.addEventListener("pause", () => this.rate > 0 && !video.ended && this.#setRate(0));
    const presented = (_, { mediaTime }) => {
      // While paused the wished frame is shown by definition; only running film tells where it is.
      if (this.rate > 0 && !video.seeking) this.#show(this.times.frameAt(mediaTime));
      video.requestVideoFrameCallback(presented);
    };
    if ("requestVideoFrameCallback" in video) video.requestVideoFrameCallback(presented);
    else video.addEventListener("timeupdate", () => this.rate > 0 && this.#show(this.times.frameAt(video.currentTime)));
    video.addEventListener("error", () => this.#showPictures(), { once: true });
    if (video.error) this.#showPictures();
  }

  /** Without a film that the browser can play, the frames come one by one from the server. */
  #showPictures() {
    this.root.querySelector("[data-player-error]").hidden = false;
    const picture = new Image(this.film.width, this.film.height);
    picture.className = "player-picture";
    this.video.after(picture);
    this.video.hidden = true;
    let pending = null;
    const show = () => {
      picture.src = `${this.film.urls.frame.replace("{n}", this.frame)}?w=960`;
      picture.alt = `Frame at ${this.timecode.format(this.frame)}`;
    };
    this.addEventListener("frame", () => {
      clearTimeout(pending);
      pending = setTimeout(show, 120);
    });
    show();
  }

  #bindTransport() {
    const bar = this.root.querySelector("[data-transport]");
    const actions = {
      "shot-back": () => this.stepShot(-1), "frame-back": () => this.step(-1), play: () => this.togglePlay(),
      "frame-on": () => this.step(1), "shot-on": () => this.stepShot(1),
      mute: () => { this.video.muted = !this.video.muted; },
      full: () => (document.fullscreenElement ? document.exitFullscreen() : this.root.requestFullscreen()),
    };
    bar.addEventListener("click", (event) => actions[event.target.closest("[data-do]")?.dataset.do]?.());
    this.video.addEventListener("volumechange", () => {
      bar.querySelector('[data-do="mute"]').setAttribute("aria-pressed", String(this.video.muted));
    });
    this.place = bar.querySelector("[data-go]");
    this.place.addEventListener("change", () => {
      const frame = this.timecode.parse(this.place.value);
      if (frame !== null) this.step(frame - this.frame);
      this.place.value = this.timecode.format(this.frame);
    });
    this.place.addEventListener("focus", () => this.place.select());
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event) || document.querySelector("dialog:modal")) return;
    const actions = {
      j: () => this.#shuttle(-1), k: () => this.#setRate(0), l: () => this.#shuttle(1),
      ",": () => this.step(-1), ".": () => this.step(1),
      ArrowLeft: () => this.stepShot(-1), ArrowRight: () => this.stepShot(1),
    };
    if (event.key === " " && !isControl(event)) actions[" "] = () => this.togglePlay();
    const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action || event.defaultPrevented) return;
    event.preventDefault();
    action();
  }

  #shuttle(direction) {
    const faster = Math.sign(this.rate) === direction ? Math.abs(this.rate) * 2 : 1;
    this.#setRate(direction * Math.min(faster, FASTEST));
  }

  #setRate(rate) {
    this.rate = rate;
    if (rate > 0) {
      this.video.playbackRate = rate;
      this.video.play().catch(() => this.#setRate(0));
    } else {
      this.video.pause();
      if (rate < 0) this.#runBackwards();
      else if (!this.video.ended) this.seek(this.frame); // the frame that was on screen is the frame that counts
    }
    this.#tellRate();
  }

  /** Browsers do not play backwards, so the frames are sought one by one as fast as the clock asks. */
  #runBackwards() {
    const [rate, from, began] = [this.rate, this.frame, performance.now()];
    const tick = (now) => {
      if (this.rate !== rate) return;
      const frame = this.times.clamp(from + ((now - began) / 1000) * this.times.fps * rate);
      if (frame !== this.frame && !this.video.seeking) this.seek(frame);
      if (frame > 0) requestAnimationFrame(tick);
      else this.#setRate(0);
    };
    requestAnimationFrame(tick);
  }

  #tellRate() {
    const button = this.root.querySelector('[data-do="play"]');
    button.setAttribute("aria-label", this.rate === 0 ? "Play" : "Pause");
    button.dataset.playing = String(this.rate !== 0);
    const speed = Math.abs(this.rate) > 1 || this.rate < 0 ? `${this.rate < 0 ? "−" : ""}${Math.abs(this.rate)}×` : "";
    this.root.querySelector("[data-speed]").textContent = speed;
  }

  #show(frame) {
    this.frame = frame;
    if (document.activeElement !== this.place) this.place.value = this.timecode.format(frame);
    this.root.querySelector("[data-frame]").textContent = String(frame);
    this.dispatchEvent(new Event("frame"));
  }
}
