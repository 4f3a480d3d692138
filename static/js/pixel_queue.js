// The flags that come next, claimed and fetched before they are wanted, and what is told to the server, in its order.
import { postForm, Refused } from "./server.js";

const AHEAD = 4;
const TRIES = 4;
const WAIT_MS = 700;
const SITTING = ["order", "kind", "state", "video", "shot", "min_confidence", "max_confidence"];

export class PixelQueue {
  /** `adopt(article)` makes a view of a flag; `onProgress(progress)` hears how far the review is. */
  constructor(root, { adopt, onProgress }) {
    Object.assign(this, { root, adopt, onProgress, ahead: [], passed: [], line: Promise.resolve(), isEmpty: false });
    const query = new URLSearchParams(location.search);
    this.sitting = Object.fromEntries(SITTING.filter((name) => query.get(name)).map((name) => [name, query.get(name)]));
  }

  /** The next flag, if the page has it. */
  take() {
    return this.ahead.shift() ?? null;
  }

  putFirst(view) {
    this.ahead.unshift(view);
  }

  /** Flags that were judged with another one, or went to a colleague. */
  drop(flags) {
    const gone = new Set(flags.map(String));
    for (const view of this.ahead) if (gone.has(view.id)) view.article.remove();
    this.ahead = this.ahead.filter((view) => !gone.has(view.id));
  }

  /** A flag that is left undecided does not come again on this page, and others may have it. */
  pass(view) {
    if (view.isDecided) return;
    this.passed.push(view.id);
    postForm(this.root.dataset.next, { release: view.id, want: "0" }).catch(() => {});
  }

  /** Fetches flags until enough are ahead, one after the other: two requests at once would be given the same. */
  fill(held, { anew = false } = {}) {
    if (anew) this.isEmpty = false;
    this.filling ??= this.#fetchAll(held).finally(() => { this.filling = null; });
    return this.filling;
  }

  /** The next flag, fetched where the page has none; null when none is left. */
  async next(held) {
    await this.fill(held, { anew: true });
    return this.take();
  }

  async #fetchAll(held) {
    while (this.ahead.length < AHEAD && !this.isEmpty) {
      const view = await this.#fetchOne([...held, ...this.ahead.map(({ id }) => id)]);
      if (view) this.ahead.push(view);
    }
  }

  /** Claims one more flag; null when none is left or the server does not answer. What is decided goes first. */
  async #fetchOne(held) {
    await this.line;
    const fields = { ...this.sitting, hold: held.join(","), passed: this.passed.join(",") };
    const told = await postForm(this.root.dataset.next, fields).catch(() => null);
    this.isEmpty = !told?.flag;
    if (told) this.onProgress(told.progress);
    if (!told?.flag || this.ahead.some(({ id }) => id === String(told.flag))) return null;
    const template = document.createElement("template");
    template.innerHTML = told.part;
    const article = template.content.firstElementChild;
    article.hidden = true;
    this.root.querySelector("[data-flags]").append(article);
    const view = this.adopt(article);
    view.load(); // while the one after it is asked for
    return view;
  }

  decide(view, { verdict, scope }) {
    return this.#send(() => postForm(view.article.dataset.decide, { verdict, scope }));
  }

  undo({ isAgain }) {
    return this.#send(() => postForm(this.root.dataset.undo, isAgain ? { again: "1" } : {}));
  }

  add(view, { x, y }) {
    const { video, frame } = view.article.dataset;
    return this.#send(() => postForm(this.root.dataset.add, { video, frame, x, y }));
  }

  #send(ask) {
    const sent = this.line.then(() => persist(ask));
    this.line = sent.catch(() => {});
    return sent.then((told) => {
      this.onProgress(told.progress);
      return told;
    });
  }
}

async function persist(ask) {
  for (let tried = 1; ; tried++) {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof Refused && error.status < 500) throw error;
      if (tried === TRIES) throw new Error("The decision could not be saved: the server does not answer. Try again.");
      await new Promise((done) => setTimeout(done, WAIT_MS * 2 ** tried));
    }
  }
}
