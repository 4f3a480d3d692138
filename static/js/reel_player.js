// Plays a whole reel in order: two films take turns, the next clip waits at its first frame while one plays.
import { FilmTime } from "./film_time.js";
import { getJson } from "./server.js";
import { Timecode } from "./timecode.js";

const RESUME_WITHIN_S = 0.5; // seconds behind a clip's end from which the film is sought anew rather than waited for

/** Fires "clip" on itself when another clip is shown, and "frame" with every frame. */
export class ReelPlayer extends EventTarget {
  constructor(root) {
    super();
    Object.assign(this, { root, clips: [], films: {}, index: 0, frame: 0, isPlaying: false, times: new Map(), failed: new Set() });
    this.stage = root.querySelector("[data-stage]");
    this.screens = [0, 1].map(() => this.#screen());
    [this.front, this.back] = this.screens;
    this.picture = Object.assign(new Image(), { hidden: true, className: "reel-picture-frame" });
    this.stage.append(this.picture);
    this.scrub = root.querySelector("[data-scrub]");
    this.scrub.addEventListener("input", () => this.goTo(Number(this.scrub.value)));
    root.addEventListener("click", (event) => this.act(event.target.closest("[data-act]")?.dataset.act));
    this.stage.addEventListener("click", () => this.toggle());
  }

  get clip() {
    return this.clips[this.index] ?? null;
  }

  /** Shows the reel as it is now; the clip that was shown stays, at the same frame of its film. */
  show({ films, clips, fps, drop, frames }) {
    const shown = this.clip?.clip;
    Object.assign(this, { films, clips, rate: fps[0] / fps[1] });
    this.total = frames;
    this.clock = new Timecode({ fps, start_timecode: drop ? "00:00:00;00" : null, times_s: null, frame_count: frames }, null);
    this.root.hidden = clips.length === 0;
    this.scrub.max = Math.max(frames - 1, 0);
    this.#drawMarks();
    if (!clips.length) return this.pause();
    const again = clips.findIndex(({ clip }) => clip === shown);
    this.index = again < 0 ? Math.min(this.index, clips.length - 1) : again;
    const { in: first, out } = this.clip;
    if (again < 0) this.choose(this.index);
    else if (!this.isPlaying) this.seek(Math.min(Math.max(this.frame, first), out - 1));
    else this.#tell();
  }

  act(name) {
    const acts = {
      play: () => this.toggle(), "clip-back": () => this.choose(this.index - 1), "clip-on": () => this.choose(this.index + 1),
      "frame-back": () => this.step(-1), "frame-on": () => this.step(1), mute: () => this.#mute(),
      full: () => (document.fullscreenElement ? document.exitFullscreen() : this.root.requestFullscreen()),
    };
    acts[name]?.();
  }

  choose(index) {
    if (!this.clips[index]) return;
    this.#enter(index);
    this.seek(this.clip.in);
    if (this.isPlaying) this.#run();
  }

  toggle() {
    if (this.isPlaying) return this.pause();
    const isAtEnd = this.index === this.clips.length - 1 && this.frame >= this.clip.out - 1;
    if (isAtEnd) this.choose(0);
    this.isPlaying = true;
    this.#run();
  }

  pause() {
    this.isPlaying = false;
    for (const screen of this.screens) screen.pause();
    if (this.clip) this.seek(Math.min(Math.max(this.frame, 0), this.#film.frame_count - 1));
  }

  /** One frame of the film on or back, out of the clip as well: there its ends are set. */
  step(frames) {
    if (!this.clip) return;
    if (this.isPlaying) this.pause();
    this.seek(Math.min(Math.max(this.frame + frames, 0), this.#film.frame_count - 1));
  }

  /** Goes to a frame of the reel. */
  goTo(record) {
    const index = this.clips.findIndex(({ record: [, end] }) => record < end);
    if (index < 0) return;
    if (index !== this.index) this.#enter(index);
    const { in: first, out, record: [start, end] } = this.clip;
    this.seek(Math.min(first + Math.floor(((record - start) * (out - first)) / (end - start)), out - 1));
    if (this.isPlaying) this.#run();
  }

  /** Shows a frame of the clip's film; while one seek is under way only the newest wish is kept. */
  async seek(frame) {
    this.frame = frame;
    this.#tell();
    const times = await this.#timesOf(this.clip.video);
    if (this.frame !== frame) return;
    if (this.failed.has(this.clip.video)) return this.#showPicture();
    this.#load(this.front, this.clip.video);
    if (this.front.seeking) this.front.dataset.wanted = times.seekTime(frame);
    else this.front.currentTime = times.seekTime(frame);
  }

  get #film() {
    return this.films[this.clip.video];
  }

  #screen() {
    const screen = Object.assign(document.createElement("video"), { playsInline: true, preload: "auto", hidden: true });
    screen.addEventListener("seeked", () => {
      if (!screen.dataset.wanted) return;
      screen.currentTime = Number(screen.dataset.wanted);
      delete screen.dataset.wanted;
    });
    screen.addEventListener("error", () => this.#fail(Number(screen.dataset.video)));
    this.stage.append(screen);
    return screen;
  }

  #enter(index) {
    this.index = index;
    if (this.back.dataset.video === String(this.clip.video)) [this.front, this.back] = [this.back, this.front];
    this.back.pause();
    this.front.hidden = false;
    this.back.hidden = true;
    this.dispatchEvent(new Event("clip"));
  }

  #load(screen, video) {
    if (screen === this.front) screen.hidden = false;
    if (screen === this.front) this.#tellFailure(false);
    if (screen.dataset.video === String(video)) return;
    screen.dataset.video = video;
    screen.src = this.films[video].play;
  }

  async #run() {
    const times = await this.#timesOf(this.clip.video);
    const [screen, { out, start_s, end_s }] = [this.front, this.clip];
    if (!this.isPlaying) return;
    if (this.failed.has(this.clip.video)) return this.#holdPicture();
    this.#load(screen, this.clip.video);
    const isInside = screen.currentTime >= start_s - 0.001 && screen.currentTime < end_s;
    if (!isInside && !screen.seeking) screen.currentTime = times.seekTime(this.frame < out ? this.frame : this.clip.in);
    screen.play().catch(() => this.isPlaying && this.pause());
    this.#prepareNext();
    this.#watch(screen, times);
    this.#tell();
  }

  /** Follows the film frame by frame; after the last of the clip has had its time, the next one plays. */
  #watch(screen, times) {
    const token = (this.token = {});
    const isOn = () => this.isPlaying && token === this.token && screen === this.front;
    const presented = (_, { mediaTime }) => {
      if (!isOn()) return;
      const frame = times.frameAt(mediaTime);
      const { in: first, out } = this.clip;
      if (!screen.seeking && frame >= first && frame < out) {
        this.frame = frame;
        this.#tell();
      }
      if (!screen.seeking && frame >= out - 1) {
        const rest_s = frame >= out ? 0 : Math.max(times.timeOf(out - 1) + 1 / times.fps - screen.currentTime, 0);
        if (rest_s < RESUME_WITHIN_S) return void setTimeout(() => isOn() && this.#next(), rest_s * 1000);
      }
      screen.requestVideoFrameCallback(presented);
    };
    if ("requestVideoFrameCallback" in screen) screen.requestVideoFrameCallback(presented);
    else {
      const tick = () => {
        if (!isOn()) return;
        presented(0, { mediaTime: screen.currentTime });
        requestAnimationFrame(tick);
      };
      requestAnimationFrame(tick);
    }
    screen.addEventListener("ended", () => isOn() && this.#next(), { once: true });
  }

  #next() {
    if (this.index === this.clips.length - 1) return this.pause();
    this.index += 1;
    this.frame = this.clip.in;
    this.front.pause();
    [this.front, this.back] = [this.back, this.front];
    this.front.hidden = false;
    this.back.hidden = true;
    this.dispatchEvent(new Event("clip"));
    this.#run();
  }

  /** The next clip waits at its first frame. */
  async #prepareNext() {
    const next = this.clips[this.index + 1];
    if (!next) return;
    const times = await this.#timesOf(next.video);
    if (this.clips[this.index + 1] !== next || this.failed.has(next.video)) return;
    this.back.muted = this.front.muted;
    this.#load(this.back, next.video);
    this.back.currentTime = times.seekTime(next.in);
  }

