// The shot that is looked at: it plays again and again with its sound, and beside it stands what is known of it.
import { shotAt } from "./film_time.js";
import { say } from "./notices.js";
import { getPartial } from "./server.js";

const WAIT_MS = 160; // while somebody runs through shots nothing is asked for
const LEAST_LOOPED = 3; // frames; fewer would only flicker

export class Monitor {
  constructor(root, { film, player, previews }) {
    Object.assign(this, { root, film, player, previews, pending: 0, asked: 0, isResting: true });
    this.shot = shotAt(film.shots, Number(this.facts.dataset.openShot));
    player.seek(this.#poster);
    player.addEventListener("frame", () => this.#follow());
    // Before the player's own: while a shot plays, the one after it would only be played back to its beginning.
    player.root.addEventListener("click", (event) => this.#step(event), { capture: true });
    this.#mark();
  }

  get facts() {
    return this.root.querySelector("#monitor-facts");
  }

  /** The first frame of the shot that is open. */
  get start() {
    return this.film.shots[this.shot]?.[0] ?? 0;
  }

  /** In the middle a shot shows itself best: it may begin in black. */
  get #poster() {
    const [start, end] = this.film.shots[this.shot] ?? [0, 1];
    return (start + end - 1) >> 1;
  }

  /** Opens the shot that holds a frame; `plays` plays it from its beginning, else it stands in its middle. */
  open(frame, { plays = false } = {}) {
    const shot = shotAt(this.film.shots, frame);
    if (shot < 0) return;
    this.#choose(shot);
    this.#go(this.#poster);
    this.isResting = true;
    if (!plays) return;
    this.play();
    const { top, bottom } = this.player.root.getBoundingClientRect();
    if (bottom < 0 || top > innerHeight) this.player.root.scrollIntoView({ block: "nearest" });
  }

  /** Plays on from where somebody went, and a shot that was only opened from its beginning. */
  play() {
    this.previews.stop();
    if (this.isResting) this.#go(this.start);
    if (this.player.rate === 0) this.player.togglePlay();
  }

  #go(frame) {
    this.player.step(frame - this.player.frame);
    this.isResting = false;
  }

  toggle() {
    if (this.player.rate === 0) this.play();
    else this.player.togglePlay();
  }

  /** The address names the shot, so that it can be sent to a colleague. */
  remember() {
    const address = new URL(location.href);
    address.searchParams.set("shot", String(this.start));
    address.hash = "";
    history.replaceState(history.state, "", address);
    this.#mark();
  }

  /** What plays stays in its shot; what is sought elsewhere opens the shot that is there. */
  #follow() {
    const { frame, rate } = this.player;
    this.isResting = false;
    const [start, end] = this.film.shots[this.shot] ?? [0, this.film.frame_count];
    if (rate > 0 && frame >= end - 1 && end - start >= LEAST_LOOPED) this.player.seek(start);
    else if (frame < start || frame >= end) {
      const shot = shotAt(this.film.shots, frame);
      if (shot >= 0) this.#choose(shot);
    }
  }

  #step(event) {
    const by = { "shot-back": -1, "shot-on": 1 }[event.target.closest("[data-do]")?.dataset.do];
    if (!by) return;
    event.stopPropagation();
    const other = this.film.shots[this.shot + by];
    if (other) this.open(other[0], { plays: this.player.rate > 0 });
  }

  #choose(shot) {
    if (shot === this.shot) return;
    this.shot = shot;
    this.#mark();
    clearTimeout(this.pending);
    this.pending = setTimeout(() => {
      this.remember();
      this.#tell();
    }, WAIT_MS);
  }

  /** Fetches what is known of the open shot; of several answers only the newest counts. */
  async #tell() {
    const asked = ++this.asked;
    const address = new URL(this.root.dataset.shotPart, location.href);
    address.search = location.search;
    try {
      const fresh = await getPartial(address);
      if (asked !== this.asked || !fresh) return;
      const opened = [...this.facts.querySelectorAll("details[data-keep][open]")].map((each) => each.dataset.keep);
      const hadFocus = this.facts.contains(document.activeElement);
      this.facts.replaceWith(fresh);
      for (const name of opened) fresh.querySelector(`details[data-keep="${name}"]`)?.setAttribute("open", "");
      if (hadFocus) fresh.querySelector("a, summary")?.focus();
      this.root.dispatchEvent(new Event("ava:opened"));
    } catch (refused) {
      say(refused.message, { kind: "error" });
    }
  }

  /** The card of the open shot stands out among the others. */
  #mark() {
    for (const card of this.root.querySelectorAll("[data-explained]")) delete card.dataset.explained;
    const card = this.root.querySelector(`#shot-${this.start}`);
    if (card) card.dataset.explained = "";
  }
}
