// A character's page drawn anew by the server, without losing pictures, ticks, or a half-written name.

const KEPT = "li[id], #character-head, #side-cast";
const PROPOSALS = "#proposals";
const TOKEN = /<input type="hidden" name="csrfmiddlewaretoken"[^>]*>/g;

export class CharacterParts {
  constructor(root) {
    this.root = root;
    this.asServed = new WeakMap();
    this.#remember(root);
  }

  /** Draws the page anew as the address shows it; follows to where a merged character went. */
  async renew(address) {
    const fresh = await fetchPart(address);
    if (fresh === null) return;
    this.#remember(fresh);
    const old = this.root.querySelector("#character");
    const ticked = new Set([...old.querySelectorAll("[data-tick]:checked")].map((box) => box.value));
    for (const part of fresh.querySelectorAll(KEPT)) {
      const known = document.getElementById(part.id);
      if (!known || !old.contains(known)) continue;
      if (this.asServed.get(known) === this.asServed.get(part) || isHalfWritten(known)) part.replaceWith(known);
      else if (part.id === "side-cast") keepScroll(known, part);
    }
    const proposals = old.querySelector(PROPOSALS);
    if (proposals) fresh.querySelector(PROPOSALS)?.replaceWith(proposals); // until the new ones are there
    for (const box of fresh.querySelectorAll("[data-tick]")) box.checked = ticked.has(box.value);
    for (const item of fresh.querySelectorAll("li[hidden][data-track]")) item.hidden = false;
    const focus = describeFocus(old);
    old.replaceWith(fresh);
    if (focus) (focus.element.isConnected ? focus.element : fresh.querySelector(focus.selector))?.focus({ preventScroll: true });
  }

  propose(address) {
    return fetchPart(address);
  }

  putProposals(fresh) {
    const old = this.root.querySelector("#proposals");
    const hadFocus = old.contains(document.activeElement);
    old.replaceWith(fresh);
    if (hadFocus) (fresh.querySelector("[data-answer], button") ?? this.root.querySelector("[data-tick]"))?.focus({ preventScroll: true });
  }

  /** Further cards of the same list. */
  async extend(list, address) {
    const more = await fetchPart(address);
    if (more === null) return;
    this.#remember(more);
    list.append(...more.children);
  }

  #remember(element) {
    for (const part of element.querySelectorAll(KEPT)) this.asServed.set(part, part.outerHTML.replace(TOKEN, ""));
  }
}

async function fetchPart(address) {
  const answer = await fetch(address, { headers: { "HX-Request": "true", Accept: "text/html" } });
  if (answer.redirected) {
    location.replace(answer.url);
    return null;
  }
  if (!answer.ok) throw new Error("The page could not be renewed. Reload it.");
  const template = document.createElement("template");
  template.innerHTML = await answer.text();
  return template.content.firstElementChild;
}

/** How to know again what has the focus: by its id, or as the button that it is. */
function describeFocus(old) {
  const element = document.activeElement;
  if (!old.contains(element)) return null;
  const { id, name, value } = element;
  const known = id ? `#${id}` : `[name="${CSS.escape(name ?? "")}"][value="${CSS.escape(value ?? "")}"]`;
  return { element, selector: name || id ? known : "[data-tick], a" };
}

function isHalfWritten(part) {
  const box = part.querySelector("[data-name]:focus");
  return Boolean(box) && box.value !== box.defaultValue;
}

/** Elements drawn anew begin at the top; this one is scrolled once it is in the page. */
function keepScroll(known, fresh) {
  const top = known.scrollTop;
  requestAnimationFrame(() => (fresh.scrollTop = top));
}
