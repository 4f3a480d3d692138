// A measured value with its unit, as the server writes it.

/** "0.42", "12.5 %", "−7°", "5,600 K", "2" */
export function writeValue(value, { unit, isWhole }) {
  return `${writeNumber(value, { unit, isWhole })}${unit && unit !== "°" ? " " : ""}${unit}`;
}

function writeNumber(value, { unit, isWhole }) {
  const decimals = isWhole || unit === "K" || unit === "°" ? 0 : unit === "%" ? 1 : 3;
  const least = decimals === 3 ? 0 : decimals;
  const text = (unit === "%" ? value * 100 : value).toLocaleString("en", { minimumFractionDigits: least, maximumFractionDigits: decimals });
  return /^-[0.]*$/.test(text) ? text.slice(1) : text.replace("-", "−");
}
