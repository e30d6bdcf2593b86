/** How the calendar looks: class names for each of its parts, styled in parts/calendar.css, and what an event says. */

const hour = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "numeric", timeZone: "UTC" });
const classes = (...names) => names.filter(Boolean).join(" ");

/** Day head: the weekday small, the day of the month large; a month's columns have the weekday only. */
function dayHead(info) {
  const weekday = document.createElement("span");
  weekday.textContent = info.weekdayText;
  if (!info.dayNumberText) return { domNodes: [weekday] };
  const day = document.createElement("b");
  day.textContent = info.dayNumberText;
  return { domNodes: [weekday, day] };
}

function eventWords({ event }) {
  const title = document.createElement("b");
  title.textContent = event.title;
  const detail = document.createElement("span");
  detail.textContent = event.extendedProps.detail ?? "";
  return { domNodes: detail.textContent ? [title, detail] : [title] };
}

const eventClass = (info) =>
  classes(
    "event",
    info.event.extendedProps.kind.replaceAll("_", "-"),
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
  dayHeaderClass: (info) => classes("day-head", info.isToday && "today"),
  dayHeaderInnerClass: "day-head-inner",
  dayHeaderContent: dayHead,
  dayHeaderAlign: "start",
  dayHeaderRowClass: "line",
  dayHeaderDividerClass: "divider",
  dayRowClass: "line week",
  tableHeaderClass: "head",
  fillerClass: "line",
  slotHeaderClass: (info) => classes("hour", info.isFirst && "first"),
  slotHeaderInnerClass: "hour-inner",
  slotHeaderContent: (info) => hour.format(new Date(info.time.milliseconds)),
  slotHeaderRowClass: "line",
  slotLaneClass: (info) => classes("slot-lane", info.isMinor && "minor"),
  dayLaneClass: day,
  dayLaneInnerClass: "day-inner",
  dayCellClass: day,
  dayCellTopClass: "day-top",
  dayCellTopInnerClass: "day-number",
  dayCellBottomClass: "day-bottom",
  nowIndicatorLineClass: "now-line",
  nowIndicatorDotClass: "now-dot",
  highlightClass: "selection",
  eventClass,
  eventInnerClass: "event-inner",
  eventContent: eventWords,
  rowEventClass: "in-row",
  columnEventClass: "in-column",
  backgroundEventClass: (info) => classes(eventClass(info), "behind"),
  backgroundEventInnerClass: "event-inner",
  backgroundEventContent: eventWords,
  moreLinkClass: "more-link",
  popoverClass: "calendar-popover",
  popoverCloseClass: "calendar-popover-close",
  popoverCloseContent: "✕",
};
