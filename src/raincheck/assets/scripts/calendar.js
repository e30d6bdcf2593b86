/** The provider's calendar. Every time in it is a wall time that the server computed; the browser's zone plays no part. */

import { Calendar } from "fullcalendar";
import interaction from "fullcalendar/interaction";
import timeGrid from "fullcalendar/timegrid";
import { buildCanceled } from "./calendar/canceled.js";
import { buildDayStrip } from "./calendar/day_strip.js";
import { closedStretches, hoursFor, shapeAll, weeksAround } from "./calendar/feed.js";
import { watchKeys } from "./calendar/keys.js";
import { looks, tellHeads } from "./calendar/looks.js";
import { buildMiniMonth } from "./calendar/mini_month.js";
import { buildMonth } from "./calendar/month.js";
import { buildOffer } from "./calendar/offer.js";
import { buildOpenTimes } from "./calendar/open_times.js";
import { fillDayList } from "./calendar/paper.js";
import { followStretches } from "./calendar/stretches.js";
import { buildWhereabouts } from "./calendar/whereabouts.js";

// On small screens the year would take the room of the days.
const isNarrow = innerWidth < 500;
const WEEK = { month: "short", day: "numeric", ...(innerWidth >= 900 && { year: "numeric" }) };
const DAY = { weekday: "short", month: "short", day: "numeric" };

const root = document.getElementById("calendar");
const frame = root.closest("[data-calendar]");
const part = (name) => frame.querySelector(`[data-calendar-${name}]`);
const words = root.dataset;

const toWall = (date) => date.toISOString().slice(0, 16);
const toDay = (date) => date.toISOString().slice(0, 10);

/** Now, as the server's wall clock: what it said last, plus what has passed since. */
const clock = {
  set(now) {
    this.said = now;
    this.base = Date.parse(`${now}Z`);
    this.read = performance.now();
  },
  now() {
    return new Date(this.base + performance.now() - this.read);
  },
};
clock.set(words.now);

const whereabouts = buildWhereabouts(words);
let span = whereabouts.span();
// Whether the days change by a step of the reader's own, and not by "back" or by the page itself.
let stepping = false;
let pressing = false;
const inView = { events: [], openTimes: [] };
// A practice without a type of appointment has nothing to show open times for.
const openTimes =
  part("open-times") && buildOpenTimes(part("open-times"), () => calendar.getEventSourceById("open-times").refetch());

/** Widens the hours of the day to what there is to see, wherever it came from; a month has none. */
function fitHours() {
  if (span === "month") return;
  const hours = hoursFor([...inView.events, ...inView.openTimes], { min: words.slotMin, max: words.slotMax });
  calendar.batchRendering(() => {
    for (const [name, value] of Object.entries(hours)) {
      if (calendar.getOption(name) !== value) calendar.setOption(name, value);
    }
  });
}

/** waiting, ready or failed: days that are not known yet never look like days without appointments. */
function say(state) {
  frame.dataset.state = state;
  root.inert = state !== "ready";
}

function sayStale(stale) {
  const line = part("stale");
  if (stale && line.hidden) {
    const time = new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: "short", timeZone: "UTC" });
    line.textContent = words.stale.replace("{time}", time.format(new Date(`${clock.said}Z`)));
  }
  line.hidden = !stale;
}

const canceled = buildCanceled(part("canceled"), words.reader, () => {
  stretches.forget();
  calendar.refetchEvents();
});
const extra = () => (canceled.isOn() ? { canceled: "yes" } : {});
// The week that came with the page is without what was canceled.
const stretches = followStretches(words.feed, extra, canceled.isOn() ? null : JSON.parse(document.getElementById("first-week")?.textContent ?? "null"), {
  isBusy: () => pressing || !part("offer").hidden,
  onNews: refresh,
  onStale: sayStale,
});

async function load(days) {
  if (!stretches.has(days)) say("waiting");
  const answer = await stretches.load(days);
  clock.set(answer.now);
  tellHeads(answer.heads, root);
  mini.mark(answer.asked);
  strip.mark(answer.asked);
  if (span === "month") {
    month.draw(days, answer, clock.now().toISOString().slice(0, 19));
    return [];
  }
  inView.events = answer.events.filter(({ start, end }) => start < toDay(days.end) && end > toDay(days.start));
  fitHours();
  if (span === "day") fillDayList(part("day-list"), calendar.view.title, inView.events);
  return [...closedStretches(answer.open, answer), ...shapeAll(answer.events, clock.now())];
}

