// The flags that come next, claimed and fetched before they are wanted, and what is told to the server, in its order.
import { persist } from "./persist.js";
import { postForm } from "./server.js";

const AHEAD = 4;
const SITTING = ["order", "kind", "state", "video", "shot", "min_confidence", "max_confidence"];

export class PixelQueue {
  /** `adopt(article)` makes a view of a flag; `held()` names those that the page has; `onProgress(progress)` hears how far the review is. */
  constructor(root, { adopt, held, onProgress }) {
    Object.assign(this, { root, adopt, held, onProgress, ahead: [], passed: [], deciding: new Set(), line: Promise.resolve(), isEmpty: false });
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
  fill({ anew = false } = {}) {
    if (anew) this.isEmpty = false;
    this.filling ??= this.#fetchAll().finally(() => { this.filling = null; });
    return this.filling;
  }

  /** The next flag, fetched where the page has none; null when none is left. */
  async next() {
    await this.fill({ anew: true });
    return this.take();
  }

  async #fetchAll() {
    while (this.ahead.length < AHEAD && !this.isEmpty) {
      const view = await this.#fetchOne();
      if (view) this.ahead.push(view);
    }
  }

  /** Claims one more flag; null when none is left or the server does not answer. What is decided goes first. */
  async #fetchOne() {
    await this.line;
    // What is shown may have changed since the one before was asked for.
    const fields = { ...this.sitting, hold: this.held().join(","), passed: [...this.passed, ...this.deciding].join(",") };
    const told = await postForm(this.root.dataset.next, fields).catch(() => null);
    this.isEmpty = !told?.flag;
    if (told) this.onProgress(told.progress);
    // It may have been opened while it was asked for, by an undo.
    if (!told?.flag || this.held().includes(String(told.flag))) return null;
    const template = document.createElement("template");
    template.innerHTML = told.part;
    const article = template.content.firstElementChild;
    article.hidden = true;
    this.root.querySelector(`#${article.id}[hidden]`)?.remove(); // of before it was taken back
    this.root.querySelector("[data-flags]").append(article);
    const view = this.adopt(article);
    view.load(); // while the one after it is asked for
    return view;
  }

  decide(view, { verdict, scope }) {
    this.deciding.add(view.id);
    return this.#send(() => postForm(view.article.dataset.decide, { verdict, scope })).finally(() => this.deciding.delete(view.id));
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
