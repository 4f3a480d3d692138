// One appearance opened to its single faces, over the page; those that are somebody else's are moved from it.
import { Ticks } from "./character_ticks.js";
import { say } from "./notices.js";
import { getPartial } from "./server.js";

export class TrackDialog {
  constructor(dialog, { moveFaces }) {
    this.dialog = dialog;
    this.moveFaces = moveFaces;
    this.place = dialog.querySelector("[data-track-place]");
    this.ticks = new Ticks(dialog, { list: "[data-faces]" });
    dialog.addEventListener("ticks", (event) => {
      event.stopPropagation();
      const words = dialog.querySelector("[data-ticked]");
      if (words) words.textContent = event.detail.count ? `${event.detail.count} ticked` : "Tick faces to move them";
    });
    dialog.addEventListener("click", (event) => this.#click(event));
    dialog.addEventListener("keydown", (event) => this.#key(event));
    dialog.addEventListener("close", () => this.#closed());
    if (dialog.open) this.#show();
  }

  async open(link) {
    this.opener = link.closest("li")?.id;
    try {
      this.place.replaceChildren(await getPartial(link.href));
    } catch (error) {
      return void say(error.message, { kind: "error" });
    }
    remember(new URL(link.href).searchParams.get("track"));
    this.#show();
  }

  close() {
    this.dialog.close();
  }

  #show() {
    this.dialog.close();
    this.dialog.showModal();
    for (const part of this.dialog.querySelectorAll("[data-script-only]")) part.hidden = false;
    this.ticks.refresh();
    const first = this.ticks.boxes[0] ?? this.dialog.querySelector("[data-close]");
    first.focus();
  }

  #closed() {
    if (this.dialog.open) return; // closed only to be shown as a modal one
    remember(null);
    document.getElementById(this.opener)?.querySelector("[data-open-track]")?.focus();
  }

  #click(event) {
    const button = event.target.closest("[data-act]");
    if (button) {
      event.preventDefault();
      event.stopPropagation();
      this.#act(button.dataset.act);
    } else if (event.target.closest("[data-close]") || event.target === this.dialog) {
      event.preventDefault();
      this.close();
    }
  }

  #key(event) {
    const action = { m: "move", s: "split" }[event.key.toLowerCase()];
    if (!action || event.ctrlKey || event.metaKey || event.altKey || !this.dialog.querySelector("[data-act]")) return;
    event.preventDefault();
    this.#act(action);
  }

  #act(action) {
    const values = this.ticks.meant.map((box) => box.value);
    if (values.length) this.moveFaces(values, { isNew: action === "split" });
    else say("Tick a face first.");
  }
}

/** The open appearance is in the address, so that it can be sent to a colleague. */
function remember(track) {
  const address = new URL(location.href);
  if (track === null) address.searchParams.delete("track");
  else address.searchParams.set("track", track);
  history.replaceState(history.state, "", address);
}