async function loadOpenTimes({ start, end }) {
  const inMonth = span === "month";
  // A month shows the weeks that it begins and ends in whole.
  const days = inMonth ? weeksAround({ start, end }) : { from: toDay(start), to: toDay(end) };
  const found = (await openTimes?.load(days, { inMonth })) ?? [];
  inView.openTimes = found;
  fitHours();
  return found;
}

/** The days on screen: a work week is the middle of a week, and a month's view begins in the one before. */
function daysShown({ currentStart, currentEnd }) {
  const [first, after] = [new Date(currentStart), new Date(currentEnd)];
  if (span === "work-week" && !first.getUTCDay()) first.setUTCDate(first.getUTCDate() + 1);
  if (span === "work-week" && !after.getUTCDay()) after.setUTCDate(after.getUTCDate() - 1);
  return { from: toDay(first), to: toDay(after) };
}

function describe({ view }) {
  part("title").textContent = view.title;
  frame.dataset.shown = span;
  for (const button of frame.querySelectorAll("[data-span]")) {
    button.setAttribute("aria-pressed", String(button.dataset.span === span));
  }
  part("spans").value = span;
  part("jump-date").value = toDay(calendar.getDate());
  mini.follow({ ...daysShown(view), today: toDay(clock.now()), at: dayInView() });
  strip.follow(calendar.getDate(), toDay(clock.now()));
  whereabouts.keep(span, toDay(calendar.getDate()), { step: stepping });
}

function dress({ el, event }) {
  if (!event.extendedProps.opensBeside) return;
  el.title = event.extendedProps.label;
  el.dataset.ref = event.id;
  sayRedrawn();
}

// Once for all that is drawn together: who listens looks through all of it.
let toSay = false;
function sayRedrawn() {
  if (toSay) return;
  toSay = true;
  queueMicrotask(() => {
    toSay = false;
    document.dispatchEvent(new CustomEvent("raincheck:redrawn"));
  });
}

/** What is drawn anew is another element: whoever stood on an appointment stands on it again. */
let standingOn = null;
function refresh() {
  standingOn = root.contains(document.activeElement) ? document.activeElement.dataset.ref : null;
  calendar.refetchEvents();
  document.dispatchEvent(new CustomEvent("raincheck:news"));
}
function standAgain() {
  const again = standingOn && root.querySelector(`[data-ref="${CSS.escape(standingOn)}"]`);
  if (document.activeElement === document.body) again?.focus({ preventScroll: true });
  standingOn = null;
}

/** The grid measures itself in several steps; readers see the last of them. */
function showOnceDrawn() {
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      root.setAttribute("data-drawn", "");
      if (frame.dataset.state === "waiting") say("ready");
      keys.arrived();
      standAgain();
    }),
  );
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
const openChange = (url, start) => location.assign(`${url}change/?start=${encodeURIComponent(start)}`);

const month = buildMonth(words, {
  onDrawn: sayRedrawn,
  onChoose: offerStretch,
  onLeave: () => offer.hide(),
  onMove: ({ url, start }, day) => openChange(url, day + start.slice(10, 16)),
});

const calendar = new Calendar(root, {
  ...looks,
  plugins: [timeGrid, interaction],
  views: {
    day: { type: "timeGridDay", titleFormat: isNarrow ? DAY : { weekday: "long", month: "long", day: "numeric", year: "numeric" } },
    week: { type: "timeGridWeek", titleFormat: WEEK },
    "work-week": { type: "timeGridWeek", weekends: false, titleFormat: WEEK },
    month: { duration: { months: 1 }, content: () => ({ domNodes: [month.node] }), titleFormat: { month: "long", year: "numeric" } },
  },
  initialView: span,
  initialDate: whereabouts.date(),
  timeZone: "UTC",
  now: () => clock.now(),
  nowIndicator: true,
  displayEventTime: false, // the server says the times
  // The page scrolls, not the grid: a scroll of its own would lay all of it out once more at every step.
  scrollTimeReset: false,
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
  lazyFetching: false,
  eventSources: [{ events: load }, { id: "open-times", events: loadOpenTimes }],
  eventSourceFailure: () => say("failed"),
  eventDurationEditable: false,
  eventDidMount: dress,
  eventDrop({ event, revert }) {
    const start = toWall(event.start);
    revert();
    openChange(event.url, start);
  },
  selectable: true,
  selectMirror: false,
  unselectCancel: "[data-calendar-offer]",
  select: offerStretch,
  unselect: () => offer.hide(),
  datesSet: describe,
  eventDragStart: () => {
    pressing = true;
  },
  eventDragStop: () => {
    pressing = false;
  },
  loading(busy) {
    root.setAttribute("aria-busy", String(busy));
    if (!busy) showOnceDrawn();
  },
});
const offer = buildOffer(part("offer"), () => {
  calendar.unselect();
  month.unselect();
});

