// A character's page: its faces are ticked, moved, split off and confirmed, from the keyboard or by dragging.
import { CharacterActions, formFields, isAbout, isUndo } from "./character_actions.js";
import { CharacterChooser, readChoices } from "./character_chooser.js";
import { bindDragging } from "./character_drag.js";
import { bindName } from "./character_name.js";
import { CharacterParts } from "./character_parts.js";
import { Ticks } from "./character_ticks.js";
import { TrackDialog } from "./character_track.js";
import { onLive } from "./live.js";
import { say } from "./notices.js";
import { isTyping } from "./typing.js";

const WAIT_MS = 300;
const KEYS = { m: "move", s: "split", x: "not-face", c: "confirm" };
const ANSWERS = { y: "yes", n: "no" };

export function bind(root) {
  new CharacterPage(root).start();
}

class CharacterPage {
  constructor(root) {
    this.root = root;
    this.character = root.dataset.character;
    this.parts = new CharacterParts(root);
    this.actions = new CharacterActions(root.dataset, { renew: () => this.actions.isBusy || this.renew() });
    this.track = new TrackDialog(root.querySelector("[data-track-dialog]"), { moveFaces: (values, how) => this.#moveFaces(values, how) });
    const chooser = root.querySelector("[data-move-dialog]");
    this.mayEdit = chooser !== null;
    if (this.mayEdit) this.chooser = new CharacterChooser(chooser);
  }

  start() {
    this.ticks = new Ticks(this.root, { list: "[data-tracks]" });
    this.root.addEventListener("ticks", ({ detail }) => tellTicks(this.root, detail.count));
    this.root.addEventListener("click", (event) => this.#click(event));
    this.root.addEventListener("submit", (event) => this.#submit(event));
    document.addEventListener("keydown", (event) => this.#key(event));
    if (this.mayEdit) {
      bindDragging(this.root, { ticks: this.ticks, give: (boxes, to) => this.#give(boxes, { to, name: "" }) });
      bindName(this.root, { character: this.character, actions: this.actions });
    }
    this.more = new IntersectionObserver((seen) => seen.some((each) => each.isIntersecting) && this.#extend(), { rootMargin: "600px" });
    this.#prepare();
    this.#listen();
    if (this.root.querySelector("[data-proposals]")) this.#propose();
  }

  async renew() {
    try {
      await this.parts.renew(this.#address({ proposals: null }));
      this.#prepare();
      this.#propose();
    } catch (error) {
      say(error.message, { kind: "error" });
    }
  }

  /** The page as far as it has been shown, without the one track that is open over it. */
  #address(values = {}) {
    const address = new URL(location.href);
    const loaded = Number(this.root.querySelector("[data-more]")?.dataset.end) || this.ticks.boxes.length;
    const shown = Math.max(Number(address.searchParams.get("shown")) || 0, loaded);
    for (const [name, value] of Object.entries({ track: null, shown: shown || null, ...values })) {
      if (value === null) address.searchParams.delete(name);
      else address.searchParams.set(name, value);
    }
    return address;
  }

  /** What the server draws for those without scripts becomes what works with them. */
  #prepare() {
    for (const part of this.root.querySelectorAll("[data-script-only]")) part.hidden = false;
    for (const part of this.root.querySelectorAll("[data-track]")) part.draggable = this.mayEdit;
    this.ticks.refresh();
    this.more.disconnect();
    const link = this.root.querySelector("[data-more]");
    if (link) this.more.observe(link);
  }

  /** What AVA would split or ask takes a while to find out, so it comes after the page. */
  async #propose() {
    if (!this.root.querySelector("#proposals")) return;
    const asked = (this.proposed = Symbol("the last time that it was asked for"));
    try {
      const fresh = await this.parts.propose(this.#address({ shown: null, order: null, proposals: 1 }));
      if (fresh && asked === this.proposed && !this.actions.isBusy) this.parts.putProposals(fresh);
    } catch (error) {
      say(error.message, { kind: "error" });
    }
  }

  async #extend() {
    const link = this.root.querySelector("[data-more]");
    if (!link || this.extending) return;
    this.extending = true;
    try {
      const further = new URL(link.href);
      const end = Number(further.searchParams.get("shown"));
      await this.parts.extend(this.root.querySelector("[data-tracks]"), this.#address({ from: link.dataset.end, shown: end }));
      followOn(link, end);
    } catch (error) {
      say(error.message, { kind: "error" });
    }
    this.extending = false;
    this.#prepare();
  }

  // --- what is said ------------------------------------------------------------------------------------------

  async #act(action) {
    const boxes = this.ticks.meant;
    if (!boxes.length) return void say("Tick a face first.");
    if (action === "move") {
      const choice = await this.chooser.ask(readChoices(this.root), { heading: `Move ${faces(boxes.length)} to…` });
      return choice ? this.#give(boxes, choice) : boxes[0].focus();
    }
    if (action === "split") return this.#give(boxes, { to: "new", name: "" });
    const one = action === "confirm" && boxes.length === 1;
    if (one) return this.#send(boxes, [["action", "confirm"], ["track", boxes[0].value]]);
    const plain = action === "confirm" ? [["action", "move"], ["to", this.character]] : [["action", action]];
    return this.#send(boxes, [...plain, ...tracks(boxes)], { areGoing: action !== "confirm" });
  }

  /** Gives faces to somebody; a new person is one that this character is not. */
  async #give(boxes, { to, name }) {
    const fields = to === "new" ? [["action", "split"], ["character", this.character]] : [["action", "move"], ["to", to]];
    const answer = await this.#send(boxes, [...fields, ...tracks(boxes)], { areGoing: true });
    if (answer && name) await this.actions.do({ action: "name", character: answer.character, name });
  }

  async #send(boxes, fields, { areGoing = false } = {}) {
    const next = this.ticks.after(boxes)?.value;
    for (const box of boxes) {
      box.checked = false;
      if (areGoing) box.closest("li").hidden = true;
    }
    this.ticks.focus(next);
    const answer = await this.actions.do(fields);
    if (!answer) for (const box of boxes) box.closest("li").hidden = false;
    this.ticks.refresh();
    if (document.activeElement === document.body) this.ticks.focus(next);
    return answer;
  }

  async #moveFaces(values, { isNew }) {
    const heading = `Move ${faces(values.length)} to…`;
    const choice = isNew ? { to: "new", name: "" } : await this.chooser.ask(readChoices(this.root), { heading });
    if (!choice) return;
    const answer = await this.actions.do([["action", "move-faces"], ["to", choice.to], ...values.map((value) => ["faces", value])]);
    if (!answer) return;
    this.track.close();
    if (choice.name) await this.actions.do({ action: "name", character: answer.character, name: choice.name });
  }

  // --- hands -------------------------------------------------------------------------------------------------

  #click(event) {
    const button = event.target.closest("[data-act]");
    if (button?.closest("[data-tracks-form]")) {
      event.preventDefault();
      this.#act(button.dataset.act);
    } else if (event.target.closest("[data-untick]")) this.ticks.clear();
    else if (event.target.closest("[data-open-track]") && !hasModifier(event)) {
      event.preventDefault();
      this.track.open(event.target.closest("[data-open-track]"));
    }
  }

  #submit(event) {
    const form = event.target;
    if (form.matches("[data-undo-form]")) {
      event.preventDefault();
      this.actions.undo();
    } else if (form.matches("[data-do-form], [data-answers]")) {
      event.preventDefault();
      this.actions.do(formFields(form, event.submitter));
    }
  }

  #key(event) {
    if (isTyping(event) || document.querySelector("dialog:modal") || !this.mayEdit) return;
    if (isUndo(event)) {
      event.preventDefault();
      this.actions.undo();
    } else if (hasModifier(event)) return;
    else if (event.key === "Escape") this.ticks.clear();
    else if (KEYS[event.key.toLowerCase()] && this.ticks.boxes.length) {
      event.preventDefault();
      this.#act(KEYS[event.key.toLowerCase()]);
    } else if (ANSWERS[event.key.toLowerCase()]) {
      this.root.querySelector(`[data-answer="${ANSWERS[event.key.toLowerCase()]}"]`)?.click();
    }
  }

