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
  }

  soon(wait_ms = WAIT_MS) {
    if (wait_ms) this.pending ??= setTimeout(() => this.renew(), wait_ms); // a stream of messages must not put it off
    else this.renew();
  }

  async renew() {
    clearTimeout(this.pending);
    this.pending = null;
    if ("busy" in this.part.dataset) return void this.soon();
    const fresh = await getPartial(location.href).catch(() => null);
    if (!fresh || fresh.id !== this.part.id) return;
    const focus = this.part.contains(document.activeElement) ? place(document.activeElement) : null;
    const isWriting = document.activeElement?.matches("input, textarea") && this.part.contains(document.activeElement);
    if (isWriting) return void this.soon(2000);
    const opened = [...this.part.querySelectorAll("details[data-keep][open]")].map((each) => each.dataset.keep);
    this.part.replaceChildren(...fresh.childNodes);
    for (const name of opened) this.part.querySelector(`details[data-keep="${name}"]`)?.setAttribute("open", "");
    if (focus) this.part.querySelector(focus)?.focus();
    this.part.dispatchEvent(new Event("ava:renewed"));
  }
}

/** How to find the element again that has the focus. */
function place(element) {
  const frame = element.closest("[data-frame]")?.dataset.frame;
  if (frame) return `[data-frame="${CSS.escape(frame)}"] a`;
  const address = element.getAttribute("href");
  return address ? `[href="${CSS.escape(address)}"]` : null;
}
