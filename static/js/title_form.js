// Shows the fields that the chosen kind of title has; the others are left out of what is sent.

export function bind(form) {
  const kind = form.elements.namedItem("kind");
  const parts = [...form.querySelectorAll("[data-only-for]")];
  const show = () => {
    for (const part of parts) {
      part.hidden = !part.dataset.onlyFor.split(" ").includes(kind.value);
      for (const control of part.querySelectorAll("input, select")) control.disabled = part.hidden;
    }
  };
  kind.addEventListener("change", show);
  show();
}
