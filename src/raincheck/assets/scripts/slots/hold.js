/** The chosen time is held while its reader decides: taken once the choice has rested, shown, renewed, let go with the page. */

/** So long a choice rests before it is held: whoever walks through the list holds nothing. */
const RESTS = 1000;
/** A choice that came with the page is held once somebody has had it in view. */
const SEEN = 2000;
const SOON = 60;

/** By request: what is chosen, what is held (`value`, `ref`, `ends`, `part`), and what runs. */
const states = new Map();
function stateOf(section) {
  const ref = section.dataset.request;
  if (!states.has(ref)) states.set(ref, { turn: Promise.resolve() });
  return states.get(ref);
}

/** Random, as the server's own keys: the same form sent twice acts once. */
function freshKey() {
  const hex = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 12)}4${hex.slice(13, 16)}8${hex.slice(17)}`;
}

function formOf(section, values) {
  const body = new FormData();
  body.set("csrfmiddlewaretoken", section.closest("form").elements.csrfmiddlewaretoken.value);
  for (const [name, value] of Object.entries({ key: freshKey(), ...values })) body.set(name, value);
  return body;
}

/** Sends a form and reads the answer as a document, whose scripts never run; returns its part of the page. */
function sent(address, body) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", address);
    request.responseType = "document";
    request.timeout = 15_000;
    request.onload = () => resolve(request.response?.querySelector(".hold"));
    request.onerror = request.ontimeout = reject;
    request.send(body);
  });
}

const foot = (section) => section.querySelector("[data-hold-foot]");
function say(section, words) {
  const region = section.querySelector("[data-hold-said]");
  if (region) region.textContent = words ?? "";
}

/** Says that a chosen time is gone: its words came in place, where nobody who listens would hear of them. */
export function sayLost(form) {
  for (const lost of form.querySelectorAll("[data-lost]")) say(lost.closest("section"), lost.textContent.trim());
}

const leftOf = (state) => Math.max(0, Math.ceil((state.ends - Date.now()) / 1000));
const isLive = (state) => Boolean(state.ref) && Date.now() < state.ends;

function draw(section, state) {
  const left = leftOf(state);
  const shown = state.part.querySelector("[data-left]");
  if (shown) shown.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  if (left === SOON) say(section, state.part.dataset.soon);
  if (left > 0) return;
  clearInterval(state.ticking);
  state.ref = "";
  const words = document.createElement("span");
  words.textContent = state.part.dataset.over;
  state.part.replaceChildren(words);
  say(section, state.part.dataset.over);
}

/** Puts what is held into a section's foot, which may be a new one, and counts down without a sound. */
function place(section, state) {
  foot(section).replaceChildren(state.part);
  clearInterval(state.ticking);
  if (!state.ref) return;
  state.ticking = setInterval(() => draw(section, state), 1000);
  draw(section, state);
}

/** What the server answered becomes what is shown, unless something else was chosen meanwhile. */
function take(section, state, value, found) {
  if (!found) return;
  if (found.hasAttribute("data-look")) {
    // Once: what the page shows after that is how things stand.
    if (state.looked !== value) state.look();
    state.looked = value;
    return;
  }
  const part = document.adoptNode(found);
  if (part.dataset.held) {
    Object.assign(state, { value, ref: part.dataset.held, ends: Date.now() + Number(part.dataset.seconds) * 1000 });
  }
  if (state.chosen !== value) return;
  state.part = part;
  const now = document.querySelector(`section[data-request="${section.dataset.request}"]`);
  if (!now) return;
  place(now, state);
  say(now, part.dataset.said);
}

/** One after the other: of two on their way the later could be overtaken by the former. */
function inTurn(state, step) {
  state.turn = state.turn.then(step).catch(() => {
    // Without an answer nothing is held, and nothing needs to be: the button works all the same.
  });
}

function hold(section, state) {
  const value = state.chosen;
  inTurn(state, async () => {
    if (state.chosen !== value) return;
    take(section, state, value, await sent(section.dataset.hold, formOf(section, { start: value })));
  });
}

/** The time that is kept by video, or that a provider suggested, is theirs already. */
const isTheirs = (section, value) => Boolean(section.querySelector(`:is([data-set=same], [data-set=suggested]) input[value="${value}"]`));

/** Who goes over to a time that is theirs already keeps no other from anybody. */
function letGo(section, state) {
  const hold = state.ref;
  Object.assign(state, { ref: "", value: "" });
  inTurn(state, () => sent(`${section.dataset.hold}let-go/`, formOf(section, { hold })));
}

/**
 * Shows what is held of a section's choice, and holds it once it has rested.
 * @param {HTMLElement} section @param {string} value what is chosen, empty for nothing @param {{pressed: boolean, look: () => void}} how
 */
export function rest(section, value, { pressed, look }) {
  if (!section.dataset.hold) return;
  const state = stateOf(section);
  clearTimeout(state.resting);
  clearInterval(state.ticking);
  const toHold = isTheirs(section, value) ? "" : value;
  Object.assign(state, { chosen: toHold, look });
  foot(section).hidden = !toHold;
  foot(section).replaceChildren();
  say(section, "");
  if (value && !toHold && isLive(state)) letGo(section, state);
  if (!toHold) return;
  if (state.value === value && isLive(state)) {
    place(section, state);
    return;
  }
  const begin = () => {
    if (pressed || !document.hidden) hold(section, state);
    else document.addEventListener("visibilitychange", () => rest(section, value, { pressed, look }), { once: true });
  };
  state.resting = setTimeout(begin, pressed ? RESTS : SEEN);
}

/** @param {HTMLFormElement} form */
export function watchHolds(form) {
  form.addEventListener("click", (event) => {
    const longer = event.target.closest("[data-longer]");
    if (!longer) return;
    const section = longer.closest("section[data-request]");
    const state = stateOf(section);
    const value = state.chosen;
    longer.setAttribute("aria-disabled", "true");
    inTurn(state, async () => {
      take(section, state, value, await sent(`${section.dataset.hold}longer/`, formOf(section, {})));
      foot(section).querySelector("[data-longer]")?.focus();
    });
  });
  form.addEventListener("submit", (event) => {
    const picked = event.submitter?.matches("[data-submit]") && event.submitter.closest("section[data-request]");
    if (picked && !event.defaultPrevented) stateOf(picked).picked = true;
  });
  window.addEventListener("pageshow", () => {
    for (const state of states.values()) state.picked = false;
  });
  // Whoever leaves keeps nobody waiting. A time that is being picked stays held until it is theirs.
  window.addEventListener("pagehide", () => {
    for (const section of form.querySelectorAll("section[data-request][data-hold]")) {
      const state = stateOf(section);
      clearTimeout(state.resting);
      if (state.picked || !isLive(state)) continue;
      navigator.sendBeacon(`${section.dataset.hold}let-go/`, formOf(section, { hold: state.ref }));
      state.ref = "";
    }
  });
}
