// Peaks of a curve by their topographic prominence: how far one has to go down from it to get higher.

/** The most prominent peaks of known values, as {index, value, prominence}, most prominent first; of a flat top its
 *  first. `leastShare` is what a peak rises over its surroundings at least, as a share of the curve's whole range. */
export function findPeaks(values, { leastShare = 0.15, most = 40 } = {}) {
  if (values.length < 2) return [];
  const [low, high] = values.reduce(([least, top], value) => [Math.min(least, value), Math.max(top, value)], [Infinity, -Infinity]);
  if (high === low) return [];
  const left = bases(values, (stacked, value) => stacked < value);
  const right = bases([...values].reverse(), (stacked, value) => stacked <= value).reverse();
  return values
    .map((value, index) => ({ index, value, prominence: value - Math.max(left[index], right[index]) }))
    .filter(({ prominence }) => prominence >= leastShare * (high - low) && prominence > 0)
    .sort((a, b) => b.prominence - a.prominence || a.index - b.index)
    .slice(0, most);
}

/** For each value the lowest one since the last that is not `isLess` than it. At the ends of the curve there is no
 *  higher ground, so the lowest of all that is there counts. */
function bases(values, isLess) {
  const stack = [];
  return values.map((value) => {
    let lowest = value;
    while (stack.length && isLess(stack.at(-1).value, value)) lowest = Math.min(lowest, stack.pop().lowest);
    stack.push({ value, lowest });
    return lowest;
  });
}