/** What the reader does themselves is a step that "back" leads back over. */
function take(step) {
  stepping = true;
  step();
  stepping = false;
}

/** The day that a change of view stays at: one the reader went to, else today, else the first of those shown. */
function dayInView() {
  const { activeStart, activeEnd } = calendar.view;
  const first = new Date(activeStart);
  // A work week is the middle of a week whose Sunday is hidden.
  if (span === "work-week" && !first.getUTCDay()) first.setUTCDate(first.getUTCDate() + 1);
  const isShown = (date) => date >= first && date < activeEnd;
  const [date, now] = [calendar.getDate(), clock.now()];
  if (isShown(date) && date > first) return date;
  return isShown(now) ? now : first;
}

function showDays(next, day) {
  span = next;
  calendar.batchRendering(() => {
    calendar.changeView(next);
    // By itself: FullCalendar 7 forgets a date that is given to changeView.
    calendar.gotoDate(day);
  });
  // A month draws what lies in it in another way than columns do.
  calendar.refetchEvents();
}

function showSpan(next) {
  const day = dayInView();
  if (next !== span) take(() => showDays(next, day));
}

const go = (where) => take(() => calendar[where]());

const keys = watchKeys(root, frame, {
  step: (direction) => go(direction > 0 ? "next" : "prev"),
  today: () => go("today"),
  show: showSpan,
  shown: () => span,
  help: part("help"),
});

const ways = {
  address(day) {
    const url = new URL(location.href);
    url.searchParams.set("date", day);
    return url.pathname + url.search;
  },
  go(day) {
    take(() => calendar.gotoDate(day));
    closeBoxes();
    document.getElementById("main-menu")?.hidePopover?.();
  },
};
const mini = buildMiniMonth([...document.querySelectorAll("[data-mini-month]")], ways);
const strip = buildDayStrip(part("days"), ways);

const boxes = [part("jump"), part("more")];
function closeBoxes(but) {
  for (const box of boxes) if (box !== but) box.open = false;
}

part("spans").addEventListener("change", ({ target }) => showSpan(target.value));
frame.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (button?.dataset.span) showSpan(button.dataset.span);
  else if (button?.dataset.go) go(button.dataset.go);
  else if (button?.hasAttribute("data-calendar-retry")) calendar.refetchEvents();
  else if (button?.hasAttribute("data-calendar-print")) print();
  else if (button?.hasAttribute("data-calendar-keys")) part("help").showModal();
  if (button && part("more").contains(button)) closeBoxes();
});
document.addEventListener("click", ({ target }) => closeBoxes(boxes.find((box) => box.contains(target))));
for (const box of boxes) {
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !box.open) return;
    event.stopPropagation();
    box.open = false;
    box.querySelector("summary").focus();
  });
}
part("jump").addEventListener("submit", (event) => {
  event.preventDefault();
  const { value } = part("jump-date");
  if (!value) return;
  take(() => calendar.gotoDate(value));
  part("jump").open = false;
  part("jump").querySelector("summary").focus();
});
root.addEventListener("pointerdown", () => {
  pressing = true;
});
for (const end of ["pointerup", "pointercancel"]) {
  window.addEventListener(end, () => {
    pressing = false;
  });
}
window.addEventListener("popstate", () => {
  if (span !== whereabouts.span()) showDays(whereabouts.span(), whereabouts.date());
  else if (toDay(calendar.getDate()) !== whereabouts.date()) calendar.gotoDate(whereabouts.date());
});

calendar.render();
