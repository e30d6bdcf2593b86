/** The provider's calendar. Every time in it is a wall time that the server computed; the browser's zone plays no part. */

import { Calendar } from "fullcalendar";
import dayGrid from "fullcalendar/daygrid";
import interaction from "fullcalendar/interaction";
import timeGrid from "fullcalendar/timegrid";
import { fetchStretch, hoursFor, shapeAll } from "./calendar/feed.js";
import { looks } from "./calendar/looks.js";
import { buildOffer } from "./calendar/offer.js";
import { buildOpenTimes } from "./calendar/open_times.js";

const FRESH_FOR = 5 * 60_000;
const NARROW = 600;
const WEEK = { month: "short", day: "numeric", year: "numeric" };
const DAY = { weekday: "short", month: "short", day: "numeric" };
const SPANS = ["day", "week", "work-week", "month"];

const root = document.getElementById("calendar");
const frame = root.closest("[data-calendar]");
const part = (name) => frame.querySelector(`[data-calendar-${name}]`);
const words = root.dataset;

const toWall = (date) => date.toISOString().slice(0, 16);
const toDay = (date) => date.toISOString().slice(0, 10);

/** Now, as the server's wall clock: what it said last, plus what has passed since. */
const clock = {
  set(now) {
    this.base = Date.parse(`${now}Z`);
    this.read = performance.now();
  },
  now() {
    return new Date(this.base + performance.now() - this.read);
  },
};
clock.set(words.now);

/** The address keeps what is shown, so that a reload, a link and the way back show the same. */
const address = {
  span() {
    const asked = new URL(location.href).searchParams.get("span");
    if (SPANS.includes(asked)) return asked;
    return innerWidth < NARROW ? "day" : words.view;
  },
  date: () => new URL(location.href).searchParams.get("date") ?? words.date,
  keep(span, date) {
    const url = new URL(location.href);
    url.searchParams.set("span", span);
    url.searchParams.set("date", date);
    if (url.href !== location.href) history.replaceState(history.state, "", url);
  },
};

let span = address.span();
const inView = { events: [], openTimes: [] };
// A practice without a type of appointment has nothing to show open times for.
const openTimes =
  part("open-times") && buildOpenTimes(part("open-times"), () => calendar.getEventSourceById("open-times").refetch());

/** Widens the hours of the day to what there is to see, wherever it came from. */
function fitHours() {
  const hours = hoursFor([...inView.events, ...inView.openTimes], { min: words.slotMin, max: words.slotMax });
  calendar.batchRendering(() => {
    for (const [name, value] of Object.entries(hours)) {
      if (calendar.getOption(name) !== value) calendar.setOption(name, value);
    }
  });
}

async function load({ start, end }) {
  const answer = await fetchStretch(words.feed, { from: toDay(start), to: toDay(end) });
  clock.set(answer.now);
  inView.events = answer.events;
  fitHours();
  part("failed").hidden = true;
  return shapeAll(answer.events, { inMonth: span === "month", now: clock.now() });
}

async function loadOpenTimes({ start, end }) {
  const found = (await openTimes?.load({ from: toDay(start), to: toDay(end) }, { inMonth: span === "month" })) ?? [];
  inView.openTimes = found;
  fitHours();
  return found;
}

function describe({ view }) {
  part("title").textContent = view.title;
  for (const button of frame.querySelectorAll("[data-span]")) {
    button.setAttribute("aria-pressed", String(button.dataset.span === span));
  }
  address.keep(span, toDay(calendar.getDate()));
}

function dress({ el, event }) {
  if (!event.extendedProps.opensBeside) return;
  el.title = event.extendedProps.label;
  el.dataset.ref = event.id;
  document.dispatchEvent(new CustomEvent("raincheck:redrawn"));
}

/** The grid measures itself in several steps; readers see the last of them. */
function showOnceDrawn() {
  requestAnimationFrame(() => requestAnimationFrame(() => root.setAttribute("data-drawn", "")));
}

function offerStretch({ start, end, allDay, jsEvent }) {
  const write = allDay ? toDay : toWall;
  const format = { ...DAY, ...(!allDay && { hour: "numeric", minute: "2-digit" }), timeZone: "UTC" };
  const range = new Intl.DateTimeFormat(document.documentElement.lang, format);
  offer.show({
    start: write(start),
    end: write(end),
    words: range.formatRange(start, allDay ? new Date(end - 1) : end),
    at: { x: jsEvent?.clientX ?? 0, y: jsEvent?.clientY ?? 0 },
  });
}

// A drag is a question, not a move: the form opens with the new time, and nothing has changed until it is sent.
function openChange({ event, revert }) {
  const start = toWall(event.start);
  revert();
  location.assign(`${event.url}change/?start=${encodeURIComponent(start)}`);
}

const calendar = new Calendar(root, {
  ...looks,
  plugins: [dayGrid, timeGrid, interaction],
  views: {
    day: { type: "timeGridDay", titleFormat: { weekday: "long", month: "long", day: "numeric", year: "numeric" } },
    week: { type: "timeGridWeek", titleFormat: WEEK },
    "work-week": { type: "timeGridWeek", weekends: false, titleFormat: WEEK },
    month: { type: "dayGridMonth", dayHeaderFormat: { weekday: "short" } },
  },
  initialView: span,
  initialDate: address.date(),
  timeZone: "UTC",
  now: () => clock.now(),
  nowIndicator: true,
  locale: document.documentElement.lang,
  headerToolbar: false,
  height: "auto",
  allDaySlot: false,
  slotDuration: "00:30",
  slotMinHeight: 35,
  slotMinTime: words.slotMin,
  slotMaxTime: words.slotMax,
  slotHeaderInterval: "01:00",
  slotHeaderFormat: { hour: "numeric" },
  dayHeaderFormat: { weekday: "short", day: "numeric" },
  eventShortHeight: 34,
  slotEventOverlap: false,
  dayMaxEvents: 4,
  fixedWeekCount: false,
  moreLinkText: (count) => words.more.replace("{n}", String(count)),
  moreLinkHint: (count) => words.moreHint.replace("{n}", String(count)),
  closeHint: words.close,
  lazyFetching: false,
  eventSources: [{ events: load }, { id: "open-times", events: loadOpenTimes }],
  eventSourceFailure: () => {
    part("failed").hidden = false;
  },
  eventDurationEditable: false,
  eventDidMount: dress,
  eventDrop: openChange,
  selectable: true,
  selectMirror: false,
  unselectCancel: "[data-calendar-offer]",
  select: offerStretch,
  unselect: () => offer.hide(),
  datesSet: describe,
  loading(busy) {
    root.setAttribute("aria-busy", String(busy));
    if (!busy) showOnceDrawn();
  },
});
const offer = buildOffer(part("offer"), () => calendar.unselect());

function showSpan(next) {
  span = next;
  calendar.changeView(next);
  calendar.refetchEvents();
}

frame.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (button?.dataset.span) showSpan(button.dataset.span);
  else if (button?.dataset.go) calendar[button.dataset.go]();
  else if (button?.hasAttribute("data-calendar-retry")) calendar.refetchEvents();
});
window.addEventListener("popstate", () => {
  span = address.span();
  calendar.changeView(span, address.date());
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) calendar.refetchEvents();
});
setInterval(() => document.hidden || calendar.refetchEvents(), FRESH_FOR);

part("bar").hidden = false;
part("without-script")?.remove();
calendar.render();
