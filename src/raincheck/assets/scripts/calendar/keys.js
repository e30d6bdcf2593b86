/** Keys of the calendar: letters choose what is shown, arrows go from one appointment to the next. */

import { isTakenElsewhere, keysAreOff, turnKeys } from "../keys_off.js";

const WHERE = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const middle = ({ left, right, top, bottom }) => ({ x: (left + right) / 2, y: (top + bottom) / 2 });

/** The stop nearest in a direction: up and down stay in the day's column, left and right go to the nearest day that has one. */
function nearest(stops, from, [right, down]) {
  const box = from.getBoundingClientRect();
  const here = middle(box);
  const found = stops
    .filter((stop) => stop !== from)
    .map((stop) => ({ stop, box: stop.getBoundingClientRect() }))
    .map(({ stop, box: other }) => ({ stop, other, at: middle(other) }))
    .filter(({ other, at }) => {
      if (down) return Math.abs(at.x - here.x) < box.width && (at.y - here.y) * down > 0;
      return right > 0 ? other.left >= box.right - 4 : other.right <= box.left + 4;
    })
    .map(({ stop, at }) => {
      const [along, across] = down ? [at.y - here.y, at.x - here.x] : [at.x - here.x, at.y - here.y];
      // The nearest day first, then the nearest time of it.
      return { stop, far: Math.round(Math.abs(along) / (down ? 1 : 40)) * 10_000 + Math.abs(across) };
    });
  return found.sort((one, other) => one.far - other.far)[0]?.stop;
}

/**
 * @param {HTMLElement} root the grid @param {HTMLElement} frame all of the calendar's part of the page
 * @param {{step: (days: number) => void, today: () => void, show: (span: string) => void, help: HTMLDialogElement}} page
 */
export function watchKeys(root, frame, { step, today, show, shown, help }) {
  const stops = () => [...root.querySelectorAll("a.calendar-event[href], .calendar-event.behind a[href], .more-link")].filter((one) => one.checkVisibility());
  const toggle = help.querySelector("input[type=checkbox]");
  let goOn = null;

  toggle.checked = !keysAreOff();
  toggle.addEventListener("change", () => turnKeys(toggle.checked));

  const letters = {
    t: today,
    d: () => show("day"),
    w: () => show(shown() === "work-week" ? "week" : "work-week"),
    m: () => show("month"),
    "?": () => help.showModal(),
  };

  function followArrow(key, event) {
    const from = event.target.closest?.("a.calendar-event, .calendar-event.behind a, .more-link");
    const [right, down] = WHERE[key];
    if (!from || !root.contains(from)) {
      // Up and down scroll, as everywhere, until the grid has the focus.
      if (right) step(right);
      else if (event.target === root) stops()[0]?.focus();
      else return false;
      return true;
    }
    const next = nearest(stops(), from, [right, down]);
    if (next) {
      next.focus({ preventScroll: true });
      next.scrollIntoView({ block: "nearest" });
    } else if (right) {
      goOn = right;
      step(right);
    }
    return true;
  }

  document.addEventListener("keydown", (event) => {
    if (isTakenElsewhere(event) || event.target.closest?.("#details")) return;
    const inGrid = frame.contains(event.target);
    const onPage = inGrid || event.target === document.body || event.target.matches?.("h1, main");
    if (event.key in WHERE && !event.shiftKey) {
      if (onPage && followArrow(event.key, event)) event.preventDefault();
    } else if (letters[event.key] && !keysAreOff()) {
      event.preventDefault();
      letters[event.key]();
    }
  });

  return {
    /** The page has turned: the arrow that turned it goes on with the first appointment it finds there. */
    arrived() {
      if (!goOn) return;
      const direction = goOn;
      goOn = null;
      const found = stops();
      const edge = (one) => one.getBoundingClientRect().left;
      const best = found.reduce((a, b) => (!a || (edge(b) - edge(a)) * direction < 0 ? b : a), null);
      (best ?? root).focus({ preventScroll: true });
    },
  };
}
