// Usual lengths of a string-out as buttons beside the field that is sent.

export function bindLengths(root) {
  const buttons = root.querySelector("[data-lengths]");
  if (!buttons) return;
  const field = root.querySelector("[name=length_s]");
  const show = () => {
    for (const button of buttons.children) button.setAttribute("aria-pressed", String(Number(button.dataset.length) === Number(field.value)));
  };
  buttons.hidden = false;
  buttons.addEventListener("click", (event) => {
    const button = event.target.closest("[data-length]");
    if (!button) return;
    field.value = button.dataset.length;
    show();
  });
  field.addEventListener("input", show);
  show();
}
