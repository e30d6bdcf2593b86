/** Open times behind the week: a button, the choice of type and place, and stretches in which a session can begin and end. */

import { fetchAnswer } from "./feed.js";

const MINUTE = 60_000;
const KEPT = "raincheck.open-times";
const wall = (start) => Date.parse(`${start.slice(0, 16)}Z`);
const write = (time) => new Date(time).toISOString().slice(0, 16);

/** What this reader chose last on this device: whether they are shown, and for which type and place. */
const kept = {
  read() {
    try {
      return JSON.parse(localStorage.getItem(KEPT)) ?? {};
    } catch {
      return {};
    }
  },
  write(chosen) {
    try {
      localStorage.setItem(KEPT, JSON.stringify(chosen));
    } catch {
      // A browser that keeps nothing still shows them.
    }
  },
};

/** Joins sessions that touch or overlap; a stretch ends where its last session does. Starts come sorted. */
export function stretchesOf({ starts, minutes }) {
  const stretches = [];
  for (const start of starts.map(wall)) {
    const last = stretches.at(-1);
    const end = start + minutes * MINUTE;
    if (last && start <= last.end) last.end = end;
    else stretches.push({ start, end });
  }
  return stretches.map(({ start, end }) => ({ start: write(start), end: write(end) }));
}

/**
 * @param {HTMLElement} bar the selects and the line that says what is shown; there only while open times are
 * @param {() => void} onChange called when other times are to be shown
 */
export function buildOpenTimes(bar, onChange) {
  const button = bar.parentElement.querySelector("[data-open-times-toggle]");
  const status = bar.querySelector("[role=status]");
  const selects = [...bar.querySelectorAll("select")];
  const words = bar.dataset;
  const language = document.documentElement.lang;
  const day = new Intl.DateTimeFormat(language, { weekday: "long", month: "long", day: "numeric", timeZone: "UTC" });
  const clock = new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit", timeZone: "UTC" });

  const isOn = () => button.getAttribute("aria-pressed") === "true";

  function turn(on) {
    button.setAttribute("aria-pressed", String(on));
    bar.hidden = !on;
    if (!on) status.textContent = "";
  }

  function changed() {
    kept.write({ on: isOn(), ...Object.fromEntries(selects.map(({ name, value }) => [name, value])) });
    onChange();
  }

  function shape({ start, end }) {
    const [first, last] = [start, end].map((text) => new Date(`${text}Z`));
    const detail = clock.formatRange(first, last);
    return {
      id: `open-${start}`,
      title: words.open,
      start,
      end,
      display: "background",
      interactive: false,
      extendedProps: { kind: "open", detail, label: [words.open, day.format(first), detail].join(", ") },
    };
  }

  const before = kept.read();
  for (const select of selects) {
    if ([...select.options].some(({ value }) => value === before[select.name])) select.value = before[select.name];
  }
  turn(before.on === true);
  button.addEventListener("click", () => {
    turn(!isOn());
    changed();
  });
  for (const select of selects) select.addEventListener("change", changed);

  return {
    /**
     * The stretches as events, [] when they are not shown. They are an extra: when they fail, the calendar stays. A month
     * has no columns to lay them in, so there it is only said how many there are.
     */
    async load({ from, to }, { inMonth }) {
      if (!isOn()) return [];
      const chosen = Object.fromEntries(selects.map(({ name, value }) => [name, value]));
      try {
        const answer = await fetchAnswer(words.feed, { from, to, ...chosen });
        if (!isOn()) return [];
        const said = inMonth ? words.inMonth : words.shown;
        status.textContent = answer.starts.length ? said.replace("{n}", String(answer.starts.length)) : words.none;
        return inMonth ? [] : stretchesOf(answer).map(shape);
      } catch {
        status.textContent = words.failed;
        return [];
      }
    },
  };
}
