/** Open times beside a form: choosing one fills the boxes for date and time; without a script it is a link to the filled form. */

function fill(event) {
  const link = event.target.closest("a[data-fills-day]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  const values = { id_day: link.dataset.fillsDay, id_time: link.dataset.fillsTime };
  for (const [id, value] of Object.entries(values)) {
    const box = document.getElementById(id);
    box.value = value;
    box.removeAttribute("aria-invalid");
    // Not `change`, which would ask for the times of that day and take the list away under the reader's finger.
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }
  const list = link.closest("#times-beside");
  for (const other of list.querySelectorAll("[aria-current]")) other.removeAttribute("aria-current");
  link.setAttribute("aria-current", "true");
  list.querySelector("[role=status]").textContent = list.dataset.words.replace("{time}", link.textContent.trim());
}

export function watchTimesBeside() {
  document.addEventListener("click", fill);
}
