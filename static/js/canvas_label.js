// A short text on a dark ground of its own, to be read over any picture or curve.

export function drawLabel(context, text, x, y, colour) {
  const width = context.measureText(text).width;
  context.fillStyle = "rgb(0 0 0 / 0.72)";
  context.fillRect(x - 3, y - 8, width + 6, 16);
  context.fillStyle = colour;
  context.fillText(text, x, y + 0.5);
}