  async #timesOf(video) {
    if (!this.times.has(video)) {
      const film = this.films[video];
      const told = film.is_vfr ? getJson(`${film.film}?times`).then(({ times_s }) => times_s) : Promise.resolve(null);
      this.times.set(video, told.then((times_s) => new FilmTime({ ...film, times_s })));
    }
    return this.times.get(video);
  }

  #mute() {
    const isMuted = !this.front.muted;
    for (const screen of this.screens) screen.muted = isMuted;
    this.root.querySelector('[data-act="mute"]').setAttribute("aria-pressed", String(isMuted));
  }

  #drawMarks() {
    const shares = this.clips.slice(1).map(({ record: [start] }) => (100 * start) / this.total);
    const lines = shares.map((share) => `linear-gradient(var(--edge), var(--edge)) ${share.toFixed(3)}% 0 / 1px 100% no-repeat`);
    this.scrub.parentElement.style.background = lines.slice(0, 200).join(", ");
  }

  /** A film that the browser cannot play is shown by single frames from the server from now on. */
  #fail(video) {
    this.failed.add(video);
    if (this.clip?.video !== video) return;
    this.#showPicture();
    if (this.isPlaying) this.#holdPicture();
  }

  #showPicture() {
    this.#tellFailure(true);
    this.picture.src = `${this.#film.frame.replace("{n}", this.frame)}?w=960`;
    this.picture.alt = this.clip.label;
  }

  /** The clip's first frame stands for as long as the clip would play. */
  #holdPicture() {
    const token = (this.token = {});
    this.frame = this.clip.in;
    this.#showPicture();
    this.#tell();
    setTimeout(() => this.isPlaying && token === this.token && this.#next(), (this.clip.end_s - this.clip.start_s) * 1000);
  }

  #tellFailure(isFailed) {
    this.root.querySelector("[data-player-error]").hidden = !isFailed;
    this.picture.hidden = !isFailed;
    if (isFailed) for (const screen of this.screens) screen.hidden = true;
  }

  #tell() {
    if (!this.clip) return;
    const { in: first, out, record: [start, end], label } = this.clip;
    const share = Math.min(Math.max((this.frame - first) / (out - first), 0), 1);
    const record = Math.min(start + Math.floor(share * (end - start)), end - 1);
    this.scrub.value = record;
    this.scrub.setAttribute("aria-valuetext", this.clock.format(record));
    this.root.querySelector("[data-clock]").textContent = `${this.clock.format(record)} / ${this.clock.format(this.total)}`;
    const outside = this.frame < first ? `${first - this.frame} before its beginning` : this.frame >= out ? `${this.frame - out + 1} behind its end` : "";
    this.root.querySelector("[data-now]").textContent = `${this.index + 1} of ${this.clips.length}: ${label}${outside ? `, frame ${this.frame}, ${outside}` : ""}`;
    const button = this.root.querySelector('[data-act="play"]');
    button.dataset.playing = String(this.isPlaying);
    button.setAttribute("aria-label", this.isPlaying ? "Pause" : "Play the reel");
    this.dispatchEvent(new Event("frame"));
  }
}
