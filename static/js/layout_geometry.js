// Boxes [x0, y0, x1, y1] in a picture's pixels: moving and resizing them without leaving the picture. Pure.
const LEAST_SHARE = 0.05; // the closest crop shows so much of the widest one
const LEAST_SIDE_PX = 17; // the server takes 16, after rounding

/** The same box, moved as little as brings it into a picture of `size`. */
export function within([x0, y0, x1, y1], [width, height]) {
  const [w, h] = [Math.min(x1 - x0, width), Math.min(y1 - y0, height)];
  const [x, y] = [clamp(x0, 0, width - w), clamp(y0, 0, height - h)];
  return [x, y, x + w, y + h];
}

export function move([x0, y0, x1, y1], [dx, dy], size) {
  return within([x0 + dx, y0 + dy, x1 + dx, y1 + dy], size);
}

/** A crop of an aspect, `factor` times as wide, about a point that stays where it is. */
export function zoom(crop, { factor, aspect, size, about = centre(crop) }) {
  const width = clamp((crop[2] - crop[0]) * factor, leastWidth(aspect, size), mostWidth(aspect, size));
  const [u, v] = toUnit([...about, ...about], crop);
  const height = width / aspect;
  const [x0, y0] = [about[0] - u * width, about[1] - v * height];
  return within([x0, y0, x0 + width, y0 + height], size);
}

export function mostWidth(aspect, [width, height]) {
  return Math.min(width, height * aspect);
}

export function leastWidth(aspect, size) {
  return Math.max(mostWidth(aspect, size) * LEAST_SHARE, LEAST_SIDE_PX * Math.max(1, aspect));
}

/** Where a crop goes while the focal point moves: the point keeps its place in it, as far as the picture reaches. */
export function follow(crop, { from, to, size }) {
  return move(crop, [to[0] - from[0], to[1] - from[1]], size);
}

/** A box as shares of another, and back. */
export function toUnit([x0, y0, x1, y1], [left, top, right, bottom]) {
  const [w, h] = [right - left, bottom - top];
  return [(x0 - left) / w, (y0 - top) / h, (x1 - left) / w, (y1 - top) / h];
}

export function fromUnit([x0, y0, x1, y1], [left, top, right, bottom]) {
  const [w, h] = [right - left, bottom - top];
  return [left + x0 * w, top + y0 * h, left + x1 * w, top + y1 * h];
}

/** What puts a picture that is as wide as its window so that the crop fills that; templates write the same. */
export function transformOf([x0, y0, x1], [width, height]) {
  const w = x1 - x0;
  return `translate(${(-x0 / w) * 100}%, ${((-y0 * width) / (w * height)) * 100}%) scale(${width / w})`;
}

export function centre([x0, y0, x1, y1]) {
  return [(x0 + x1) / 2, (y0 + y1) / 2];
}

export function clamp(value, least, most) {
  return Math.min(Math.max(value, least), Math.max(most, least));
}