  #listen() {
    let pending = null;
    const soon = () => {
      clearTimeout(pending);
      pending = setTimeout(() => this.actions.isBusy || this.renew(), WAIT_MS);
    };
    onLive("people", (message) => isAbout(this.root, message) && soon());
    onLive("again", soon);
  }
}

function tracks(boxes) {
  return [["tracks", boxes.map((box) => box.value).join(",")]];
}

function faces(count) {
  return count === 1 ? "this face" : `${count} faces`;
}

function hasModifier(event) {
  return event.ctrlKey || event.metaKey || event.altKey || (event.shiftKey && event.type === "click");
}

/** The link to still more cards, once these are there. */
function followOn(link, end) {
  const total = Number(link.dataset.total);
  const further = Math.min(2 * end - Number(link.dataset.end), total);
  if (end >= total) return void link.closest(".more-tracks").remove();
  const address = new URL(link.href);
  address.searchParams.set("shown", further);
  link.href = address;
  link.dataset.end = end;
  link.textContent = `Show ${further} of ${total}`;
}

function tellTicks(root, count) {
  const words = root.querySelector("#tracks-form [data-ticked]");
  if (!words) return;
  words.textContent = count ? `${count} ticked` : "Tick faces to say who they are";
  root.querySelector("[data-untick]").hidden = count === 0;
}
