// One flag of the review: its patch, its whole frame, the tools about them, and to what a word applies.
import { WholeFrame } from "./pixel_frame.js";
import { Patch, ZOOMS } from "./pixel_patch.js";
import { number } from "./wording.js";

const SCOPE_PLACES = { position: "at this place", shot: "in this shot" };

export class FlagView {
  constructor(article, { look, tone, onMark }) {
    Object.assign(this, { article, look, tone, isDecided: false, isChoosing: false });
    this.id = article.dataset.flag;
    this.isHeldByOther = article.querySelector("[data-held]") !== null;
    this.patch = new Patch(article.querySelector("[data-patch]"), { look });
    this.whole = new WholeFrame(article, { onMark: (place) => onMark(this, place) });
    this.form = article.querySelector("[data-verdicts]");
    article.querySelector("[data-tools]").hidden = false;
    article.addEventListener("click", (event) => this.do(event.target.closest("[data-do]")?.dataset.do));
    article.addEventListener("ava:actual", () => this.do("actual"));
    article.addEventListener("ava:look", () => this.#tellTools());
    this.form?.addEventListener("change", () => this.#tellScope());
  }

  /** Resolves when its pictures are there and decoded. */
  load() {
    return Promise.all([this.patch.load(), this.whole.load()]);
  }

  show() {
    this.article.hidden = false;
    this.patch.start();
    this.#tellTools();
  }

  hide() {
    this.article.hidden = true;
    this.patch.stop();
    this.whole.stop();
    this.chooseScope("one");
  }

  /** What the tools' buttons and keys do; anything else is nothing. */
  do(what) {
    const { look, patch, whole, tone } = this;
    const actions = {
      blink: () => patch.setBlinking(!look.isBlinking),
      back: () => patch.step(-1),
      on: () => patch.step(1),
      difference: () => { look.isDifference = !look.isDifference; patch.draw(); },
      larger: () => this.#zoom(1),
      smaller: () => this.#zoom(-1),
      actual: () => whole.toggleActual(),
      play: () => whole.togglePlay(),
      mark: () => this.form && whole.toggleMarking(),
      "gamma-up": () => tone.changeGamma(1),
      "gamma-down": () => tone.changeGamma(-1),
      "gain-up": () => tone.changeGain(1),
      "gain-down": () => tone.changeGain(-1),
      reset: () => { tone.reset(); Object.assign(look, { zoom: 12, isDifference: false }); patch.draw(); },
    };
    if (!actions[what]) return false;
    actions[what]();
    this.#tellTools();
    return true;
  }

  #zoom(direction) {
    const at = ZOOMS.indexOf(this.look.zoom) + direction;
    this.look.zoom = ZOOMS[Math.min(Math.max(at, 0), ZOOMS.length - 1)];
    this.patch.draw();
  }

  #tellTools() {
    const { look, whole } = this;
    const pressed = { blink: look.isBlinking, difference: look.isDifference, actual: whole.isActual, play: whole.isPlaying, mark: whole.isMarking };
    for (const [name, is] of Object.entries(pressed)) this.article.querySelector(`[data-do="${name}"]`)?.setAttribute("aria-pressed", String(is));
    const said = { ...this.tone.said, zoom: `${look.zoom}×` };
    for (const [name, words] of Object.entries(said)) this.article.querySelector(`[data-said="${name}"]`).textContent = words;
    this.article.querySelector("[data-zoom-said]").textContent = `${look.zoom}×${look.isDifference ? ", difference ×2" : ""}`;
  }

  // --- to what a word applies --------------------------------------------------------------------------------

  get scope() {
    return this.form ? new FormData(this.form).get("scope") ?? "one" : "one";
  }

  /** Opens the little chooser: the next key says what the next word applies to. */
  openChooser() {
    if (!this.form) return;
    this.isChoosing = true;
    const { placeScope, shotScope } = this.article.dataset;
    const offers = [placeScope > 1 && `P: all ${number(placeScope)} at this place`, shotScope > 1 && `S: all ${number(shotScope)} in this shot`];
    this.#hint(`${offers.filter(Boolean).join("  ·  ") || "No other flag here waits for your word"}  ·  Esc: this flag alone`);
    this.form.querySelector("[data-scope]").classList.add("is-choosing");
  }

  /** "one", "position" or "shot"; false where there is nothing else to judge there. */
  chooseScope(scope) {
    const choice = this.form?.querySelector(`[name="scope"][value="${scope}"]`);
    if (!choice || choice.disabled) return false;
    choice.checked = true;
    this.#tellScope();
    return true;
  }

  #tellScope() {
    this.isChoosing = false;
    const { scope } = this;
    const fieldset = this.form.querySelector("[data-scope]");
    fieldset.classList.remove("is-choosing");
    fieldset.classList.toggle("is-wide", scope !== "one");
    const count = { position: this.article.dataset.placeScope, shot: this.article.dataset.shotScope }[scope];
    for (const each of this.form.querySelectorAll("[data-how-many]")) each.textContent = count ? ` all ${number(count)}` : "";
    this.#hint(count ? `Y, N or S now speaks of all ${number(count)} that wait ${SCOPE_PLACES[scope]}. Esc: this flag alone.` : "");
  }

  #hint(words) {
    const hint = this.form.querySelector("[data-scope-hint]");
    hint.textContent = words;
    hint.hidden = !words;
  }

  /** What was decided stands on the flag for whoever goes back to it. */
  tellVerdict(name, verdict) {
    const mark = Object.assign(document.createElement("span"), { className: `flag-mark flag-${verdict}`, textContent: name });
    const line = Object.assign(document.createElement("p"), { className: "flag-state" });
    line.append(mark);
    this.article.querySelector(".flag-state")?.remove();
    this.article.querySelector(".flag-verdict").prepend(line);
  }
}
