/** The calendar's feed: asks the server for a stretch of days and shapes the answer for the columns that show it. */

const WHOLE_DAY = 24 * 3600_000;
const APPOINTMENTS = new Set(["appointment", "asked", "intake", "canceled"]);

const wall = (text) => new Date(`${text.length === 10 ? `${text}T00:00` : text}Z`);

/** Appointments open beside the calendar; anything else with an address has a page of its own. */
export const opensBeside = (event) => APPOINTMENTS.has(event.kind) && Boolean(event.url);

/** Stretches of taken time lie behind a day's columns. */
function liesBehind(event) {
  return event.kind === "out_of_office" || (event.kind === "busy" && (event.all_day || wall(event.end) - wall(event.start) >= WHOLE_DAY));
}

function shape(event, now) {
  const isAppointment = opensBeside(event);
  return {
    id: event.id,
    title: event.title,
    start: event.start,
    end: event.end,
    // In the columns a whole day is a stretch from midnight to midnight like any other.
    allDay: false,
    // Left out, not undefined: FullCalendar would make the word "undefined" of it.
    ...(event.url && { url: event.url }),
    interactive: Boolean(event.url),
    display: liesBehind(event) ? "background" : "block",
    startEditable: isAppointment && event.kind !== "canceled" && wall(event.start) > now,
    extendedProps: { ...event, opensBeside: isAppointment },
  };
}

/** Asks an address of ours with what is to follow the question mark; a version that is known is not sent again (304). */
export async function ask(address, values, { known, within = 30_000 } = {}) {
  const query = new URL(address, location.href);
  for (const [name, value] of Object.entries(values)) query.searchParams.set(name, value);
  const headers = { Accept: "application/json", ...(known && { "If-None-Match": known }) };
  const response = await fetch(query, { headers, credentials: "same-origin", signal: AbortSignal.timeout(within) });
  // Signed out meanwhile: the page itself leads to the way in, and back here.
  if (response.redirected) location.reload();
  if (response.status === 304) return null;
  if (!response.ok) throw new Error(`The calendar answered ${response.status}`);
  return response.json();
}

export const fetchAnswer = async (address, values) => ask(address, values);

/** Whole weeks around a stretch, as wall dates: what lies in one week is asked for once, whichever days of it are shown. */
export function weeksAround({ start, end }) {
  const [first, after] = [new Date(start), new Date(end)];
  first.setUTCDate(first.getUTCDate() - first.getUTCDay());
  after.setUTCDate(after.getUTCDate() + ((7 - after.getUTCDay()) % 7));
  return { from: first.toISOString().slice(0, 10), to: after.toISOString().slice(0, 10) };
}

/** What the hours leave of each day, as stretches behind the columns without words: the shade says what the hours beside it say. */
export function closedStretches(open, { from, to }) {
  const closed = [];
  let at = wall(from);
  const until = wall(to);
  for (const { start, end } of [...open.map(({ start, end }) => ({ start: wall(start), end: wall(end) })), { start: until, end: until }]) {
    if (start > at) closed.push({ start: at.toISOString().slice(0, 19), end: start.toISOString().slice(0, 19) });
    if (end > at) at = end;
  }
  return closed.map((stretch) => ({
    ...stretch,
    id: `closed-${stretch.start}`,
    display: "background",
    interactive: false,
    extendedProps: { kind: "closed" },
  }));
}

export const shapeAll = (events, now) => events.map((event) => shape(event, now));

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
