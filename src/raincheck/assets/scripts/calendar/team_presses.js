/** Presses on empty time in the team's columns: the stretch is marked, and what can be done with it is offered. */

const STEP = 30;
const MINUTE = 60_000;
const range = new Intl.DateTimeFormat(document.documentElement.lang, { weekday: "short", month: "short", day: "numeric", hour: "numeric", minute: "2-digit", timeZone: "UTC" });

/**
 * @param {HTMLElement} root the columns @param {HTMLElement} box what is offered
 * @param {{show: (stretch: object) => void, hide: () => void}} offer @param {string} date the day shown
 * @returns {() => void} what takes the mark away
 */
export function followPresses(root, box, offer, date) {
  let press = null;

  const mark = document.createElement("i");
  mark.className = "team-selection";

  /** The minute of the day shown that a pointer is over, on the steps of the grid. */
  function minuteAt({ clientY }, lane, round) {
    const { top, height } = lane.getBoundingClientRect();
    const { length, first } = root.querySelector(".team-grid").dataset;
    const shown = Math.max(0, Math.min(clientY - top, height)) * (Number(length) / height);
    return Math.max(0, Math.min(round(shown / STEP) * STEP, Number(length))) + Number(first) * 60;
  }

  function follow(pointer) {
    const { lane, at } = press;
    const first = Number(root.querySelector(".team-grid").dataset.first) * 60;
    const [upper, lower] = [at, pointer].sort((one, other) => one.clientY - other.clientY);
    press.from = minuteAt(upper, lane, Math.floor);
    press.until = Math.max(press.from + STEP, minuteAt(lower, lane, Math.ceil));
    mark.style.setProperty("--from", String(press.from - first));
    mark.style.setProperty("--for", String(press.until - press.from));
    lane.append(mark);
  }

  function leave() {
    press = null;
    mark.remove();
  }

  root.addEventListener("pointerdown", (pointer) => {
    const lane = pointer.target.closest(".team-lane");
    if (pointer.button || !pointer.isPrimary || !lane || pointer.target.closest(".calendar-event:not(.open)")) return;
    press = { at: pointer, lane };
    // A finger may be about to scroll; it chooses what it is lifted from.
    if (pointer.pointerType !== "touch") follow(pointer);
  });
  window.addEventListener("pointermove", (pointer) => {
    if (press && pointer.pointerType !== "touch") follow(pointer);
  });
  window.addEventListener("pointercancel", leave);
  window.addEventListener("pointerup", (pointer) => {
    if (!press) return;
    follow(pointer);
    const { lane, from, until } = press;
    press = null;
    const { name, ahead } = lane.dataset;
    const [start, end] = [from, until].map((minute) => Date.parse(date) + minute * MINUTE);
    const theirs = (time) => new Date(time + Number(ahead) * MINUTE).toISOString().slice(0, 16);
    for (const link of box.querySelectorAll("a[data-offer]")) link.dataset.offer = lane.dataset[link.dataset.kind];
    offer.show({
      start: theirs(start),
      end: theirs(end),
      words: `${name}, ${range.formatRange(new Date(start), new Date(end))}`,
      at: { x: pointer.clientX, y: pointer.clientY },
    });
  });
  // A stretch that is open is a link for the keyboard and for who has no script; a pointer presses a time of its own.
  root.addEventListener("click", (event) => {
    const isPlain = event.detail && !event.ctrlKey && !event.metaKey && !event.shiftKey;
    if (isPlain && event.target.closest(".calendar-event.open")) event.preventDefault();
  });
  root.addEventListener("dragstart", (event) => event.preventDefault());
  document.addEventListener("pointerdown", ({ target }) => {
    if (box.hidden || box.contains(target)) return;
    leave();
    offer.hide();
  }, { capture: true });
  return leave;
}
