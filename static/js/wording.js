// Numbers the way people read them; the same words as the server's.
const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

export const STATES = { queued: "Waiting", running: "Running", done: "Done", failed: "Failed", cancelled: "Cancelled" };

export function number(value) {
  return whole.format(value);
}

export function duration(seconds) {
  const all = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(all / 3600), Math.floor((all % 3600) / 60), all % 60];
  const two = (value) => String(value).padStart(2, "0");
  if (hours) return `${hours} h ${two(minutes)} min`;
  return minutes ? `${minutes} min ${two(rest)} s` : `${rest} s`;
}

export function bytes(value) {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  const power = Math.min(Math.floor(Math.log10(Math.max(value, 1)) / 3), units.length - 1);
  return `${(value / 1000 ** power).toFixed(power > 1 ? 1 : 0)} ${units[power]}`;
}

/** "1,200 of 4,800 frames, 96 frames/s, 38 s left" */
export function stageFacts(stage) {
  const speed = stage.per_s ? `${number(stage.per_s)} ${stage.unit}/s` : "";
  if (stage.state === "done") {
    return stage.unit === "frames" ? [`${number(stage.total)} frames`, speed].filter(Boolean).join(", ") : "Done";
  }
  if (stage.state !== "running" || !stage.total) return STATES[stage.state] ?? stage.state;
  const done = `${number(stage.done)} of ${number(stage.total)} ${stage.unit}`;
  const left = stage.seconds_left === null ? "" : `${duration(stage.seconds_left)} left`;
  return [done, speed, left].filter(Boolean).join(", ");
}
