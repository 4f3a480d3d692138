// Notes beside the large still: written and withdrawn in place, names offered after "@", new ones drawn as they come.
import { onLive } from "./live.js";
import { say } from "./notices.js";
import { getPartial, postForm } from "./server.js";

const NAMED = /(?:^|[^\w.@+-])@([\w.@+-]*)$/;
const OFFERED = 6;

export class StillNotes {
  constructor(root, { video }) {
    this.root = root;
    this.video = video;
    root.addEventListener("submit", (event) => this.#submit(event));
    root.addEventListener("input", (event) => event.target.closest("[data-note-form] textarea") && this.#offer(event.target));
    root.addEventListener("keydown", (event) => this.#key(event), true);
    root.addEventListener("click", (event) => event.target.closest("[data-name]") && this.#take(event.target.closest("[data-name]").dataset.name));
    onLive("note", ({ video_id, frame_index }) => String(video_id) === video && String(frame_index) === this.frame && this.renew());
    // The large still is put in place by the board; what it says of mentions has been seen by that.
    new MutationObserver(() => this.#tellSeen()).observe(root, { childList: true, subtree: true });
    this.#tellSeen();
  }

  get section() {
    return this.root.querySelector("[data-still-notes]");
  }

  get frame() {
    return this.section?.closest("[data-frame]")?.dataset.frame;
  }

  async renew() {
    const frame = this.frame;
    const fresh = await getPartial(`?${new URLSearchParams({ video: this.video, still: frame })}`).catch(() => null);
    const notes = fresh?.querySelector("[data-still-notes]");
    if (!notes || this.frame !== frame) return;
    const [old, text] = [this.section.querySelector("textarea"), notes.querySelector("textarea")];
    const hadFocus = old && document.activeElement === old;
    if (old && text) text.value = old.value;
    this.section.replaceWith(notes);
    if (hadFocus) text?.focus();
  }

  async #submit(event) {
    const form = event.target.closest("[data-note-form], [data-withdraw]");
    if (!form) return;
    event.preventDefault();
    const text = form.elements.text;
    try {
      await postForm(form.action, text ? { text: text.value } : {});
      if (text) text.value = "";
      await this.renew();
    } catch (error) {
      say(error.message, { kind: "error" });
    }
  }

  #key(event) {
    const text = event.target.closest?.("[data-note-form] textarea");
    if (!text) return;
    const first = this.root.querySelector("[data-names]:not([hidden]) [data-name]");
    if (first && (event.key === "Tab" || event.key === "Enter") && !event.shiftKey && !event.ctrlKey) {
      event.preventDefault();
      event.stopPropagation();
      this.#take(first.dataset.name);
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      text.form.requestSubmit();
    } else if (event.key === "Escape" && first) {
      event.preventDefault();
      event.stopPropagation();
      this.#show([]);
    }
  }

  /** Complete names of colleagues that begin as what stands after "@" before the caret. */
  #offer(text) {
    const begun = NAMED.exec(text.value.slice(0, text.selectionStart))?.[1]?.toLowerCase();
    const people = this.section.dataset.colleagues.split(" ").filter(Boolean);
    this.#show(begun === undefined ? [] : people.filter((name) => name.toLowerCase().startsWith(begun)).slice(0, OFFERED));
  }

  #show(names) {
    const place = this.root.querySelector("[data-names]");
    place.replaceChildren(...names.map((name) => {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "quiet small", textContent: `@${name}` });
      button.dataset.name = name;
      return button;
    }));
    place.hidden = names.length === 0;
  }

  #take(name) {
    const text = this.section.querySelector("textarea");
    const caret = text.selectionStart;
    const begun = NAMED.exec(text.value.slice(0, caret))?.[1];
    if (begun === undefined) return;
    text.setRangeText(`${name} `, caret - begun.length, caret, "end");
    text.focus();
    this.#show([]);
  }

  #tellSeen() {
    if (!this.section || !Number(this.section.dataset.seen)) return;
    this.section.dataset.seen = "0";
    document.dispatchEvent(new Event("ava:seen"));
  }
}
