/** The client's choice of times: it stays whatever the reader does, and the button says what it will do. */

import { rest, sayLost, watchHolds } from "./hold.js";
import { watchTimes } from "./streams.js";

const KEPT = "raincheck.choice.";

/** What is chosen, by request. A browser that keeps nothing still remembers it while the page is open. */
const memory = new Map();
function keep(ref, value) {
  if (value) memory.set(ref, value);
  else memory.delete(ref);
  try {
    if (value) sessionStorage.setItem(KEPT + ref, value);
    else sessionStorage.removeItem(KEPT + ref);
  } catch {
    // Storage may be switched off.
  }
}
function kept(ref) {
  try {
    return sessionStorage.getItem(KEPT + ref) ?? memory.get(ref);
  } catch {
    return memory.get(ref);
  }
}

const radios = (section) => [...section.querySelectorAll("[data-set] input[type=radio]")];
const checked = (section) => radios(section).find((radio) => radio.checked);
const sections = (form) => [...form.querySelectorAll("section[data-request]")];

/** Each set of times is a group of its own, so that the Tab key reaches each and the arrow keys stay inside. */
function part(section) {
  const { field } = section.dataset;
  for (const set of section.querySelectorAll("[data-set]")) {
    for (const radio of set.querySelectorAll("input[type=radio]")) radio.name = `${field}~${set.dataset.set}`;
  }
  const hidden = document.createElement("input");
  hidden.type = "hidden";
  hidden.name = field;
  hidden.dataset.chosen = "";
  section.append(hidden);
}

/** The stretch a time would take, with the room around it, in minutes. */
function stretch(section, value) {
  const [length = 0, before = 0, after = 0] = (section.dataset.minutes ?? "").split(" ").map(Number);
  const start = Date.parse(value) / 60_000;
  return { start, end: start + length, before, after };
}
const meet = (one, other) =>
  one.start < other.end + Math.max(other.after, one.before) && other.start < one.end + Math.max(one.after, other.before);

/** A time chosen for one appointment is not offered for the others. */
function closeForOthers(form) {
  const all = sections(form).map((section) => ({ section, chosen: checked(section) }));
  for (const { section, chosen } of all) {
    const taken = all.filter((other) => other.section !== section && other.chosen).map((other) => stretch(other.section, other.chosen.value));
    for (const radio of radios(section)) {
      radio.closest(".slot").hidden = radio !== chosen && taken.some((other) => meet(stretch(section, radio.value), other));
    }
  }
}

function show(section, radio) {
  const button = section.querySelector("[data-submit]");
  section.querySelector("[data-chosen]").value = radio ? radio.value : "";
  button.dataset.words ??= button.textContent;
  button.dataset.usual ??= button.dataset.busy;
  button.dataset.busy = radio?.dataset.busy ?? button.dataset.usual;
  button.textContent = radio ? (radio.dataset.says ?? section.dataset.label.replace("{when}", radio.dataset.when)) : button.dataset.words;
  if (radio) section.querySelector("[data-choose-first]").hidden = true;
}

function choose(form, section, radio) {
  for (const other of radios(section)) other.checked = other === radio;
  keep(section.dataset.request, radio.value);
  show(section, radio);
  rest(section, radio.value, { pressed: true, look: () => look(form) });
  closeForOthers(form);
}

/** Sets the page to what is remembered; returns whether a remembered time is not on it. */
function restore(form) {
  let missing = false;
  for (const section of sections(form)) {
    const value = kept(section.dataset.request);
    const found = value && radios(section).find((radio) => radio.value === value);
    const now = found ?? (value ? undefined : checked(section));
    if (value && !found) {
      // A lost time stands on the page in words; whoever reads them must not be told again and again.
      if (section.querySelector("[data-lost]")) keep(section.dataset.request, "");
      else missing = true;
    }
    for (const radio of radios(section)) radio.checked = radio === now;
    if (now) keep(section.dataset.request, now.value);
    show(section, now);
    rest(section, now?.value ?? "", { pressed: false, look: () => look(form) });
  }
  closeForOthers(form);
  return missing;
}

/** Asks the server for the same form on another day. Read as a document, whose scripts never run. */
function fetched(address) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("GET", address);
    request.responseType = "document";
    request.timeout = 15_000;
    request.onload = () => (request.status < 300 ? resolve(request.response) : reject());
    request.onerror = request.ontimeout = reject;
    request.send();
  });
}

