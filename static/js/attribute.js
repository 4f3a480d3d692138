// Teaching an attribute: guesses answered by keys, ranked anew after every answer. The next ones come while one looks.
import { say } from "./notices.js";
import { Previews } from "./search_previews.js";
import { getPartial, postForm } from "./server.js";
import { isTyping } from "./typing.js";

const ANSWERS = { y: "yes", n: "no" };
const FEWEST_LEFT = 6; // with so few open ones the next are not waited for any longer
const RENEW_AFTER_MS = 120;

export function bind(root) {
  new Teaching(root).start();
}

class Teaching {
  constructor(root) {
    this.root = root;
    this.waiting = []; // answers on their way, first the oldest
    this.isSending = false;
    this.anchor = null;
    this.previews = new Previews(root);
  }

  start() {
    this.root.addEventListener("submit", (event) => this.#submit(event));
    this.root.addEventListener("click", (event) => this.#click(event));
    document.addEventListener("keydown", (event) => this.#key(event));
    if (location.hash === "") this.#focus(0);
  }

  get cards() {
    return [...this.root.querySelectorAll("[data-guess]:not([data-answered])")];
  }

  get current() {
    return document.activeElement?.closest?.("[data-guess]:not([data-answered])") ?? null;
  }

  get ticked() {
    return this.cards.filter((card) => card.querySelector("input[name=clip]")?.checked);
  }

  // --- what people do ----------------------------------------------------------------------------------------

  #submit(event) {
    if (event.target.matches("[data-undo-form]")) {
      event.preventDefault();
      this.#undo();
      return;
    }
    if (!event.target.matches("[data-guesses]")) return;
    event.preventDefault();
    const { name, value } = event.submitter ?? {};
    if (name === "yes" || name === "no") this.#answer(name, [event.submitter.closest("[data-guess]")]);
    else if (name === "has_it") this.#answer(value, this.ticked);
  }

  #click(event) {
    const box = event.target.closest("input[name=clip]");
    const card = event.target.closest("[data-guess]");
    if (!card) return;
    if (event.shiftKey && !event.target.closest("a, button")) {
      event.preventDefault();
      this.#tickTo(card);
    } else if (box) this.anchor = card;
    else if (!event.target.closest("a, button, label")) card.focus({ preventScroll: true });
  }

  #key(event) {
    if (isTyping(event) || document.querySelector("dialog:modal") || event.altKey) return;
    if (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey) {
      if (!this.root.querySelector("[data-undo-form]")) return;
      this.#undo();
    } else if (event.ctrlKey || event.metaKey) return;
    else if (ANSWERS[event.key.toLowerCase()] && !event.repeat && this.root.querySelector("button[name=yes]")) {
      const ticked = this.ticked;
      const asked = ticked.length ? ticked : [this.current].filter(Boolean);
      if (!asked.length) return;
      this.#answer(ANSWERS[event.key.toLowerCase()], asked);
    } else if (event.key.startsWith("Arrow") && this.current) this.#move(event);
    else if (event.key === " " && this.current === document.activeElement && this.current) this.previews.toggle(this.current.querySelector("[data-open]"));
    else if (event.key === "Escape" && this.ticked.length) this.ticked.forEach((card) => this.#tick(card, false));
    else return;
    event.preventDefault();
  }

  #move(event) {
    const { cards, current } = this;
    const at = cards.indexOf(current);
    const top = current.offsetTop;
    const rowLength = Math.max(cards.filter((card) => card.offsetTop === cards[0].offsetTop).length, 1);
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -rowLength, ArrowDown: rowLength };
    const next = cards[at + steps[event.key]] ?? (event.key === "ArrowDown" && cards.at(-1)?.offsetTop > top ? cards.at(-1) : null);
    if (!next) return;
    if (event.shiftKey) {
      this.anchor ??= current;
      this.#tickTo(next);
    } else this.anchor = null;
    next.focus();
  }

  #tickTo(card) {
    const { cards } = this;
    const from = cards.indexOf(this.anchor ?? this.current ?? card);
    const to = cards.indexOf(card);
    this.anchor ??= cards[from] ?? card;
    const [first, last] = [Math.min(from, to), Math.max(from, to)];
    cards.forEach((each, place) => this.#tick(each, place >= first && place <= last));
  }

  #tick(card, isTicked) {
    const box = card.querySelector("input[name=clip]");
    if (box) box.checked = isTicked;
  }

  // --- answers -----------------------------------------------------------------------------------------------

  /** Shows the answer at once and goes on; the server hears of it in the order in which things were said. */
  #answer(said, cards) {
    if (!cards.length) return void say("Tick what it is about, or move to a shot.");
    const before = this.cards;
    const at = before.indexOf(cards[0]);
    for (const card of cards) {
      card.dataset.answered = said;
      this.#tick(card, false);
    }
    this.anchor = null;
    this.previews.stop();
    this.#focus(Math.min(Math.max(at, 0), Math.max(this.cards.length - 1, 0)));
    const fields = new URLSearchParams({ has_it: said });
    for (const card of cards) fields.append("clip", card.dataset.guess);
    this.#send(this.root.dataset.say, fields, cards);
  }

  #undo() {
    this.#send(this.root.dataset.undo, new URLSearchParams(), []);
  }

  #send(address, fields, cards) {
    this.waiting.push({ address, fields, cards });
    if (!this.isSending) this.#work();
  }

  async #work() {
    this.isSending = true;
    while (this.waiting.length) {
      const { address, fields, cards } = this.waiting.shift();
      try {
        const answer = await postForm(address, fields);
        if (answer.sentence) say(answer.sentence);
      } catch (error) {
        for (const card of cards) delete card.dataset.answered; // nothing was kept
        say(error.message, { kind: "error" });
      }
    }
    this.isSending = false;
    clearTimeout(this.pending);
    this.pending = setTimeout(() => this.#renew(), this.cards.length > FEWEST_LEFT ? RENEW_AFTER_MS : 0);
  }

  /** Ranks anew, with the focus where it was: on the same shot, else in the same place. */
  async #renew() {
    let fresh;
    try {
      fresh = await getPartial(location.href);
    } catch (error) {
      return void say(error.message, { kind: "error" });
    }
    if (this.isSending || this.waiting.length) return; // something was said meanwhile: what has come is old
    const place = this.cards.indexOf(this.current);
    const hadFocus = place >= 0 || document.activeElement === document.body;
    const ticked = new Set(this.ticked.map((card) => card.dataset.guess));
    this.root.querySelector("[data-lesson]").replaceWith(fresh);
    this.previews.renew();
    for (const card of this.cards) this.#tick(card, ticked.has(card.dataset.guess));
    if (hadFocus) this.#focus(Math.max(place, 0));
  }

  #focus(place) {
    const card = this.cards[place] ?? this.root.querySelector("[data-nothing]");
    card?.focus({ preventScroll: place === 0 });
  }
}
