/** The details sidebar beside the calendar or the list: opened from any element that carries an appointment's ref. */

import htmx from "htmx.org";

const OPENED = "appointment";

const drawer = () => document.getElementById("details");
const openers = (ref) => document.querySelectorAll(`[data-ref="${CSS.escape(ref)}"]`);
const refInAddress = () => new URL(location.href).searchParams.get(OPENED);

function remember(ref) {
  const address = new URL(location.href);
  if (ref) address.searchParams.set(OPENED, ref);
  else address.searchParams.delete(OPENED);
  if (address.href !== location.href) history.pushState(null, "", address);
  shown = ref;
}

/** Marks the chosen appointment wherever it stands on the page; called again after the calendar has redrawn. */
export function markChosen() {
  const ref = refInAddress();
  for (const element of document.querySelectorAll("[data-ref]")) {
    if (element.dataset.ref === ref) element.setAttribute("aria-current", "true");
    else element.removeAttribute("aria-current");
  }
}

// Where the sidebar lies over the view, what is under it is out of reach until the sidebar is closed. On a page of its own it covers nothing.
const overlay = matchMedia("(max-width: 68.6875em)");
function cover() {
  const covered = overlay.matches && !drawer().hidden && drawer().matches(".with-drawer > .drawer");
  for (const sibling of drawer().parentElement.children) if (sibling !== drawer()) sibling.inert = covered;
}

/** Over the calendar it stands on the side where the appointment is not. */
function placeBeside(ref) {
  const [opener] = [...openers(ref)].filter((element) => element.checkVisibility());
  const box = opener?.getBoundingClientRect();
  const around = drawer().parentElement.getBoundingClientRect();
  const isRight = box && box.left + box.width / 2 > around.left + around.width / 2;
  drawer().dataset.side = isRight ? "start" : "end";
}

async function show(ref) {
  const region = drawer();
  const address = `${region.dataset.addresses}${ref}/`;
  try {
    await htmx.ajax("GET", address, { target: region, swap: "innerHTML" });
  } catch {
    return location.assign(address);
  }
  if (refInAddress() !== ref) return;
  region.hidden = false;
  placeBeside(ref);
  cover();
  region.scrollTop = 0;
  markChosen();
  region.focus({ preventScroll: true });
  for (const element of openers(ref)) element.scrollIntoView({ block: "nearest" });
}

/** What others did meanwhile: the details follow, unless the reader is in the middle of something in them. */
async function refresh() {
  const [region, ref] = [drawer(), refInAddress()];
  const isIn = () => region.querySelector("[data-open]") || (region.contains(document.activeElement) && document.activeElement !== region);
  if (!ref || region.hidden || isIn()) return;
  const answer = await fetch(`${region.dataset.addresses}${ref}/`, { headers: { "HX-Request": "true" } }).catch(() => null);
  // What can't be had now is had with the next news.
  if (!answer?.ok || answer.redirected) return;
  const words = await answer.text();
  if (refInAddress() !== ref || region.hidden || isIn()) return;
  htmx.swap(region, words, { swapStyle: "innerHTML" });
}

function hide(ref) {
  drawer().hidden = true;
  drawer().replaceChildren();
  cover();
  markChosen();
  for (const element of openers(ref ?? "")) {
    if (element.checkVisibility()) return element.focus();
  }
}

function open(ref) {
  remember(ref);
  return show(ref);
}

function close() {
  const ref = refInAddress();
  remember(null);
  hide(ref);
}

function onClick(event) {
  if (event.target.closest("[data-close-details]")) {
    event.preventDefault();
    close();
    return;
  }
  if (overlay.matches && !drawer().hidden && event.target === drawer().parentElement) close();
  const opener = event.target.closest("a[data-ref]");
  if (!opener || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  open(opener.dataset.ref);
}

let shown = refInAddress();
function followHistory() {
  const ref = refInAddress();
  // The way back may also lead to other days while the same appointment is open.
  if (ref && ref !== shown) show(ref);
  else if (!ref && !drawer().hidden) hide(shown);
  shown = ref;
}

export function watchDetails() {
  if (!drawer()) return;
  document.addEventListener("click", onClick);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || drawer().hidden || document.querySelector("dialog[open]")) return;
    if (drawer().contains(event.target) || !event.target.closest("input, select, textarea")) close();
  });
  window.addEventListener("popstate", followHistory);
  // What can't be shown in the sidebar says why on a page of its own.
  document.addEventListener("htmx:responseError", ({ detail }) => {
    if (detail.target === drawer()) location.assign(detail.pathInfo.requestPath);
  });
  document.addEventListener("raincheck:redrawn", markChosen);
  document.addEventListener("raincheck:news", refresh);
  overlay.addEventListener("change", cover);
  markChosen();
  cover();
}
