// A title's film: joins player, timeline, curves and the address bar, and renews them while the film is measured.
import { Curves } from "./curves.js";
import { FilmTime } from "./film_time.js";
import { onLive } from "./live.js";
import { Player } from "./player.js";
import { getJson } from "./server.js";
import { SignalChooser } from "./signal_chooser.js";
import { Timecode } from "./timecode.js";
import { Timeline } from "./timeline.js";

const RENEW_EVERY_MS = 4000;

export async function bind(root) {
  const film = JSON.parse(document.getElementById(root.dataset.film).textContent);
  // A steady film's frame times follow from the first; the others' are told one by one.
  film.times_s = film.is_vfr ? (await getJson(`${film.urls.film}?times`)).times_s : null;
  const times = new FilmTime(film);
  const parts = { film, times, timecode: new Timecode(film, times), curves: new Curves(film) };
  const player = new Player(root.querySelector("[data-player]"), parts);
  const area = root.querySelector("[data-timeline]");
  area.classList.add("bound");
  const chooser = new SignalChooser(area);
  const timeline = new Timeline(area, { ...parts, player, chooser });
  const tellValues = () => chooser.tell((name) => parts.curves.nearest(name, player.frame, timeline.film.shots)?.value ?? null);

  const showCurves = async () => {
    timeline.show(chooser.chosen);
    await parts.curves.load(chooser.chosen);
    timeline.draw();
    tellValues();
  };
  chooser.addEventListener("change", showCurves);
  player.addEventListener("frame", tellValues);
  rememberFrame(player);
  player.seek(Number(new URLSearchParams(location.search).get("frame")) || 0);
  showCurves();
  renewWhileMeasured(film, { timeline, player, showCurves });
}

/** The place in the film is in the address, so that it can be sent to a colleague. */
function rememberFrame(player) {
  let pending = null;
  player.addEventListener("frame", () => {
    clearTimeout(pending);
    pending = setTimeout(() => remember("frame", String(player.frame)), 400);
  });
}

function remember(name, value) {
  const address = new URL(location.href);
  if (value === "" || (name === "frame" && value === "0")) address.searchParams.delete(name);
  else address.searchParams.set(name, value);
  history.replaceState(history.state, "", address);
}

function renewWhileMeasured(film, { timeline, player, showCurves }) {
  let last = 0;
  const renew = async () => {
    last = performance.now();
    const fresh = await getJson(film.urls.film);
    player.film = fresh;
    timeline.replaceFilm(fresh);
    showCurves();
  };
  onLive("job", ({ job }) => {
    if (job.video_id !== film.video_id) return;
    if (job.state !== "running" || performance.now() - last > RENEW_EVERY_MS) renew();
  });
  onLive("again", renew);
}
