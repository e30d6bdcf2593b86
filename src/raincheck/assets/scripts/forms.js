/** Forms: a second press while the first is on its way does nothing, and a list of problems takes the focus. */

/** @param {HTMLFormElement} form @param {boolean} sending @param {HTMLElement} [submitter] the button that was pressed */
function mark(form, sending, submitter) {
  form.toggleAttribute("data-sending", sending);
  // "Moving…" for as long as it takes; the words from before come back with a page that comes back.
  if (sending && submitter?.dataset.busy) {
    submitter.dataset.idle = submitter.textContent;
    submitter.textContent = submitter.dataset.busy;
  }
  for (const button of sending ? [] : form.querySelectorAll("[data-idle]")) {
    button.textContent = button.dataset.idle;
    delete button.dataset.idle;
  }
  for (const button of form.querySelectorAll("button:not([type=button])")) {
    if (sending) button.setAttribute("aria-busy", "true");
    else button.removeAttribute("aria-busy");
  }
}

function refuseSecondPress(event) {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("hx-post")) return;
  if (form.hasAttribute("data-sending")) event.preventDefault();
  // Not `disabled`: a disabled button would keep its own name and value out of what is sent.
  else mark(form, true, event.submitter);
}

// A page that comes back from the browser's memory must be usable again.
function release() {
  for (const form of document.querySelectorAll("form[data-sending]")) mark(form, false);
}

function focusField(event) {
  const link = event.target.closest("[data-error-summary] a[href^='#']");
  const field = link && document.getElementById(link.hash.slice(1));
  if (!field) return;
  event.preventDefault();
  field.scrollIntoView({ block: "center" });
  (field.matches("input, select, textarea") ? field : (field.querySelector("input, select, textarea") ?? field)).focus();
}

/**
 * A refused sign-in answers its form at once, since proxies count its status. Named once more, its page is one that was
 * opened like any other: going back to it sends nothing.
 */
function openInPlace() {
  if (new URLSearchParams(location.search).has("kept")) return;
  if (document.querySelector("[data-error-summary]")) history.replaceState(history.state, "", location.href);
}

export function watchForms() {
  openInPlace();
  // Late in the bubbling, so that whoever stops the sending has done so before it counts as sent.
  window.addEventListener("submit", refuseSecondPress);
  window.addEventListener("pageshow", release);
  document.addEventListener("click", focusField);
  document.querySelector("[data-error-summary]")?.focus();
}
