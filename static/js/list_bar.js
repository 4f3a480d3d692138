// Pick lists on the board: the selection goes into the chosen list, or out of it, by button or key.
import { onLive } from "./live.js";
import { say } from "./notices.js";
import { getJson, postForm } from "./server.js";
import { StillNotes } from "./still_notes.js";
import { isTyping } from "./typing.js";
import { number } from "./wording.js";

const NEW = "new";
const MOST_IN_ADDRESS = 300;

export function bind(bar) {
  new ListBar(bar).start();
}

class ListBar {
  constructor(bar) {
    this.bar = bar;
    this.data = bar.dataset;
    this.board = bar.closest("[data-board]");
    Object.assign(this, { lists: [], frames: [], cursor: null, line: Promise.resolve() });
    this.kept = `list-of-${this.data.title}`;
    for (const name of ["choose", "toggle", "undo-list", "new", "in", "to-list", "export"]) {
      this[name.replace("-", "_")] = bar.querySelector(`[data-${name}]`);
    }
  }

  async start() {
    new StillNotes(this.board, { video: this.data.video });
    this.board.addEventListener("ava:selection", ({ detail }) => {
      Object.assign(this, { frames: detail.frames ?? [], cursor: detail.cursor ?? null });
      this.#tell();
    });
    onLive("list", (message) => String(message.title_id) === this.data.title && this.#read());
    onLive("again", () => this.#read());
    document.addEventListener("keydown", (event) => this.#key(event));
    // The large still says in which lists it is; the board puts it in place.
    const viewer = this.board.querySelector("[data-viewer]");
    if (viewer) new MutationObserver(() => this.#tellLarge()).observe(viewer, { childList: true, subtree: true });
    this.#bindControls();
    await this.#read();
    this.bar.hidden = false;
  }

  #bindControls() {
    this.choose?.addEventListener("change", () => {
      if (this.choose.value === NEW) this.#askName();
      else localStorage.setItem(this.kept, this.choose.value);
      this.#tell();
      this.#tellLarge();
    });
    this.toggle?.addEventListener("click", () => this.#toggle());
    this.board.addEventListener("click", (event) => event.target.closest("[data-list-toggle]") && this.#toggle());
    this.undo_list?.addEventListener("click", () => this.#undo());
    this.new?.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#make(this.new.elements.name.value);
    });
    this.new?.addEventListener("keydown", (event) => event.key === "Escape" && this.#closeNew());
  }

  async #read() {
    this.lists = (await getJson(this.data.lists).catch(() => ({ lists: this.lists }))).lists;
    for (const list of this.lists) list.has = new Set(list.frames.map((key) => key.join(":")));
    this.#tellLists();
    this.#tell();
    this.#tellLarge();
  }

  get list() {
    return this.lists.find((each) => String(each.list) === this.choose?.value);
  }

  /** The stills that are meant: the large one where one is open, else the selection. */
  get meant() {
    const large = document.querySelector("dialog:modal .viewer-body[data-frame]");
    const frames = large ? [large.dataset.frame] : this.frames.length ? this.frames : this.cursor === null ? [] : [this.cursor];
    return frames.map((frame) => `${this.data.video}:${frame}`);
  }

  #tellLists() {
    if (!this.choose) return;
    const chosen = this.choose.value || localStorage.getItem(this.kept);
    const options = this.lists.map(({ list, name, frames }) => new Option(`${name} (${number(frames.length)})`, list));
    this.choose.replaceChildren(...options, new Option(this.lists.length ? "New list …" : "No list yet: make one …", NEW));
    const known = this.lists.find(({ list }) => String(list) === chosen) ?? this.lists[0];
    this.choose.value = known ? String(known.list) : NEW;
  }

  #tell() {
    const meant = this.meant;
    const inAll = meant.length > 0 && this.list && meant.every((key) => this.list.has.has(key));
    if (this.toggle) this.toggle.firstChild.textContent = inAll ? "Take out " : "Add ";
    const names = this.lists.filter(({ has }) => meant.length && meant.every((key) => has.has(key))).map(({ name }) => name);
    this.in.textContent = names.length ? `In ${names.join(", ")}` : "";
    if (this.to_list) this.to_list.href = this.list ? this.list.url : this.data.lists;
    const query = new URLSearchParams(location.search);
    for (const name of ["still", "page", "view", "compare", "from"]) query.delete(name);
    query.set("video", this.data.video);
    if (this.frames.length > 1 && this.frames.length <= MOST_IN_ADDRESS) query.set("frames", meant.join(","));
    this.export.href = `${this.data.exports}?${query}`;
  }

  /** The lists of the still that is open large. */
  #tellLarge() {
    const place = this.board.querySelector("[data-still-lists]");
    if (!place) return;
    const key = `${this.data.video}:${place.dataset.frame}`;
    const links = this.lists.filter(({ has }) => has.has(key)).map(({ name, url }) => Object.assign(document.createElement("a"), { href: url, textContent: name }));
    const text = links.length ? links.flatMap((link, at) => (at ? [", ", link] : [link])) : ["In none"];
    const shown = place.querySelector("[data-still-in]");
    const wanted = links.length ? links.map(({ textContent }) => textContent).join(", ") : "In none";
    if (shown.textContent.trim() !== wanted) shown.replaceChildren(...text);
    const toggle = place.querySelector("[data-list-toggle]");
    if (!toggle) return;
    const label = !this.list ? "" : this.list.has.has(key) ? `Take out of ${this.list.name} ` : `Add to ${this.list.name} `;
    if (toggle.firstChild.textContent !== label) toggle.firstChild.textContent = label;
    toggle.hidden = !label;
  }

  #key(event) {
    if (event.key.toLowerCase() !== "l" || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
    const dialog = document.querySelector("dialog:modal");
    if (dialog && !this.board.contains(dialog)) return;
    event.preventDefault();
    this.#toggle();
  }

  #toggle() {
    if (!this.data.mayEdit) return void say("Only editors and administrators of this title's teams keep its lists.", { kind: "error" });
    const frames = this.meant;
    if (!frames.length) return void say("Choose a still first.");
    if (!this.list) return void this.#askName();
    const { list, name, has, url } = this.list;
    const action = frames.every((key) => has.has(key)) ? "remove" : "add";
    const count = frames.length === 1 ? "The still is" : `${number(frames.length)} stills are`;
    for (const key of frames) action === "add" ? has.add(key) : has.delete(key);
    this.#tell();
    this.#tellLarge();
    this.#send(`${url}do/`, { action, frames: frames.join(",") }, `${count} ${action === "add" ? "in" : "out of"} “${name}”.`).then(() => this.#mayUndo(list));
  }

