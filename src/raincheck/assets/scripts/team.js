/** The team's day: places what the server wrote into the columns, follows it while somebody looks, and is walked by keys. */

import { watchKeys } from "./calendar/keys.js";
import { buildMiniMonth } from "./calendar/mini_month.js";
import { buildOffer } from "./calendar/offer.js";
import { followPresses } from "./calendar/team_presses.js";

const EVERY = 5_000;
const AT_MOST = 60_000;

const frame = document.querySelector("[data-team]");
const root = document.getElementById("team");
const words = frame.dataset;
const part = (name) => frame.querySelector(`[data-${name}]`);

/** Times become lengths here: the pages allow no style of their own. */
function place() {
  const grid = root.querySelector(".team-grid");
  const set = (element, values) => {
    for (const [name, value] of Object.entries(values)) if (value !== undefined) element.style.setProperty(`--${name}`, value);
  };
  set(grid, { length: grid.dataset.length, columns: grid.dataset.columns, now: grid.dataset.now });
  for (const hour of grid.querySelectorAll("[data-at]")) set(hour, { from: Number(hour.dataset.at) * 60 });
  for (const one of grid.querySelectorAll("[data-from]")) {
    set(one, { from: one.dataset.from, for: one.dataset.for, lane: one.dataset.lane, lanes: one.dataset.lanes });
  }
  grid.setAttribute("data-placed", "");
  document.dispatchEvent(new CustomEvent("raincheck:redrawn"));
}

const box = part("calendar-offer");
const offer = buildOffer(box, () => unmark());
const unmark = followPresses(root, box, offer, words.date);

let misses = 0;
function say(isStale) {
  const line = part("team-stale");
  if (isStale) line.textContent = words.stale;
  line.hidden = !isStale;
}

async function look() {
  // Nothing is drawn anew under a question that somebody is reading.
  if (document.hidden || !box.hidden) return;
  const version = root.querySelector(".team-grid").dataset.version;
  try {
    const response = await fetch(words.part, { headers: { "If-None-Match": version }, credentials: "same-origin", signal: AbortSignal.timeout(10_000) });
    // Signed out meanwhile: the page itself leads to the way in, and back here.
    if (response.redirected) return location.reload();
    if (response.status !== 304 && !response.ok) throw new Error(`The team's day answered ${response.status}`);
    misses = 0;
    say(false);
    if (response.status === 304) return;
    const standingOn = root.contains(document.activeElement) ? document.activeElement.dataset.ref : null;
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    root.replaceChildren(...fresh.body.childNodes);
    place();
    if (standingOn) root.querySelector(`[data-ref="${CSS.escape(standingOn)}"]`)?.focus({ preventScroll: true });
    document.dispatchEvent(new CustomEvent("raincheck:news"));
  } catch {
    misses += 1;
    if (misses > 1) say(true);
  }
}

async function follow() {
  await look();
  setTimeout(follow, Math.min(EVERY * 2 ** misses, AT_MOST));
}

const go = (day) => location.assign(`${words.here}&date=${day}`);

watchKeys(root, frame, {
  step: (direction) => frame.querySelector(`[data-go=${direction > 0 ? "next" : "prev"}]`).click(),
  today: () => frame.querySelector("[data-go=today]").click(),
  show: () => {},
  shown: () => "day",
  help: part("calendar-help"),
});

const mini = buildMiniMonth([...document.querySelectorAll("[data-mini-month]")], { address: (day) => `${words.here}&date=${day}`, go });
const after = new Date(Date.parse(words.date) + 24 * 3600_000).toISOString().slice(0, 10);
mini.mark(words.askedDays.split(" "));
mini.follow({ from: words.date, to: after, today: words.today, at: new Date(words.date) });

const boxes = [part("calendar-jump"), part("calendar-more")];
document.addEventListener("click", ({ target }) => {
  for (const box of boxes) if (!box.contains(target)) box.open = false;
});
for (const box of boxes) {
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !box.open) return;
    event.stopPropagation();
    box.open = false;
    box.querySelector("summary").focus();
  });
}
part("team-print").addEventListener("click", () => print());
part("team-keys").addEventListener("click", () => {
  part("calendar-more").open = false;
  part("calendar-help").showModal();
});

place();
setTimeout(follow, EVERY);
