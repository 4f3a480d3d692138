// What a page has before it belongs to its reviewer: claims are kept while it is seen, and let go when it is left.
import { csrfToken, postForm } from "./server.js";

const BEAT_MS = 40000; // claims run out after two minutes

export class Claims {
  /** `held()` names the flags that the page has before it; `onLost(flags)` hears of those that a colleague has now. */
  constructor({ address, held, onLost }) {
    Object.assign(this, { address, held, onLost });
    setInterval(() => this.beat(), BEAT_MS);
    document.addEventListener("visibilitychange", () => this.beat());
    addEventListener("pagehide", () => this.#leave());
    addEventListener("pageshow", (event) => event.persisted && location.reload());
  }

  async beat() {
    const flags = this.held();
    if (document.visibilityState !== "visible" || !flags.length) return;
    const told = await postForm(this.address, { hold: flags.join(","), want: "0" }).catch(() => null);
    const lost = told ? flags.filter((flag) => !told.held.includes(Number(flag))) : [];
    if (lost.length) this.onLost(lost);
  }

  #leave() {
    const flags = this.held();
    const fields = { release: flags.join(","), want: "0", csrfmiddlewaretoken: csrfToken() };
    if (flags.length) navigator.sendBeacon(this.address, new URLSearchParams(fields));
  }
}