  #mayUndo(list) {
    this.undone = list;
    this.undo_list.hidden = false;
  }

  #undo() {
    const list = this.lists.find((each) => each.list === this.undone);
    if (list) this.#send(`${list.url}undo/`, {}, null);
  }

  async #make(name) {
    const made = await this.#send(this.data.lists, { name, frames: this.meant.join(",") }, null);
    if (!made) return;
    localStorage.setItem(this.kept, made.list);
    this.choose.replaceChildren();
    await this.#read();
    this.#closeNew();
    this.#mayUndo(made.list);
    this.undo_list.hidden = true;
  }

  #askName() {
    const dialog = document.querySelector("dialog:modal");
    if (dialog) return void say("There is no list yet. Close the large still and make one below the board.");
    this.new.hidden = false;
    this.new.elements.name.focus();
  }

  #closeNew() {
    this.new.reset();
    this.new.hidden = true;
    this.#tellLists();
    this.#tell();
  }

  /** One after the other; resolves with the server's answer, or with null after saying why there is none. */
  #send(address, fields, sentence) {
    const sent = this.line.then(async () => {
      try {
        const answer = await postForm(address, fields);
        say(sentence ?? answer.sentence);
        await this.#read();
        return answer;
      } catch (error) {
        say(error.message, { kind: "error" });
        await this.#read();
        return null;
      }
    });
    this.line = sent;
    return sent;
  }
}
