// The review of pixel flags: one key a decision, and the next flag is there before the server answers.
import { onLive } from "./live.js";
import { say } from "./notices.js";
import { Claims } from "./pixel_claims.js";
import { FlagView } from "./pixel_flag.js";
import { PixelKeys } from "./pixel_keys.js";
import { PixelQueue } from "./pixel_queue.js";
import { Tone } from "./pixel_tone.js";
import { getPartial } from "./server.js";
import { number } from "./wording.js";

const VERDICT_NAMES = { confirmed: "Confirmed", rejected: "Rejected", unsure: "Unsure" };

export function bind(root) {
  new Review(root).start();
}

class Review {
  constructor(root) {
    this.root = root;
    this.place = root.querySelector("[data-flags]");
    this.mayReview = "mayReview" in root.dataset;
    const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.look = { zoom: 12, isBlinking: !isStill, isDifference: false };
    this.tone = new Tone(root);
    this.current = null;
    this.past = []; // flags that were shown before, the last one last
    this.queue = new PixelQueue(root, { adopt: (article) => this.#adopt(article), held: () => this.#held(), onProgress: (progress) => this.#tell(progress) });
  }

  start() {
    const article = this.place.querySelector("[data-flag]");
    if (article) this.#show(this.#adopt(article), { isQuiet: true });
    new PixelKeys(this);
    if (this.mayReview) {
      this.claims = new Claims({ address: this.root.dataset.next, held: () => this.#held(), onLost: (flags) => this.#lose(flags) });
      this.queue.fill();
    }
    this.root.addEventListener("submit", (event) => this.#submit(event));
    this.root.addEventListener("click", (event) => this.#click(event));
    this.root.addEventListener("change", (event) => event.target.closest("[data-queue]")?.requestSubmit());
    onLive("pixel-decisions", (message) => this.#hear(message));
    for (const type of ["pixel_flags", "again"]) onLive(type, () => this.#look());
  }

  // --- what is shown -----------------------------------------------------------------------------------------

  #adopt(article) {
    return new FlagView(article, { look: this.look, tone: this.tone, onMark: (view, place) => this.#mark(view, place) });
  }

  #held() {
    const views = [this.current, ...this.queue.ahead].filter((view) => view && !view.isHeldByOther && !view.isDecided);
    return views.map(({ id }) => id);
  }

  #show(view, { isQuiet = false } = {}) {
    this.current?.hide();
    this.current = view;
    this.#leave(view, false);
    for (const nothing of this.place.querySelectorAll("[data-nothing]")) nothing.remove();
    if (!view.article.isConnected) this.place.append(view.article);
    view.show();
    this.#remember();
    if (!isQuiet) view.article.focus({ preventScroll: true });
  }

  /** While a decided flag waits for the next one to come, keys for that one must not judge it again. */
  #leave(view, isLeaving) {
    view.isLeaving = isLeaving;
    view.article.classList.toggle("is-leaving", isLeaving);
  }

  /** The address and the links of the head are about the flag that is shown. */
  #remember() {
    const address = new URL(location.href);
    for (const name of ["flag", "before", "after"]) address.searchParams.delete(name);
    for (const link of this.root.querySelectorAll("[data-step]")) {
      const beside = new URL(address);
      beside.searchParams.set(link.dataset.step === "1" ? "after" : "before", this.current.id);
      link.href = beside.search;
    }
    address.searchParams.set("flag", this.current.id);
    history.replaceState(history.state, "", address);
  }

  /** Shows the flag that comes next; where the page has none, whatever the server says. */
  async #goOn({ keep = true } = {}) {
    const view = this.current;
    if (keep && view) this.past.push(view);
    for (const old of this.past.splice(0, Math.max(0, this.past.length - 30))) old.article.remove();
    const next = this.queue.take() ?? (await this.queue.next());
    await next?.patch.load(); // its whole frame may come after it
    if (this.current !== view) return void (next && this.queue.putFirst(next)); // somebody went back meanwhile
    if (next) this.#show(next);
    else await this.#showNothing();
    if (this.mayReview) this.queue.fill();
  }

  async #showNothing() {
    this.current?.hide();
    this.current = null;
    const address = new URL(location.href);
    for (const name of ["flag", "before", "after"]) address.searchParams.delete(name);
    const fresh = await getPartial(address).catch(() => null);
    if (!fresh || this.current) return;
    this.place.append(fresh);
    if (fresh.matches("[data-flag]")) return this.#show(this.#adopt(fresh));
    history.replaceState(history.state, "", address);
    fresh.focus({ preventScroll: true });
  }

  /** Something new may be there for a page that shows no flag. */
  #look() {
    if (!this.current) this.#showNothing();
    else if (this.mayReview) this.queue.fill({ anew: true });
  }

  // --- decisions ---------------------------------------------------------------------------------------------

  async decide(verdict) {
    const view = this.current;
    if (!view || !this.mayReview || view.isLeaving) return;
    if (view.isHeldByOther) return void say("A colleague has this flag before them now. Go on with K.", { kind: "error" });
    const { scope } = view;
    view.isDecided = true;
    this.#leave(view, true);
    const sent = this.queue.decide(view, { verdict, scope });
    this.#announce(`${VERDICT_NAMES[verdict]}.`);
    if (scope === "one") this.#goOn();
    try {
      const told = await sent;
      this.queue.drop(told.flags);
      view.tellVerdict(VERDICT_NAMES[verdict], verdict);
      if (scope !== "one") {
        say(told.sentence);
        await this.#goOn();
      }
    } catch (error) {
      view.isDecided = false;
      this.#bringBack(view);
      say(error.message, { kind: "error" });
    }
  }

  async undo({ isAgain = false } = {}) {
    if (!this.mayReview) return;
    try {
      const told = await this.queue.undo({ isAgain });
      say(told.sentence);
      this.#announce(told.sentence);
      await (isAgain ? this.#follow(told.flags) : this.open(told.flags[0]));
    } catch (error) {
      say(error.message, { kind: "error" });
    }
  }

  /** What was decided again is left as it was then: by whatever comes next. */
  async #follow(flags) {
    this.queue.drop(flags);
    if (!flags.map(String).includes(this.current?.id)) return this.open(flags[0]);
    this.current.isDecided = true;
    await this.#goOn();
  }

  /** Shows a flag by its number, as the server has it now; what was shown comes after it. */
  async open(id) {
    const address = new URL(location.href);
    for (const name of ["before", "after"]) address.searchParams.delete(name);
    address.searchParams.set("flag", id);
    const fresh = await getPartial(address);
    if (!fresh.matches("[data-flag]")) return;
    for (const old of [...this.past, ...this.queue.ahead]) if (old.id === String(id)) old.article.remove();
    this.past = this.past.filter((old) => old.id !== String(id));
    this.queue.drop([id]);
    if (this.current?.id === String(id)) this.current.article.remove();
    else if (this.current && !this.current.isDecided) this.queue.putFirst(this.current);
    const view = this.#adopt(fresh);
    this.place.append(fresh);
    await view.load();
    this.queue.drop([id]); // fetched meanwhile
    for (const twin of this.place.querySelectorAll(`#${fresh.id}`)) if (twin !== fresh) twin.remove();
    this.#show(view);
  }

  #bringBack(view) {
    this.past = this.past.filter((old) => old !== view);
    if (this.current && this.current !== view && !this.current.isDecided) this.queue.putFirst(this.current);
    this.#show(view);
  }

  /** On, or back to what was shown before, without a decision. */
  async step(direction) {
    if (!this.current) return;
    if (direction > 0 && this.mayReview) {
      this.queue.pass(this.current);
      return this.#goOn();
    }
    const last = direction < 0 ? this.past.pop() : null;
    if (last) {
      if (!this.current.isDecided) this.queue.putFirst(this.current);
      return this.#show(last);
    }
    location.assign(this.root.querySelector(`[data-step="${direction}"]`).href);
  }

  async #mark(view, place) {
    try {
      const told = await this.queue.add(view, place);
      say(`${told.sentence} Ctrl+Z takes it back.`);
      view.whole.endMarking();
    } catch (error) {
      say(error.message, { kind: "error" });
    }
  }

