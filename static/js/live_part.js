// A part of a page that the server draws anew when a message of its title says that it has changed.
import { onLive } from "./live.js";
import { getPartial } from "./server.js";

const WAIT_MS = 350;

/** `data-live-part` names the messages, with blanks between; while `data-busy` is set, it waits. */
export function bind(part) {
  new LivePart(part);
}

class LivePart {
  constructor(part) {
    this.part = part;
    for (const type of part.dataset.livePart.split(" ")) {
      onLive(type, (message) => String(message.title_id) === this.part.dataset.title && this.soon());
    }
    onLive("again", () => this.soon());
    part.addEventListener("ava:renew", () => this.soon(0));
    part.addEventListener("submit", (event) => (event.target.dataset.sent = ""));
    part.addEventListener("pointerdown", () => (this.isPressed = true));
    for (const type of ["pointerup", "pointercancel"]) {
      addEventListener(type, () => setTimeout(() => (this.isPressed = false))); // after the click that it ends
    }
  }

  soon(wait_ms = WAIT_MS) {
    if (wait_ms) this.pending ??= setTimeout(() => this.renew(), wait_ms); // a stream of messages must not put it off
    else this.renew();
  }

  async renew() {
    clearTimeout(this.pending);
    this.pending = null;
    if (this.#isBusy) return void this.soon();
    const fresh = await getPartial(location.href).catch(() => null);
    if (!fresh || fresh.id !== this.part.id) return;
    const focus = this.part.contains(document.activeElement) ? place(document.activeElement) : null;
    const isWriting = document.activeElement?.matches("input, textarea") && this.part.contains(document.activeElement);
    if (isWriting) return void this.soon(2000);
    if (this.#isBusy) return void this.soon();
    const texts = unsent(this.part);
    const opened = [...this.part.querySelectorAll("details[data-keep][open]")].map((each) => each.dataset.keep);
    this.part.replaceChildren(...fresh.childNodes);
    for (const name of opened) this.part.querySelector(`details[data-keep="${name}"]`)?.setAttribute("open", "");
    for (const { address, text } of texts) fill(this.part.querySelector(address), text);
    if (focus) this.part.querySelector(focus)?.focus();
    this.part.dispatchEvent(new Event("ava:renewed"));
  }

  /** A button that is replaced while it is pressed is never clicked. */
  get #isBusy() {
    return this.isPressed || "busy" in this.part.dataset;
  }
}

/** What has been written into the part's forms and not been sent: drawing it anew may not lose it. */
function unsent(part) {
  const fields = [...part.querySelectorAll("form:not([data-sent]) :is(input, textarea)[name][id]")];
  const written = fields.filter((field) => field.defaultValue !== field.value);
  return written.map((field) => ({ address: `#${CSS.escape(field.id)}`, text: field.value }));
}

function fill(field, text) {
  if (field) field.value = text;
}

/** How to find the element again that has the focus. */
function place(element) {
  const frame = element.closest("[data-frame]")?.dataset.frame;
  if (frame) return `[data-frame="${CSS.escape(frame)}"] a`;
  const address = element.getAttribute("href");
  return address ? `[href="${CSS.escape(address)}"]` : null;
}
