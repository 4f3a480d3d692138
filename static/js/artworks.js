// A title's artwork: pictures, folders and ZIP files dropped or chosen go up one by one, and the grid follows.
import { readDropped } from "./artwork_drop.js";
import { onLive } from "./live.js";
import { csrfToken, getPartial } from "./server.js";
import { bytes } from "./wording.js";

const AT_ONCE = 2;
const RENEW_AFTER_MS = 300;
const MOST_LINES = 200;

export function bind(page) {
  const renewSoon = renewOnMessages(page);
  const form = page.querySelector("[data-artwork-form]");
  if (!form) return;
  for (const element of form.querySelectorAll("[data-no-script]")) element.remove();
  for (const element of form.querySelectorAll("[data-choose], [data-drop-words]")) element.hidden = false;
  const queue = new Queue(page, { address: form.getAttribute("action") ?? location.pathname, onEnd: renewSoon });
  for (const chooser of form.querySelectorAll("[data-files]")) {
    chooser.addEventListener("change", () => {
      queue.add([...chooser.files].map((file) => ({ file, path: file.webkitRelativePath || file.name })));
      chooser.value = "";
    });
  }
  takeDrops(page, queue);
  addEventListener("beforeunload", (event) => queue.isBusy && event.preventDefault());
}

function takeDrops(page, queue) {
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
  document.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault(); // else the browser would open a picture in place of the page
    event.dataTransfer.dropEffect = "copy";
    page.classList.add("drop-here");
  });
  document.addEventListener("dragleave", (event) => event.relatedTarget === null && page.classList.remove("drop-here"));
  document.addEventListener("drop", async (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    page.classList.remove("drop-here");
    queue.add(await readDropped(event.dataTransfer));
  });
}

/** Draws the grid anew when artwork has come, gone or been measured, here or by a colleague. */
function renewOnMessages(page) {
  let pending = null;
  const renew = async () => {
    const fresh = await getPartial(location.href).catch(() => null);
    const old = page.querySelector("#artworks");
    if (!fresh || !old || fresh.outerHTML === old.outerHTML) return;
    if (fresh.querySelector(".artwork-grid")) page.querySelector(".artwork-filters").hidden = false;
    const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
    old.replaceWith(fresh);
    if (focused) document.getElementById(focused)?.focus();
  };
  const soon = () => {
    clearTimeout(pending);
    pending = setTimeout(() => (page.dataset.bringing ? soon() : renew()), page.dataset.bringing ? 1000 : RENEW_AFTER_MS);
  };
  onLive("artwork", (message) => {
    if (String(message.title_id) !== page.dataset.title) return;
    if (message.reading) tellReading(page, message.reading);
    else soon();
  });
  onLive("again", soon);
  return soon;
}

function tellReading(page, { name, done, total }) {
  const line = [...page.querySelectorAll(".artwork-line[data-outcome='reading']")].find((each) => each.dataset.path === name);
  if (!line) return;
  line.querySelector("progress").value = done / total;
  line.querySelector("[data-facts]").textContent = `Reading ${done} of ${total} …`;
}

/** Files on their way, a few at a time; each has a line that tells how it goes, and the sum says it in a word. */
class Queue {
  constructor(page, { address, onEnd }) {
    Object.assign(this, { page, address, onEnd, waiting: [], running: 0, counts: { added: 0, duplicate: 0, refused: 0 } });
    this.lines = page.querySelector("[data-artwork-lines]");
    this.template = page.querySelector("[data-artwork-line]");
  }

  get isBusy() {
    return this.running > 0 || this.waiting.length > 0;
  }

  add(files) {
    for (const { file, path } of files) {
      const line = this.template.content.firstElementChild.cloneNode(true);
      line.querySelector("[data-name]").textContent = path;
      line.querySelector("progress").setAttribute("aria-label", `Upload of ${path}`);
      Object.assign(line.dataset, { outcome: "waiting", path });
      if (this.lines.childElementCount < MOST_LINES) this.lines.append(line);
      this.waiting.push({ file, path, line });
    }
    while (this.running < AT_ONCE && this.waiting.length) this.#next();
    this.#tell();
  }

