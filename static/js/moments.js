// The moments page: scores along the film, ranked shots, one that is looked at, and those picked for a string-out.
import { FilmTime } from "./film_time.js";
import { bindKeys } from "./moments_keys.js";
import { ScoreLine } from "./moments_line.js";
import { Monitor } from "./moments_monitor.js";
import { Picks } from "./moments_picks.js";
import { bindLengths } from "./moments_lengths.js";
import { Player } from "./player.js";
import { Previews } from "./search_previews.js";
import { getJson } from "./server.js";
import { Timecode } from "./timecode.js";

export async function bind(root) {
  const film = JSON.parse(document.getElementById(root.dataset.moments).textContent);
  // A steady film's frame times follow from the first; the others' are told one by one.
  film.times_s = film.is_vfr ? (await getJson(`${film.urls.film}?times`)).times_s : null;
  const times = new FilmTime(film);
  const parts = { film, times, timecode: new Timecode(film, times) };
  const picks = new Picks(root, { film });
  const previews = new Previews(root);
  // Before the player's keys: arrows go from shot to shot of the list here.
  const keys = bindKeys(root, { picks });
  const player = new Player(root.querySelector("[data-player]"), parts);
  const monitor = new Monitor(root, { film, player, previews });
  keys.monitor = monitor;
  const line = new ScoreLine(root, { ...parts, player, monitor, picks });
  picks.addEventListener("change", () => line.draw());
  bindLengths(root);
  let wished = listWished();
  root.addEventListener("click", (event) => openShot(event, { root, monitor }));
  root.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    if (xhr.status === 400) Object.assign(event.detail, { shouldSwap: true, isError: false });
  });
  root.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "moments-results") return;
    const address = new URL(event.detail.xhr.responseURL);
    history[listWished(address) === wished ? "replaceState" : "pushState"](null, "", address);
    wished = listWished(address);
    previews.renew();
    picks.remember(); // what was picked while the list was on its way, too
    line.renew();
    monitor.remember();
  });
  // Back to another list: the page is loaded as its address has it. Picks alone are read from the address.
  addEventListener("popstate", () => (listWished() === wished ? picks.reread() : location.reload()));
}

/** The part of the address that says which shots are listed, and in which order. */
function listWished(address = location) {
  const told = new URLSearchParams(address.search);
  for (const name of ["picked", "shot", "shown"]) told.delete(name);
  return told.toString();
}

/** A click on a card's picture plays its shot large; with a modifier it is a link as any other. */
function openShot(event, { root, monitor }) {
  const link = event.target.closest("[data-open]");
  if (!link || !root.contains(link) || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  monitor.open(Number(link.closest("[data-hit]").dataset.hit.split(":")[1]), { plays: true });
}
