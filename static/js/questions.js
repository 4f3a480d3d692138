// "Same person?": one question after the other, answered by Y and N. The next one is there before the server answers.
import { CharacterActions, formFields, isAbout, isUndo } from "./character_actions.js";
import { onLive } from "./live.js";
import { say } from "./notices.js";
import { getPartial } from "./server.js";
import { isTyping } from "./typing.js";
import { number } from "./wording.js";

const ANSWERS = { y: "yes", n: "no", s: "skip" };
const WAIT_MS = 300;

export function bind(root) {
  new Questions(root).start();
}

class Questions {
  constructor(root) {
    this.root = root;
    const query = new URLSearchParams(location.search);
    this.done = Number(query.get("done")) || 0;
    this.skipped = (query.get("skip") ?? "").split(",").filter(Boolean);
    this.history = query.get("last") ? [{ key: query.get("last"), kind: "answer" }] : [];
    this.first = query.get("first") ?? "";
    this.actions = new CharacterActions(root.dataset, { renew: (answer) => this.#renewAfter(answer) });
  }

  start() {
    this.root.addEventListener("submit", (event) => this.#submit(event));
    this.root.addEventListener("click", (event) => this.#click(event));
    document.addEventListener("keydown", (event) => this.#key(event));
    onLive("people", (message) => isAbout(this.root, message) && this.#soon());
    onLive("again", () => this.#soon());
    this.#focus();
  }

  get current() {
    return this.root.querySelector("[data-question]:not([hidden])");
  }

  #submit(event) {
    event.preventDefault();
    if (event.target.matches("[data-undo-form]")) this.#undo();
    else this.#answer(formFields(event.target, event.submitter));
  }

  #click(event) {
    if (!event.target.closest('[data-answer="skip"]') || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.#skip();
  }

  #key(event) {
    if (isTyping(event) || document.querySelector("dialog:modal") || event.altKey) return;
    const answer = ANSWERS[event.key.toLowerCase()];
    if (isUndo(event)) this.#undo();
    else if (answer && !event.ctrlKey && !event.metaKey && !event.repeat) this.current?.querySelector(`[data-answer="${answer}"]`)?.click();
    else return;
    event.preventDefault();
  }

  // --- answers -----------------------------------------------------------------------------------------------

  #answer(fields) {
    const { question: key } = this.current.dataset;
    this.done += 1;
    this.history.push({ key, kind: "answer" });
    this.#goOn();
    this.actions.do(fields);
  }

  #skip() {
    const { question: key } = this.current.dataset;
    this.skipped.push(key);
    this.history.push({ key, kind: "skip" });
    this.#goOn();
    if (!this.actions.isBusy) this.#renew();
  }

  #undo() {
    if (!this.root.querySelector("[data-undo-form]")) return;
    const last = this.history.pop();
    this.first = last?.key ?? "";
    if (last?.kind === "skip") {
      this.skipped = this.skipped.filter((key) => key !== last.key);
      this.#renew({ anew: true });
      return;
    }
    this.done = Math.max(this.done - 1, 0);
    this.isTakenBack = true;
    this.actions.undo();
  }

  /** Shows the question that comes next, which the page holds already. */
  #goOn() {
    this.first = "";
    const answered = this.current;
    const next = answered.parentElement.querySelector("[data-question][hidden]");
    answered.remove();
    if (next) next.hidden = false;
    this.#tellPlace();
    this.#remember();
    if (next) this.#focus();
  }

  // --- what there is to ask ----------------------------------------------------------------------------------

  async #renewAfter(answer) {
    if (answer === null && !this.isTakenBack) {
      const refused = this.history.pop(); // the question is asked again, since nothing was saved
      this.first = refused?.key ?? "";
      this.done = Math.max(this.done - 1, 0);
      this.isTakenBack = true;
    }
    if (this.actions.isBusy) return;
    const anew = this.isTakenBack;
    this.isTakenBack = false;
    await this.#renew({ anew });
  }

  /** Asks the server what is open now; the question in sight stays where it is still open. */
  async #renew({ anew = false } = {}) {
    this.#remember();
    let fresh;
    try {
      fresh = await getPartial(location.href);
    } catch (error) {
      return void say(error.message, { kind: "error" });
    }
    if (this.actions.isBusy) return; // answered meanwhile: what has come is old
    const current = this.current;
    const same = !anew && current && fresh.querySelector(`[data-question="${current.dataset.question}"]`);
    for (const each of fresh.querySelectorAll("[data-question]")) each.hidden = true;
    if (same) same.replaceWith(current);
    else {
      const first = fresh.querySelector("[data-question]");
      if (first) first.hidden = false;
    }
    const hadFocus = document.activeElement;
    this.root.replaceChildren(fresh);
    if (same && hadFocus?.isConnected) hadFocus.focus({ preventScroll: true });
    else this.#focus();
  }

  #soon() {
    clearTimeout(this.pending);
    this.pending = setTimeout(() => this.actions.isBusy || this.#renew(), WAIT_MS);
  }

  #focus() {
    (this.current ?? this.root.querySelector("[data-nothing]"))?.focus({ preventScroll: true });
  }

  #tellPlace() {
    const { total } = this.root.querySelector("#questions").dataset;
    const place = this.root.querySelector("[data-place]");
    if (place && this.current) place.textContent = `${number(this.done + 1)} of ${number(Number(total))}`;
  }

  #remember() {
    const address = new URL(location.href);
    const last = this.history.at(-1);
    const values = { done: this.done || "", skip: this.skipped.join(","), first: this.first, last: last?.kind === "answer" ? last.key : "" };
    address.search = "";
    for (const [name, value] of Object.entries(values)) if (value) address.searchParams.set(name, value);
    history.replaceState(history.state, "", address);
  }
}
