/** Parts of a page that could not be loaded: the page stays as it was, and the server's own sentences say why. */

const status = () => document.getElementById("status");

function tell({ detail }) {
  // The details sidebar opens a page of its own instead.
  if (detail.xhr.status !== 503 || detail.target?.id === "details") return;
  const said = document.createElement("p");
  said.textContent = detail.xhr.responseText;
  said.dataset.failure = "";
  status()?.replaceChildren(said);
}

const forget = () => status()?.querySelector("[data-failure]")?.remove();

export function watchFailures() {
  document.addEventListener("htmx:responseError", tell);
  document.addEventListener("htmx:afterSwap", forget);
}
