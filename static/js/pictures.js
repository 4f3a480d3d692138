// Copies of pictures: what is said goes to the server one after the other, and the page's parts come back anew.
import { CharacterActions, formFields, isUndo } from "./character_actions.js";
import { onLive } from "./live.js";
import { say } from "./notices.js";
import { getPartial } from "./server.js";
import { isTyping } from "./typing.js";
import { number } from "./wording.js";

const WAIT_MS = 400;
const JOIN = "m";

export function bind(root) {
  new Pictures(root).start();
}

class Pictures {
  constructor(root) {
    this.root = root;
    this.skipped = (new URLSearchParams(location.search).get("skip") ?? "").split(",").filter(Boolean);
    this.actions = new CharacterActions(root.dataset, { renew: () => this.#renew() });
  }

  start() {
    this.root.addEventListener("submit", (event) => this.#submit(event));
    this.root.addEventListener("click", (event) => this.#click(event));
    this.root.addEventListener("change", () => this.#tellTicked());
    document.addEventListener("keydown", (event) => this.#key(event));
    onLive("pictures", (message) => String(message.title_id) === this.root.dataset.pictures && this.#soon());
    onLive("again", () => this.#soon());
    this.#tellTicked();
  }

  get question() {
    return this.root.querySelector("[data-question]:not([hidden])");
  }

  get ticked() {
    return [...this.root.querySelectorAll(".picture-tick input:checked")];
  }

  #submit(event) {
    if (!event.target.action.startsWith(new URL(this.root.dataset.do, location).href) && !event.target.matches("[data-undo-form]")) return;
    event.preventDefault();
    if (event.target.matches("[data-undo-form]")) return void this.actions.undo();
    if (event.target.matches("[data-answers]")) return void this.#answer(formFields(event.target, event.submitter));
    if (event.target.matches("[data-join]") && this.ticked.length < 2) return void say("Tick two or more pictures.");
    this.actions.do(formFields(event.target, event.submitter));
  }

  #click(event) {
    if (!event.target.closest('[data-answer="s"]') || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.skipped.push(this.question.dataset.question);
    this.#remember();
    this.#goOn();
    if (!this.actions.isBusy) this.#renew();
  }

  #key(event) {
    if (isTyping(event) || document.querySelector("dialog:modal") || event.altKey || event.repeat) return;
    if (isUndo(event)) {
      if (!this.root.querySelector("[data-undo-form]")) return;
      event.preventDefault();
      return void this.actions.undo();
    }
    if (event.ctrlKey || event.metaKey) return;
    const target = this.#targetOf(event.key.toLowerCase());
    if (!target) return;
    event.preventDefault();
    target.click();
  }

  /** A key means the picture or group that has the focus; elsewhere it answers the question. */
  #targetOf(key) {
    if (key === JOIN) return this.root.querySelector("[data-join] button");
    const focused = document.activeElement;
    const places = [focused?.closest("[data-member]"), focused?.closest(".picture-group"), this.question];
    const [member, group, question] = places;
    return (
      member?.querySelector(`[data-key="${key}"]`) ??
      group?.querySelector(`header [data-key="${key}"]`) ??
      (member || group ? null : question?.querySelector(`[data-answer="${key}"]`))
    );
  }

  #answer(fields) {
    this.#goOn();
    this.actions.do(fields);
  }

  /** Shows the question that comes next, which the page holds already. */
  #goOn() {
    const answered = this.question;
    const next = answered.parentElement.querySelector("[data-question][hidden]");
    answered.remove();
    if (!next) return;
    next.hidden = false;
    next.focus({ preventScroll: true });
  }

  #tellTicked() {
    const words = this.root.querySelector("[data-ticked-words]");
    if (!words) return;
    const count = this.ticked.length;
    words.textContent = count ? `${number(count)} picture${count === 1 ? "" : "s"} ticked` : "Tick pictures to join them with their groups";
  }

  /** Draws the page anew; ticks, opened details and the focus stay where their pictures still are. */
  async #renew() {
    if (this.actions.isBusy) return;
    const ticked = new Set(this.ticked.map((box) => box.value));
    const place = this.#placeOfFocus();
    let fresh;
    try {
      fresh = await getPartial(location.href);
    } catch (error) {
      return void say(error.message, { kind: "error" });
    }
    if (this.actions.isBusy) return; // said more meanwhile: what has come is old
    this.root.replaceChildren(fresh);
    for (const box of this.root.querySelectorAll(".picture-tick input")) box.checked = ticked.has(box.value);
    this.#tellTicked();
    this.#focusOn(place);
  }

  #placeOfFocus() {
    const focused = document.activeElement;
    if (!focused || !this.root.contains(focused)) return null;
    const member = focused.closest("[data-member]")?.dataset.member;
    const group = focused.closest(".picture-group")?.id;
    return { member, group, key: focused.dataset.key, isQuestion: Boolean(focused.closest(".picture-questions")) };
  }

  #focusOn(place) {
    if (!place) return;
    const { member, group, key, isQuestion } = place;
    const block = (member && this.root.querySelector(`[data-member="${member}"]`)) || (group && document.getElementById(group));
    const target = (key && block?.querySelector(`[data-key="${key}"]`)) || block?.querySelector("a, button") || (isQuestion && this.question);
    (target || this.root.querySelector("h1 + *, h2 a"))?.focus?.({ preventScroll: true });
  }

  #soon() {
    clearTimeout(this.pending);
    this.pending = setTimeout(() => this.#renew(), WAIT_MS);
  }

  #remember() {
    const address = new URL(location.href);
    address.searchParams.set("skip", this.skipped.join(","));
    history.replaceState(history.state, "", address.href.replaceAll("%2C", ","));
  }
}
