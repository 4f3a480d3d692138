// Keys of the ranked shots: arrows move and open, P picks, Space plays the open shot; all else is the player's.
import { isControl, isTyping } from "./typing.js";

/** The monitor is given to the answer as `monitor` once it is there. */
export function bindKeys(root, { picks }) {
  const bound = { monitor: null };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event)) return;
    if (!bound.monitor || document.querySelector("dialog:modal") || event.target.matches?.("input")) return;
    const action = actionOf(event, { root, picks, monitor: bound.monitor });
    if (!action) return;
    event.preventDefault();
    action();
  });
  return bound;
}

function actionOf(event, { root, picks, monitor }) {
  const { key } = event;
  const row = columns(root);
  const moves = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -row, ArrowDown: row, Home: -Infinity, End: Infinity };
  if (key in moves) return cards(root).length ? () => move(root, monitor, moves[key]) : null;
  if (key === " " && (!isControl(event) || event.target.closest("[data-open]"))) return () => monitor.toggle();
  if (key.toLowerCase() === "p" && !event.repeat && root.querySelector("[data-pick]")) return () => picks.toggle(monitor.start);
  return null;
}

function cards(root) {
  return [...root.querySelectorAll("[data-hits] [data-open]")];
}

/** From the card with the focus, else from that of the open shot; what has the focus is open. */
function move(root, monitor, by) {
  const every = cards(root);
  const here = document.activeElement?.closest?.("[data-hit]") ?? root.querySelector(`#shot-${monitor.start}`);
  const at = every.indexOf(here?.querySelector("[data-open]"));
  const to = at < 0 ? 0 : Math.min(Math.max(at + by, 0), every.length - 1);
  if (at >= 0 && Number.isFinite(by) && (at + by < 0 || at + by >= every.length)) return;
  every[to].focus({ focusVisible: true, preventScroll: true });
  const card = every[to].closest("[data-hit]");
  card.scrollIntoView({ block: "nearest" });
  monitor.open(Number(card.dataset.hit.split(":")[1]));
}

/** How many cards stand in a row now. */
function columns(root) {
  const list = root.querySelector("[data-hits]");
  return list ? getComputedStyle(list).gridTemplateColumns.split(" ").length : 1;
}