  // --- colleagues --------------------------------------------------------------------------------------------

  #hear(message) {
    if (String(message.title_id) !== this.root.dataset.title) return;
    const { counts } = message;
    const settled = counts.confirmed + counts.rejected + counts.unsure;
    this.#tell({ settled, total: settled + counts.open + counts.disputed, disputed: counts.disputed });
    const open = document.querySelector("[data-open-flags]");
    if (open) open.textContent = number(counts.open);
    if (message.user !== this.root.dataset.user) this.#look();
  }

  #lose(flags) {
    this.queue.drop(flags);
    if (flags.includes(this.current?.id)) {
      this.current.isHeldByOther = true;
      say("This page was away for a while, and a colleague has this flag before them now. Go on with K.", { kind: "error" });
    }
  }

  #tell({ settled, total, disputed }) {
    const words = `${number(settled)} of ${number(total)}${disputed ? `, ${number(disputed)} disputed` : ""}`;
    this.root.querySelector("[data-progress]").textContent = words;
    Object.assign(this.root.querySelector("[data-progress-bar]"), { max: Math.max(total, 1), value: settled });
  }

  #announce(sentence) {
    this.root.querySelector("[data-announce]").textContent = sentence;
  }

  // --- forms and links do what the keys do -------------------------------------------------------------------

  #submit(event) {
    const form = event.target;
    if (form.matches("[data-verdicts]")) this.decide(event.submitter.value);
    else if (form.matches("[data-undo-form]")) this.undo({ isAgain: event.submitter?.name === "again" });
    else return;
    event.preventDefault();
  }

  #click(event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    const step = event.target.closest("[data-step]");
    if (!step || !this.current) return;
    event.preventDefault();
    this.step(Number(step.dataset.step));
  }
}
