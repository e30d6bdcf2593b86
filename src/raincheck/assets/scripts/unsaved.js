/** Words that were typed and not sent: the browser asks before it loads the page again or leaves it. */

/** Forms with something in them that nobody has sent. @type {Set<HTMLFormElement>} */
const unsaved = new Set();

const ask = (event) => event.preventDefault();

// The listener stands only while there is something to lose: with one, browsers keep no page for going back to it.
function update() {
  for (const form of unsaved) if (!form.isConnected) unsaved.delete(form);
  if (unsaved.size) window.addEventListener("beforeunload", ask);
  else window.removeEventListener("beforeunload", ask);
}

/** Whether losing what stands in the form would be a loss. Passwords come from elsewhere and are never given back. */
const counts = (form) => form?.method === "post" && !form.querySelector("[type=password], [autocomplete=one-time-code]");

/** Forms with words in them that nobody has sent. @returns {HTMLFormElement[]} */
export function unsentForms() {
  update();
  return [...unsaved];
}

/** What was not sent is kept elsewhere: leaving asks nothing. */
export function forgetUnsent() {
  unsaved.clear();
  update();
}

/** @param {string} fields what counts as typed */
export function watchUnsaved(fields) {
  document.addEventListener("input", ({ target }) => {
    if (target.matches(fields) && counts(target.form)) unsaved.add(target.form);
    update();
  });
  // Last of all: whoever stops the sending has done so by now.
  window.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) unsaved.delete(event.target);
    update();
  });
  // A form that was refused, or whose words were kept over a sign-out, holds them as long as its page is open.
  for (const form of document.querySelectorAll("form"))
    if (counts(form) && (form.matches("[data-given-back]") || form.querySelector("[aria-invalid=true]"))) unsaved.add(form);
  update();
}
