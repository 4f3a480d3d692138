// The panel of weights: every move of a slider orders the board anew, and the address carries the weights.
import { getJson, getPartial, postForm } from "./server.js";
import { say } from "./notices.js";

export function bind(panel) {
  new RankingPanel(panel).start();
}

class RankingPanel {
  constructor(panel) {
    this.panel = panel;
    this.settings = JSON.parse(document.getElementById(panel.dataset.ranking).textContent);
    this.form = panel.querySelector("[data-ranking-form]");
    this.board = panel.closest("[data-board]");
    this.sliders = [...this.form.querySelectorAll("[data-weight]")];
    this.isAsking = false;
    this.isStale = false;
  }

  start() {
    if (matchMedia("(max-width: 68rem)").matches) this.panel.open = false; // the stills come first
    this.form.addEventListener("input", (event) => this.#change(event.target));
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.panel.querySelector("[data-reset-weights]").addEventListener("click", () => this.#usePurpose());
    this.panel.querySelector("[data-save-weights]")?.addEventListener("submit", (event) => this.#fillSaved(event.target));
    this.board.addEventListener("submit", (event) => this.#sayMaturity(event));
    this.#tell();
  }

  #change(field) {
    if (field.name === "purpose") this.#usePurpose();
    else this.#renew();
  }

  #usePurpose() {
    const { fields } = this.settings.purposes[this.form.elements.purpose.value];
    for (const slider of this.sliders) slider.value = fields[slider.name];
    this.#renew();
  }

  #renew() {
    this.#tell();
    const address = new URL(location.href);
    for (const name of [...address.searchParams.keys()]) if (isWeight(name)) address.searchParams.delete(name);
    for (const [name, value] of this.#asked()) address.searchParams.set(name, value);
    history.replaceState(history.state, "", address);
    this.#ask();
  }

  /** The purpose, and each weight that differs from what it brings. */
  #asked() {
    const purpose = this.form.elements.purpose.value;
    const changed = this.sliders.filter((slider) => this.#isChanged(slider));
    return [["purpose", purpose], ...changed.map((slider) => [slider.name, String(round(slider.value))])];
  }

  #isChanged(slider) {
    const { fields } = this.settings.purposes[this.form.elements.purpose.value];
    return Math.abs(Number(slider.value) - fields[slider.name]) > 0.011;
  }

  /** One question at a time; moves made meanwhile are answered together. */
  async #ask() {
    this.isStale = true;
    if (this.isAsking) return;
    this.isAsking = true;
    while (this.isStale) {
      this.isStale = false;
      try {
        const { frames, scores } = await getJson(`${this.settings.order}&${new URLSearchParams(this.#asked())}`);
        this.board.dispatchEvent(new CustomEvent("ava:order", { bubbles: true, detail: { frames, scores } }));
        this.#note("");
      } catch (error) {
        this.#note(error.message);
      }
    }
    this.isAsking = false;
  }

  #tell() {
    const numbers = Object.fromEntries(this.sliders.map((slider) => [slider.name, Number(slider.value)]));
    const parts = this.sliders.filter((slider) => slider.dataset.weight === "part");
    const whole = parts.reduce((sum, slider) => sum + numbers[slider.name], 0) || 1;
    const share = this.settings.most_variety * numbers.variety;
    for (const slider of this.sliders) {
      const told = this.form.querySelector(`[data-percent="${slider.name}"]`);
      const kind = slider.dataset.weight;
      const part = kind === "variety" ? share : ((1 - share) * numbers[slider.name]) / whole;
      told.textContent = kind === "vector" ? numbers[slider.name].toFixed(1) : `${Math.round(100 * part)} %`;
      slider.setAttribute("aria-valuetext", told.textContent);
    }
    this.#tellPurpose();
  }

  #tellPurpose() {
    const select = this.form.elements.purpose;
    const label = select.selectedOptions[0].textContent;
    const isChanged = this.sliders.some((slider) => this.#isChanged(slider));
    this.panel.querySelector("[data-purpose-label]").textContent = label;
    this.panel.querySelector("[data-changed]").hidden = !isChanged;
    this.panel.querySelector("[data-why]").textContent = this.settings.purposes[select.value].why;
    const reset = this.panel.querySelector("[data-reset-weights]");
    reset.hidden = !isChanged;
    reset.textContent = `Back to ${label}`;
  }

  #note(sentence) {
    this.panel.querySelector("[data-ranking-note]").textContent = sentence;
  }

  #fillSaved(form) {
    for (const slider of this.sliders) form.elements[slider.name].value = round(slider.value);
    form.elements.next.value = `${location.pathname}?${withoutWeights(form.elements.name.value)}`;
  }

  /** What is said of the open still's maturity changes its place at once. */
  async #sayMaturity(event) {
    const form = event.target;
    if (!form.matches("[data-maturity-form]")) return;
    event.preventDefault();
    const button = event.submitter ?? form.querySelector("button");
    try {
      await postForm(button.formAction, { verdict: button.value, reason: form.elements.reason.value });
      const fresh = (await getPartial(location.href)).querySelector("[data-maturity]");
      const section = form.closest("[data-maturity]");
      if (fresh && section.isConnected) section.replaceWith(fresh);
      this.#ask();
    } catch (error) {
      say(error.message, { kind: "error" });
    }
  }
}

function isWeight(name) {
  return name === "purpose" || name === "variety" || name.startsWith("w.") || name.startsWith("v.");
}

function withoutWeights(purpose) {
  const query = new URLSearchParams(location.search);
  for (const name of [...query.keys()]) if (isWeight(name)) query.delete(name);
  query.set("purpose", purpose.trim());
  return query;
}

function round(value) {
  return Math.round(Number(value) * 100) / 100;
}