  async #next() {
    const job = this.waiting.shift();
    this.running += 1;
    this.page.dataset.bringing = "1";
    try {
      this.#end(job, await send(this.address, job));
    } catch (error) {
      this.counts.refused += 1;
      finish(job.line, "refused", error.message);
    }
    this.running -= 1;
    if (this.waiting.length) this.#next();
    if (!this.isBusy) {
      delete this.page.dataset.bringing;
      this.onEnd();
    }
    this.#tell();
  }

  #end({ line }, { pictures, leftovers }) {
    for (const { outcome } of pictures) this.counts[outcome] += 1;
    if (pictures.length === 1 && !leftovers) {
      const [{ outcome, sentence, url }] = pictures;
      finish(line, outcome, outcome === "added" ? `Added. ${sentence}` : sentence, url);
      return;
    }
    const count = (outcome) => pictures.filter((each) => each.outcome === outcome).length;
    const told = [`${count("added")} added`, count("duplicate") && `${count("duplicate")} there already`, count("refused") && `${count("refused")} refused`, leftovers && `${leftovers} of operating systems left out`];
    finish(line, count("refused") ? "mixed" : "added", `${told.filter(Boolean).join(", ")}.`);
    const places = pictures.filter(({ outcome }) => outcome !== "added").slice(0, MOST_LINES);
    line.after(...places.map(({ name, outcome, sentence, url }) => {
      const detail = this.template.content.firstElementChild.cloneNode(true);
      detail.classList.add("inside");
      detail.querySelector("[data-name]").textContent = name;
      finish(detail, outcome, sentence, url);
      return detail;
    }));
  }

  #tell() {
    const { added, duplicate, refused } = this.counts;
    const left = this.waiting.length + this.running;
    const told = [`${added} added`, duplicate && `${duplicate} there already`, refused && `${refused} refused`, left && `${left} on the way`];
    this.page.querySelector("[data-artwork-sum]").textContent = `${told.filter(Boolean).join(", ")}.`;
  }
}

/** One file to the server; its progress goes into its line. */
function send(address, { file, path, line }) {
  const body = new FormData();
  body.append("files", file, file.name);
  body.append("paths", path);
  const request = new XMLHttpRequest(); // fetch tells nothing of what has been sent
  const bar = line.querySelector("progress");
  const facts = line.querySelector("[data-facts]");
  line.dataset.outcome = "sending";
  request.upload.addEventListener("progress", ({ loaded, total }) => {
    bar.value = total ? loaded / total : 0;
    facts.textContent = `${bytes(Math.min(loaded, file.size))} of ${bytes(file.size)}`;
  });
  request.upload.addEventListener("load", () => {
    line.dataset.outcome = "reading";
    bar.removeAttribute("value");
    facts.textContent = "Reading …";
  });
  return new Promise((done, failed) => {
    request.addEventListener("load", () => {
      const answer = request.response;
      if (answer?.pictures) done(answer);
      else failed(new Error(answer?.detail ?? sentenceFor(request.status)));
    });
    request.addEventListener("error", () => failed(new Error("The connection was lost. Bring it again.")));
    request.open("POST", address);
    request.responseType = "json";
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.send(body);
  });
}

function sentenceFor(status) {
  if (status === 413) return "The server takes no file of this size.";
  return status === 401 || status === 0 ? "You are signed out. Reload the page to sign in again." : `The server answered ${status}.`;
}

function finish(line, outcome, sentence, url = null) {
  line.dataset.outcome = outcome;
  line.querySelector("progress").hidden = true;
  const facts = line.querySelector("[data-facts]");
  facts.textContent = sentence.trim();
  facts.classList.toggle("error", outcome === "refused");
  const link = line.querySelector("[data-open]");
  link.hidden = !url;
  if (url) link.href = url;
}
