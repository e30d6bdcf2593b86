/** How the calendar looks: class names for each of its parts, styled in parts/calendar.css, and what an event says. */

const hour = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "numeric", timeZone: "UTC" });
const longDate = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long", timeZone: "UTC" });
const wholeWeekday = new Intl.DateTimeFormat(document.documentElement.lang, { weekday: "long", timeZone: "UTC" });
const wholeDate = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "full", timeZone: "UTC" });
const SVG = "http://www.w3.org/2000/svg";
const classes = (...names) => names.filter(Boolean).join(" ");

export function element(name, text, className = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

/** What stands under the days' names, by day, as the server said it last. */
let heads = {};
export function tellHeads(said, root) {
  heads = said;
  for (const line of root.querySelectorAll(".day-words")) line.textContent = heads[line.dataset.day] ?? "";
}

/** Day head: the day of the month large, the weekday small, under both how the day stands; a month's columns have the weekday only. */
export function dayHead({ date, weekdayText, dayNumberText }) {
  const shown = [...(dayNumberText ? [element("b", dayNumberText)] : []), element("span", weekdayText)];
  for (const part of shown) part.setAttribute("aria-hidden", "true");
  const label = (dayNumberText ? longDate : wholeWeekday).format(date);
  const nodes = [element("span", label, "visually-hidden"), ...shown];
  if (dayNumberText) {
    const day = date.toISOString().slice(0, 10);
    const line = element("small", heads[day] ?? "", "day-words");
    line.dataset.day = day;
    nodes.push(line);
  }
  return { domNodes: nodes };
}

/** A head is named by words that stand in it: a label over hidden words would be an empty head to whoever reads by table. */
function nameDayHead({ el }) {
  el.removeAttribute("aria-label");
  el.querySelector(".day-head-inner")?.removeAttribute("aria-hidden");
}

/** The head of the row of hours has a label and nothing in it. */
function nameHours({ el }) {
  for (const head of el.querySelectorAll("[role=rowheader][aria-label]:empty")) {
    head.append(element("span", head.getAttribute("aria-label"), "visually-hidden"));
  }
}

/** Where it is and what is unread, at the top right; both are said by the label. */
export function marks({ video, place, unread }) {
  const marked = element("span", "", "marks");
  if (unread) {
    const count = element("span", String(unread), "unread");
    count.prepend(icon("messages"));
    marked.append(count);
  }
  if (place) marked.append(icon(video ? "video" : "place"));
  return marked;
}

function icon(name) {
  const made = document.createElementNS(SVG, "svg");
  made.setAttribute("class", "icon");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${document.querySelector("[data-icons]").dataset.icons}#${name}`);
  made.append(use);
  return made;
}

/** The short words that fit, for the eye; the whole label, for whoever listens. */
export function eventWords({ event }) {
  const { kind, detail, label, time, opensBeside, inMonth, unread } = event.extendedProps;
  const shown = [element("b", event.title)];
  // A month's place says the day alone, so there the time stands first and the rest has no room.
  if (inMonth && time) shown.unshift(element("span", time, "event-time"));
  if (detail && !(inMonth && time && kind !== "asked")) shown.push(element("span", detail));
  if (opensBeside && !(inMonth && !unread)) shown.push(marks({ ...event.extendedProps, ...(inMonth && { place: "" }) }));
  if (!event.url && kind !== "open") return { domNodes: shown };
  for (const part of shown) part.setAttribute("aria-hidden", "true");
  return { domNodes: [element("span", label, "visually-hidden"), ...shown] };
}

/** A month's cell is named by what stands in it, the whole date first. */
export function dayNumber({ date, text }) {
  const number = element("span", text);
  number.setAttribute("aria-hidden", "true");
  return { domNodes: [element("span", wholeDate.format(date), "visually-hidden"), number] };
}

/** What lies behind a day's columns is no link by itself, so its words are one. */
function wordsBehind({ event }) {
  if (event.extendedProps.kind === "closed") return { domNodes: [] };
  if (!event.url) return eventWords({ event });
  const link = element("a", "");
  link.href = event.url;
  link.append(...eventWords({ event }).domNodes);
  // Pressing the link is not the beginning of choosing an empty stretch.
  for (const press of ["mousedown", "touchstart"]) {
    link.addEventListener(press, (pressed) => pressed.stopPropagation(), { passive: true });
  }
  return { domNodes: [link] };
}

export const eventClass = (info) =>
  classes(
    "calendar-event",
    info.event.extendedProps.kind.replaceAll("_", "-"),
    info.isPast && "past",
    info.event.extendedProps.asks && "asks",
    info.event.extendedProps.outcome?.replaceAll("_", "-"),
    info.event.extendedProps.unread && "has-unread",
    // The line of the present shows through it, under its words.
    !info.isPast && !info.isFuture && "running",
    info.isShort && "short",
    info.isNarrow && "narrow",
    !info.isStart && "continues-before",
    !info.isEnd && "continues-after",
    info.isDragging && "dragging",
    info.isMirror && "mirror",
  );

const day = (info) => classes("day", info.isToday && "today", info.isOther && "other-month");

export const looks = {
  viewClass: "calendar-view",
  dayHeaderClass: (info) => classes("day-head", info.isToday && "today", info.isPast && "past"),
  dayHeaderInnerClass: "day-head-inner",
  dayHeaderContent: dayHead,
  dayHeaderDidMount: nameDayHead,
  viewDidMount: nameHours,
  dayHeaderAlign: "start",
  dayHeaderRowClass: "line",
  dayHeaderDividerClass: "divider",
  tableHeaderClass: "head",
  fillerClass: "line",
  slotHeaderClass: (info) => classes("hour", info.isFirst && "first"),
  slotHeaderInnerClass: "hour-inner",
  slotHeaderContent: (info) => hour.format(new Date(info.time.milliseconds)),
  slotHeaderRowClass: "line",
  slotLaneClass: (info) => classes("slot-lane", info.isMinor && "minor"),
  dayLaneClass: day,
  dayLaneInnerClass: "day-inner",
  nowIndicatorLineClass: "now-line",
  nowIndicatorDotClass: "now-dot",
  highlightClass: "selection",
  eventClass,
  eventInnerClass: "event-inner",
  eventContent: eventWords,
  columnEventClass: "in-column",
  backgroundEventClass: (info) => classes(eventClass(info), "behind"),
  backgroundEventInnerClass: "event-inner",
  backgroundEventContent: wordsBehind,
};
