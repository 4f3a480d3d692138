// Keys of the results: arrows move, Enter opens (it is a link), L collects, W says why, T writes a label,
// S looks for what is like it.
import { isTyping } from "./typing.js";

export function bindKeys(root, { previews, why }) {
  const box = root.querySelector("#q");
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog:modal")) return;
    if (event.target === box && event.key === "ArrowDown") {
      if (focusHit(links(root)[0])) event.preventDefault();
      return;
    }
    if (event.defaultPrevented || isTyping(event)) return;
    const link = current(root);
    const action = actionOf(event.key, { root, link, previews, why });
    if (!action || !links(root).length) return;
    event.preventDefault();
    action();
  });
}

function actionOf(key, { root, link, previews, why }) {
  const moves = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns(root), ArrowDown: columns(root), Home: -Infinity, End: Infinity };
  if (key in moves) return () => move(root, link, moves[key]) && why.follow(current(root)?.closest("[data-hit]"));
  if (key === "Escape" && why.isOpen) return () => why.close();
  const hit = link?.closest("[data-hit]");
  if (!hit) return null;
  return {
    " ": () => previews.toggle(link),
    l: () => hit.querySelector("[data-collect-one]")?.click(),
    w: () => why.toggle(hit),
    t: () => why.write(hit),
    s: () => hit.querySelector("[data-like]").click(),
  }[key.toLowerCase()];
}

function links(root) {
  return [...root.querySelectorAll("[data-hits] [data-open]")];
}

/** The result that has the focus, or whose buttons have. */
function current(root) {
  const hit = document.activeElement?.closest?.("[data-hit]");
  return hit && root.contains(hit) ? hit.querySelector("[data-open]") : null;
}

function move(root, link, by) {
  const every = links(root);
  const at = link ? every.indexOf(link) : -1;
  if (at < 0) return focusHit(every[0]);
  if (Number.isFinite(by) && (at + by < 0 || at + by >= every.length)) {
    // Up from the first row leads back to the box, as Down led here.
    if (by < -1 || (by === -1 && columns(root) === 1 && at === 0)) root.querySelector("#q").focus();
    return false;
  }
  return focusHit(every[Math.min(Math.max(at + by, 0), every.length - 1)]);
}

function focusHit(link) {
  if (!link) return false;
  link.focus({ focusVisible: true });
  link.closest("[data-hit]").scrollIntoView({ block: "nearest" });
  return true;
}

/** How many results stand in a row now. */
function columns(root) {
  const list = root.querySelector("[data-hits]");
  return list ? getComputedStyle(list).gridTemplateColumns.split(" ").length : 1;
}
