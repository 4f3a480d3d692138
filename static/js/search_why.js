// The panel that says why a result was found: opened by W or its link, it then follows the result that has the focus.

export function bindWhy(root) {
  const why = new Why(root);
  root.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    const link = event.target.closest("[data-show-why], [data-close-why]");
    if (!link) return;
    event.preventDefault();
    if (link.matches("[data-close-why]")) why.close();
    else why.toggle(link.closest("[data-hit]"));
  });
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented && event.target.closest("[data-why]")) {
      event.preventDefault();
      why.close();
    }
  });
  return why;
}

class Why {
  constructor(root) {
    this.root = root;
  }

  get panel() {
    return this.root.querySelector("[data-why]");
  }

  get isOpen() {
    return Boolean(this.panel && !this.panel.hidden);
  }

  toggle(hit) {
    if (this.isOpen && this.of === hit) this.close();
    else this.#show(hit);
  }

  /** Shows another result's reasons where the panel is open. */
  follow(hit) {
    if (hit && this.isOpen) this.#show(hit);
  }

  /** Goes to where a label of the result is written, for those who may. */
  write(hit) {
    this.#show(hit);
    this.panel.querySelector(".label-form [name=text]")?.focus();
  }

  /** A page that comes with the panel open goes on at the result that it explains. */
  resume() {
    if (!this.isOpen) return;
    const key = new URL(location.href).searchParams.get("why");
    const hit = [...this.root.querySelectorAll("[data-hit]")].find((each) => each.dataset.hit === key);
    if (!hit) return;
    this.of = hit;
    this.#mark(hit);
    hit.querySelector("[data-open]").focus({ focusVisible: true });
  }

  close() {
    if (!this.isOpen) return;
    const hadFocus = this.panel.contains(document.activeElement);
    this.panel.hidden = true;
    this.#mark(null);
    if (hadFocus) this.of?.querySelector("[data-open]")?.focus();
    remember(null);
  }

  #show(hit) {
    const content = hit.querySelector("[data-why-of]").content.cloneNode(true);
    this.panel.replaceChildren(content);
    this.panel.hidden = false;
    this.of = hit;
    this.#mark(hit);
    remember(hit.dataset.hit);
    if (this.panel.getBoundingClientRect().top > innerHeight) this.panel.scrollIntoView({ block: "nearest" });
  }

  #mark(hit) {
    for (const marked of this.root.querySelectorAll("[data-explained]")) delete marked.dataset.explained;
    if (hit) hit.dataset.explained = "";
  }
}

/** What is open is in the address, so that it can be sent to a colleague. */
function remember(key) {
  const address = new URL(location.href);
  if (key) address.searchParams.set("why", key);
  else address.searchParams.delete("why");
  history.replaceState(history.state, "", address);
}
