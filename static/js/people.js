// The people page: what is said about people goes to the server, and the page's parts come back anew.
import { bindCast } from "./cast_list.js";
import { bindMerging } from "./cast_merging.js";
import { bindStrips } from "./cast_strips.js";
import { onLive } from "./live.js";
import { say } from "./notices.js";
import { PeopleParts } from "./people_parts.js";
import { bindGraph } from "./people_graph.js";
import { countQuestions } from "./question_count.js";
import { postForm, Refused } from "./server.js";
import { isTyping } from "./typing.js";

const WAIT_MS = 300;
const NOTHING_LEFT = 409;

export function bind(root) {
  const page = new PeoplePage(root);
  bindGraph(root, page);
  bindStrips(root);
  bindCast(root, page);
  bindMerging(root, page);
  countQuestions(root);
  root.addEventListener("renewed", () => countQuestions(root));
}

class PeoplePage {
  constructor(root) {
    this.root = root;
    this.parts = new PeopleParts(root);
    this.line = Promise.resolve();
    root.addEventListener("click", (event) => this.#follow(event));
    root.addEventListener("submit", (event) => this.#undoBy(event));
    addEventListener("popstate", () => this.renew());
    document.addEventListener("keydown", (event) => this.#key(event));
    this.#listen();
  }

  /** Sends one action, a list of name and value, and shows what it did; one after the other. */
  do(fields) {
    return this.#queue(() => postForm(this.root.dataset.do, fields));
  }

  undo() {
    return this.#queue(() => postForm(this.root.dataset.undo));
  }

  async renew() {
    try {
      await this.parts.renew(location.href);
      this.root.dispatchEvent(new CustomEvent("renewed"));
    } catch (error) {
      say(error.message, { kind: "error" });
    }
  }

  #queue(send) {
    this.line = this.line.then(async () => {
      try {
        const { sentence } = await send();
        await this.renew();
        this.#tell(sentence);
        return true;
      } catch (error) {
        say(error.message, { kind: error instanceof Refused && error.status === NOTHING_LEFT ? "" : "error" });
        await this.renew();
        return false;
      }
    });
    return this.line;
  }

  /** What was done stands beside the button that takes it back. */
  #tell(sentence) {
    const said = this.root.querySelector("[data-said]");
    if (!said) return say(sentence);
    said.textContent = sentence;
    said.closest("#people-bar").classList.add("is-needed");
  }

  #listen() {
    const titles = () => this.root.dataset.titles.split(",");
    let pending = null;
    const soon = () => {
      clearTimeout(pending);
      pending = setTimeout(() => this.renew(), WAIT_MS);
    };
    onLive("people", ({ title_id: title, scope_id: scope }) => titles().some((each) => [title, scope].map(String).includes(each)) && soon());
    const states = new Map();
    onLive("job", ({ job }) => {
      if (!titles().includes(String(job.title_id)) || states.get(job.id) === job.state) return;
      states.set(job.id, job.state);
      soon();
    });
    onLive("again", soon);
  }

  /** Links that show the same people in another way keep the place on the page. */
  #follow(event) {
    const link = event.target.closest("a[data-keep-place]");
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    history.pushState(null, "", link.href);
    this.renew();
  }

  #undoBy(event) {
    if (!event.target.matches("[data-people-undo]")) return;
    event.preventDefault();
    this.undo();
  }

  #key(event) {
    const isUndo = event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey;
    if (!isUndo || isTyping(event) || document.querySelector("dialog:modal")) return;
    if (!this.root.querySelector("[data-people-undo]")) return;
    event.preventDefault();
    this.undo();
  }
}
