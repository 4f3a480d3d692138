// Lettering that fills its place: lines are broken where they may be, and the largest size is taken that fits.
const LINE_HEIGHT = 1.08;
const MOST_LINES = 4;
const ROOM_UNIT = 0.94; // of its place, so that no letter touches the rim
const context = document.createElement("canvas").getContext("2d");

/** Sets an element's words into a box of this size, in the screen's pixels. */
export function fitLettering(element, words, { width, height }) {
  const { fontFamily, fontWeight } = getComputedStyle(element);
  const { lines, size_px: size } = fit(words, { width, height, font: `${fontWeight} 100px ${fontFamily}` });
  element.style.fontSize = `${size * ROOM_UNIT}px`;
  const text = lines.join("\n");
  if (element.textContent !== text) element.textContent = text;
}

function fit(words, { width, height, font }) {
  context.font = font;
  const measure = (text) => context.measureText(text).width / 100;
  const parts = words.trim().split(/\s+/);
  let best = { lines: [words.trim()], size_px: 0 };
  for (let count = 1; count <= Math.min(MOST_LINES, parts.length); count++) {
    const lines = breakEvenly(parts, count, measure);
    const widest = Math.max(...lines.map(measure), 0.01);
    const size = Math.min(width / widest, height / (lines.length * LINE_HEIGHT));
    if (size > best.size_px) best = { lines, size_px: size };
  }
  return best;
}

/** Words in so many lines, none longer than it must be. */
function breakEvenly(parts, count, measure) {
  const whole = measure(parts.join(" "));
  const longest = Math.max(...parts.map(measure));
  for (let limit = Math.max(whole / count, longest); ; limit *= 1.05) {
    const lines = [];
    for (const part of parts) {
      const longer = lines.length ? `${lines.at(-1)} ${part}` : part;
      if (lines.length && measure(longer) <= limit) lines[lines.length - 1] = longer;
      else lines.push(part);
    }
    if (lines.length <= count) return lines;
  }
}
