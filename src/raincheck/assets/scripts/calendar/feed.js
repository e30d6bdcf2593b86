/** The calendar's feed: asks the server for a stretch of days and shapes the answer for the view that shows it. */

const WHOLE_DAY = 24 * 3600_000;
const APPOINTMENTS = new Set(["appointment", "asked", "intake"]);

const wall = (text) => new Date(`${text.length === 10 ? `${text}T00:00` : text}Z`);

/** Stretches of taken time lie behind a day's columns; a month has no columns, so there they are bars. */
function liesBehind(event, inMonth) {
  if (inMonth) return false;
  return event.kind === "out_of_office" || (event.kind === "busy" && (event.all_day || wall(event.end) - wall(event.start) >= WHOLE_DAY));
}

function shape(event, { inMonth, now }) {
  const isAppointment = APPOINTMENTS.has(event.kind) && Boolean(event.url);
  return {
    id: event.id,
    title: event.title,
    start: event.start,
    end: event.end,
    // In the columns a whole day is a stretch from midnight to midnight like any other.
    allDay: inMonth && event.all_day,
    // Left out, not undefined: FullCalendar would make the word "undefined" of it.
    ...(event.url && { url: event.url }),
    interactive: Boolean(event.url),
    display: liesBehind(event, inMonth) ? "background" : "block",
    startEditable: isAppointment && wall(event.start) > now,
    // Appointments open beside the calendar; anything else with an address has a page of its own.
    extendedProps: { kind: event.kind, detail: event.detail, label: event.label, opensBeside: isAppointment },
  };
}

/** The week that came with the page, once: what is asked again is asked because it may have changed. */
const firstWeek = {
  answer: JSON.parse(document.getElementById("first-week")?.textContent ?? "null"),
  /** @returns {{now: string, events: object[]} | null} the answer for a stretch that lies in it */
  take({ from, to }) {
    const { answer } = this;
    this.answer = null;
    if (!answer || from < answer.from || to > answer.to) return null;
    const [begin, end] = [wall(from), wall(to)];
    return { ...answer, events: answer.events.filter((event) => wall(event.start) < end && wall(event.end) > begin) };
  },
};

/** Asks an address of ours with what is to follow the question mark, and returns the JSON it answers. */
export async function fetchAnswer(address, values) {
  const query = new URL(address, location.href);
  for (const [name, value] of Object.entries(values)) query.searchParams.set(name, value);
  const response = await fetch(query, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  if (!response.ok) throw new Error(`The calendar answered ${response.status}`);
  return response.json();
}

/**
 * @param {string} address @param {{from: string, to: string}} stretch wall dates, `to` is the first day after
 * @returns {Promise<{now: string, events: object[]}>}
 */
export const fetchStretch = async (address, stretch) => firstWeek.take(stretch) ?? fetchAnswer(address, stretch);

export const shapeAll = (events, how) => events.map((event) => shape(event, how));

/** The hours to show: the practice's, widened to whole hours around what lies outside them. */
export function hoursFor(events, { min, max }) {
  let [first, last] = [min, max].map((text) => Number(text.slice(0, 2)) + Number(text.slice(3, 5)) / 60);
  for (const event of events) {
    if (event.all_day || event.kind === "out_of_office") continue;
    const [start, end] = [wall(event.start), wall(event.end)];
    if (end - start >= WHOLE_DAY) continue;
    first = Math.min(first, start.getUTCHours());
    const sameDay = start.getUTCDate() === end.getUTCDate();
    last = Math.max(last, sameDay ? end.getUTCHours() + (end.getUTCMinutes() ? 1 : 0) : 24);
  }
  const text = (hour) => `${String(Math.floor(hour)).padStart(2, "0")}:${hour % 1 ? "30" : "00"}:00`;
  return { slotMinTime: text(first), slotMaxTime: text(last) };
}
