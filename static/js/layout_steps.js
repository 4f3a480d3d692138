// What is chosen on its way to the server, one after the other; what the server makes of it comes back as the page's parts.
import { say } from "./notices.js";
import { getPartial, postForm, Refused } from "./server.js";

const QUIET_MS = 450;

export class LayoutSteps extends EventTarget {
  /** Fires "fresh" with the newest part of the page, which holds the layout exactly. */
  constructor({ urls, holds }) {
    super();
    Object.assign(this, { urls, holds, line: Promise.resolve(), waiting: 0, later: new Map(), isAsking: false, isLate: false });
  }

  /** Chooses a focal point [x, y] or a box [x0, y0, x1, y1]. */
  choose({ subject, canvas = "", value }) {
    return this.#send(this.urls.do, { subject, canvas, value: value.map((side) => round(side)).join(",") });
  }

  /** Chooses once no more follows for a moment, as with keys that are held down; `value` is asked for then. */
  chooseSoon({ subject, canvas = "", value }) {
    const name = `${canvas} ${subject}`;
    clearTimeout(this.later.get(name)?.timer);
    const send = () => {
      this.later.delete(name);
      return this.choose({ subject, canvas, value: value() });
    };
    this.later.set(name, { send, timer: setTimeout(send, QUIET_MS) });
  }

  reset({ subject, canvas = "" }) {
    return this.#send(this.urls.do, { subject, canvas, reset: "1" });
  }

  /** Takes the last action back, or does it again. */
  async turn(way) {
    this.#hurry();
    return this.#send(this.urls.undo, way === "redo" ? { redo: "1" } : {});
  }

  sendForm(form, button) {
    const fields = Object.fromEntries(new FormData(form, button));
    return this.#send(form.action, fields);
  }

  /** Fetches what the page shows now, unless something is still on its way that fetches it anyway. */
  async renew() {
    this.isLate = true;
    if (this.#isBusy || this.isAsking) return;
    [this.isAsking, this.isLate] = [true, false];
    try {
      const fresh = await getPartial(location.href);
      if (this.#isBusy) this.isLate = true;
      else this.dispatchEvent(new CustomEvent("fresh", { detail: fresh }));
    } catch (error) {
      say(error.message, { kind: "error" });
    } finally {
      this.isAsking = false;
    }
    if (this.isLate) this.renew();
  }

  /** Fetches what could not be shown while something was held. */
  catchUp() {
    if (this.isLate) this.renew();
  }

  /** What comes now would move things under somebody's hand, or be old when it is there. */
  get #isBusy() {
    return this.waiting > 0 || this.later.size > 0 || this.holds();
  }

  #hurry() {
    for (const { send, timer } of this.later.values()) {
      clearTimeout(timer);
      send();
    }
  }

  async #send(address, fields) {
    this.waiting += 1;
    const sent = this.line.then(() => postForm(address, fields));
    this.line = sent.catch(() => {});
    try {
      const { sentence } = await sent;
      if (sentence) say(sentence);
    } catch (error) {
      const sentence = error instanceof Refused ? error.message : "This could not be saved: the server does not answer. Try again.";
      say(sentence, { kind: error instanceof Refused && error.status === 409 ? "" : "error" });
    } finally {
      this.waiting -= 1;
    }
    await this.renew();
  }
}

function round(side) {
  return Math.round(side * 10) / 10;
}
