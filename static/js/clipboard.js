// Putting text on the clipboard, which browsers may keep from pages.

/** Whether the clipboard took it. */
export async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
