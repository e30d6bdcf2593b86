/** Copying: a button puts what a field holds on the clipboard and says so. Without a clipboard the field is there to be marked. */

async function copy(button) {
  const field = /** @type {HTMLInputElement} */ (document.getElementById(button.dataset.copies));
  field.select();
  await navigator.clipboard.writeText(field.value);
  const said = document.createElement("p");
  said.textContent = button.dataset.copied;
  document.getElementById("status")?.replaceChildren(said);
}

export function watchCopying() {
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("button[data-copies]")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button));
  }
}
