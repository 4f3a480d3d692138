// Whether a key belongs to what a person is writing, rather than to the page.
const WRITTEN = "input:not([type=checkbox], [type=radio], [type=range], [type=button]), textarea, select, [contenteditable]";

export function isTyping(event) {
  return event.target instanceof Element && event.target.closest(WRITTEN) !== null;
}

/** True where the key already does something by itself, such as Space on a button. */
export function isControl(event) {
  return event.target instanceof Element && event.target.closest("button, a, summary, label, input, select, textarea") !== null;
}