function addressOf(form, see) {
  const address = new URL(form.dataset.choose, location.href);
  const now = new URLSearchParams(location.search);
  const [ref, day] = see ? see.split("/") : [now.get("open"), now.get("day")];
  if (ref) address.searchParams.set("open", ref);
  if (day) address.searchParams.set("day", day);
  const shown = address.pathname + address.search;
  for (const section of sections(form)) {
    const value = kept(section.dataset.request);
    if (value) address.searchParams.set(section.dataset.field, value);
  }
  return { asked: address.pathname + address.search, part: (form.dataset.part ?? address.pathname) + address.search, shown };
}

/** @param {HTMLFormElement} form @param {string} [see] the day and request to open @param {Element} [pressed] what the focus goes back to */
async function look(form, see, pressed) {
  const { asked, part, shown } = addressOf(form, see);
  const focused = form.contains(document.activeElement) ? document.activeElement.id : "";
  form.setAttribute("aria-busy", "true");
  try {
    const found = (await fetched(part))?.getElementById(form.id);
    // The request may have ended meanwhile: then the page itself says how things stand.
    if (!found) return location.assign(asked);
    form.replaceChildren(...[...found.childNodes].map((node) => document.adoptNode(node)));
    form.dataset.times = found.dataset.times;
    history.replaceState(null, "", shown);
    ready(form);
    if (!pressed) sayLost(form);
    if (pressed) focusAfter(form, pressed);
    else if (focused) (document.getElementById(focused) ?? form.querySelector("[data-lost]"))?.focus({ preventScroll: true });
  } catch {
    // Without an answer the browser tries it its own way, and says what is wrong.
    if (pressed) form.requestSubmit(pressed);
  } finally {
    form.removeAttribute("aria-busy");
  }
}

function focusAfter(form, pressed) {
  const same = document.getElementById(pressed.id);
  const section = form.querySelector(`[data-request="${pressed.value.split("/")[0]}"]`) ?? form;
  if (pressed.matches("[data-part]")) {
    // The times that were asked for stand below the name of their day.
    section.querySelector(".day-name").focus();
    return;
  }
  const target = same && !same.disabled ? same : (section.querySelector("[aria-current=date]") ?? section.querySelector("[data-set] input"));
  target?.focus({ preventScroll: Boolean(same) });
}

function ready(form) {
  for (const section of sections(form)) part(section);
  return restore(form);
}

/** @param {HTMLFormElement} form */
export function watchChoices(form) {
  // The browser's own reminder would point at the wrong set of times.
  form.noValidate = true;
  form.addEventListener("change", (event) => {
    const section = event.target.closest("section[data-request]");
    if (section && event.target.type === "radio") choose(form, section, event.target);
  });
  form.addEventListener("click", (event) => {
    const pressed = event.target.closest("[data-see]");
    if (!pressed || form.hasAttribute("data-sending")) return;
    event.preventDefault();
    look(form, pressed.value, pressed);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.type !== "radio") return;
    // The form's first button is not that of this appointment.
    event.preventDefault();
    event.target.closest("section[data-request]").querySelector("[data-submit]").click();
  });
  form.addEventListener("submit", (event) => {
    if (!event.submitter?.matches("[data-submit]")) return;
    const section = event.submitter.closest("section[data-request]");
    const chosen = checked(section);
    form.querySelector("input[name=confirmed]").value = chosen ? chosen.value : "";
    if (chosen) return;
    event.preventDefault();
    section.querySelector("[data-choose-first]").hidden = false;
    radios(section).find((radio) => radio.checkVisibility())?.focus();
  });
  watchHolds(form);
  watchTimes(form, () => look(form));
  if (ready(form)) look(form);
  const lost = form.querySelector("[data-lost]");
  lost?.focus();
  // A page that the browser kept, or filled in again, shows what is remembered and not what it looked like.
  window.addEventListener("pageshow", (event) => {
    if (restore(form) && event.persisted) look(form);
  });
}

/** After an ending nothing is chosen any more; a time chosen too late is looked at once, and offered where it is still free. */
export function watchEndings() {
  for (const ending of document.querySelectorAll("[data-settled]")) {
    const value = kept(ending.dataset.settled);
    if (!value) continue;
    keep(ending.dataset.settled, "");
    if (ending.hasAttribute("data-bookable")) location.replace(`?start=${encodeURIComponent(value)}`);
  }
}
