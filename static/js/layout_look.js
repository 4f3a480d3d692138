// What lies over the canvases: the words of the title, a logo, and which helps are drawn; the address keeps it.
import { fitLettering } from "./layout_lettering.js";

const TYPING_MS = 400;

export class LayoutLook {
  constructor(page, { model }) {
    Object.assign(this, { page, model, form: page.querySelector("[data-look]"), fitted: new WeakMap(), sizes: new Map() });
    this.watch = new ResizeObserver((entries) => {
      for (const { target, contentRect } of entries) this.sizes.set(target.dataset.canvasStage, contentRect);
      this.fit();
    });
    for (const stage of page.querySelectorAll("[data-canvas-stage]")) this.watch.observe(stage);
    model.addEventListener("change", () => this.fit());
    document.fonts.ready.then(() => this.fit());
    this.#bind();
  }

  /** Lettering fills its place; only where its words or the size of its place are others than before. */
  fit() {
    for (const element of this.page.querySelectorAll("[data-lettering]")) {
      const overlay = element.closest("[data-overlay-kind]");
      const stage = overlay.closest("[data-canvas-stage]").dataset.canvasStage;
      const [size, box] = [this.sizes.get(stage), this.model.canvases.get(stage)?.overlays.get(overlay.dataset.overlayKind)?.box];
      if (!size || !box || overlay.hidden) continue;
      const place = { width: (box[2] - box[0]) * size.width, height: (box[3] - box[1]) * size.height };
      const words = overlay.dataset.overlayKind === "title" ? this.title : element.dataset.lettering;
      const asked = `${words} ${place.width.toFixed(1)} ${place.height.toFixed(1)}`;
      if (this.fitted.get(element) === asked) continue;
      this.fitted.set(element, asked);
      fitLettering(element, words, place);
    }
  }

  get title() {
    return this.form.elements.title.value.trim() || this.form.elements.title.placeholder;
  }

  #bind() {
    const { form } = this;
    form.addEventListener("submit", (event) => event.preventDefault());
    let typed = 0;
    form.elements.title.addEventListener("input", () => {
      this.fit();
      clearTimeout(typed);
      typed = setTimeout(() => this.#address(), TYPING_MS);
    });
    form.addEventListener("change", ({ target }) => {
      if (target.name === "show") this.#show();
      if (target.name === "logo") this.#putLogo(target.selectedOptions[0].dataset.picture ?? "");
      if (target.matches("[data-logo-file]")) this.#putFile(target);
      else this.#address();
    });
    for (const hidden of form.querySelectorAll("[data-only-script]")) hidden.hidden = false;
  }

  #show() {
    this.page.dataset.shown = this.#shown.join(" ");
  }

  /** A picture from this computer is shown here and sent nowhere. */
  #putFile(input) {
    const [file] = input.files;
    if (this.file) URL.revokeObjectURL(this.file);
    this.file = file ? URL.createObjectURL(file) : "";
    if (this.file) this.#putLogo(this.file);
  }

  #putLogo(address) {
    for (const overlay of this.page.querySelectorAll('[data-overlay-kind="logo"]')) {
      const picture = overlay.querySelector("img");
      picture.hidden = !address;
      overlay.querySelector("[data-lettering]").hidden = Boolean(address);
      if (address) picture.src = address;
    }
  }

  get #shown() {
    return [...this.form.querySelectorAll('[name="show"][type="checkbox"]:checked')].map(({ value }) => value);
  }

  #address() {
    const address = new URL(location.href);
    const [shown, all] = [this.#shown, this.form.querySelectorAll('[name="show"][type="checkbox"]').length];
    address.searchParams.delete("show");
    if (shown.length < all) address.searchParams.set("show", shown.join(","));
    for (const name of ["title", "logo"]) {
      const value = this.form.elements[name]?.value.trim() ?? "";
      if (value) address.searchParams.set(name, value);
      else address.searchParams.delete(name);
    }
    history.replaceState(history.state, "", address);
  }
}
