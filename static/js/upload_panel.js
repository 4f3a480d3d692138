// Where films come in: drop or choose a file, see it go, pause, go on after a reload, hear how it ended.
import { say } from "./notices.js";
import { csrfToken } from "./server.js";
import { Transfer } from "./transfer.js";
import { bytes, duration } from "./wording.js";

const running = new Set();

export function bind(panel) {
  const chooser = panel.querySelector("[data-file]");
  chooser?.addEventListener("change", () => {
    for (const file of chooser.files) begin(panel, file, panel.dataset.title);
    chooser.value = "";
  });
  for (const line of panel.querySelectorAll("[data-unfinished]")) bindUnfinished(line);
  takeDrops(panel);
  addEventListener("beforeunload", (event) => running.size && event.preventDefault());
}

/** Films dropped anywhere on a title's page go to it; on the titles page each card takes its own. */
function takeDrops(panel) {
  const target = (event) => {
    const card = event.target instanceof Element ? event.target.closest("[data-drop-title]") : null;
    return card ?? (panel.dataset.title ? panel : null);
  };
  let marked = null;
  const mark = (element) => {
    if (marked === element) return;
    marked?.classList.remove("drop-here");
    element?.classList.add("drop-here");
    marked = element;
  };
  document.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault(); // else the browser would open a missed film in place of the page
    mark(target(event));
    event.dataTransfer.dropEffect = marked ? "copy" : "none";
  });
  document.addEventListener("dragleave", (event) => event.relatedTarget === null && mark(null));
  document.addEventListener("drop", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    const onto = target(event);
    mark(null);
    for (const file of onto ? event.dataTransfer.files : []) {
      begin(panel, file, onto.dataset.dropTitle ?? onto.dataset.title, onto.dataset.titleName);
    }
  });
}

function begin(panel, file, titleId, titleName = "") {
  panel.hidden = false;
  const unfinished = [...panel.querySelectorAll("[data-unfinished]")].find(
    (line) => line.dataset.name === file.name && Number(line.dataset.size) === file.size,
  );
  const transfer = new Transfer(file, {
    endpoint: panel.dataset.upload,
    titleId,
    address: unfinished?.dataset.unfinished ?? null,
    received: Number(unfinished?.dataset.received ?? 0),
  });
  const line = document.getElementById("upload-line").content.firstElementChild.cloneNode(true);
  line.querySelector("[data-name]").textContent = titleName ? `${file.name} to ${titleName}` : file.name;
  line.querySelector("progress").setAttribute("aria-label", `Upload of ${file.name}`);
  if (unfinished) unfinished.replaceWith(line);
  else panel.querySelector("[data-upload-list]").prepend(line);
  line.querySelector("[data-pause]").addEventListener("click", () => transfer.pause());
  line.querySelector("[data-resume]").addEventListener("click", () => transfer.start());
  line.querySelector("[data-discard]").addEventListener("click", async () => {
    running.delete(transfer);
    line.remove();
    if (transfer.state === "failed") return; // the server has forgotten it already
    try {
      await transfer.discard();
    } catch {
      say("The server could not be told; it forgets unfinished uploads by itself after a while.");
    }
  });
  line.scrollIntoView({ block: "nearest" });
  transfer.addEventListener("change", () => show(line, transfer, { staysHere: !panel.dataset.title }));
  addEventListener("online", () => transfer.state === "paused" && transfer.sentence && transfer.start());
  transfer.start();
}

function show(line, transfer, { staysHere }) {
  const { state } = transfer;
  if (state === "sending" || state === "waiting") running.add(transfer);
  else running.delete(transfer); // a page may go while the server checks: every byte is there
  line.dataset.state = state;
  const bar = line.querySelector("progress");
  bar.hidden = state === "failed" || state === "duplicate";
  if (state === "checking") bar.removeAttribute("value");
  else bar.value = transfer.size ? transfer.sent / transfer.size : 0;
  line.querySelector("[data-facts]").textContent = facts(transfer);
  const visible = { pause: ["sending", "waiting"], resume: ["paused"], discard: ["sending", "waiting", "paused", "failed"] };
  for (const [name, states] of Object.entries(visible)) line.querySelector(`[data-${name}]`).hidden = !states.includes(state);
  line.querySelector("[data-discard]").textContent = state === "failed" ? "Remove" : "Cancel";
  line.querySelector("[data-facts]").classList.toggle("error", state === "failed");
  const link = line.querySelector("[data-open]");
  link.hidden = state !== "done" && state !== "duplicate";
  if (transfer.outcome) link.href = transfer.outcome.url;
  link.textContent = state === "duplicate" ? "Open the existing one" : "Open it";
  if (state === "done" && !staysHere) location.assign(transfer.outcome.url);
}

function facts(transfer) {
  const amount = `${bytes(transfer.sent)} of ${bytes(transfer.size)}`;
  switch (transfer.state) {
    case "sending": {
      const speed = transfer.per_s ? `${bytes(transfer.per_s)}/s` : "";
      const left = transfer.seconds_left === null ? "" : `${duration(transfer.seconds_left)} left`;
      return [amount, speed, left].filter(Boolean).join(", ");
    }
    case "paused":
      return `Paused at ${amount}. ${transfer.sentence}`.trim();
    case "checking":
      return "All of it is here. Checking that it is a sound film …";
    case "done":
      return "Added; its analysis begins.";
    case "duplicate":
      return "This very file is here already, so nothing was kept twice.";
    default:
      return transfer.sentence;
  }
}

/** A line of an upload that began on an earlier visit: it can be discarded, or taken up with the same file. */
function bindUnfinished(line) {
  line.querySelector("[data-discard]").addEventListener("click", async () => {
    const answer = await fetch(line.dataset.unfinished, {
      method: "DELETE",
      headers: { "X-CSRFToken": csrfToken(), "Tus-Resumable": "1.0.0", Accept: "application/json" },
    });
    if (answer.ok || answer.status === 404) line.remove();
    else say("It could not be discarded. Reload the page and try again.", { kind: "error" });
  });
}
