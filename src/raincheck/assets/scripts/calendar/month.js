/** The month, drawn by ourselves: only what a day has room for is made, in one go and without measuring; the rest when it is asked for. */

import { followDrags } from "./month_drags.js";
import { dayHead, dayNumber, element, eventClass, eventWords } from "./looks.js";
import { opensBeside } from "./feed.js";

const ROOM = 4;
/** So many events a day shows before the rest is behind "+2 more". */
const WEEK = 7;
const DAY = 24 * 3600_000;
const toDay = (time) => new Date(time).toISOString().slice(0, 10);
const lang = document.documentElement.lang;
const weekday = new Intl.DateTimeFormat(lang, { weekday: "short", timeZone: "UTC" });
const narrow = new Intl.DateTimeFormat(lang, { weekday: "narrow", timeZone: "UTC" });
const titled = new Intl.DateTimeFormat(lang, { weekday: "long", month: "long", day: "numeric", timeZone: "UTC" });

/** By their start, of equals the longer first: whole days stand above the hours of their first day. */
function inOrder(one, other) {
  if (one.start !== other.start) return one.start < other.start ? -1 : 1;
  if (one.end !== other.end) return one.end > other.end ? -1 : 1;
  return one.title < other.title ? -1 : 1;
}

/** The last day of an event: one that ends at midnight has no part of the day that begins then. */
function lastDay({ start, end }) {
  const isMidnight = end.length === 10 || end.endsWith("T00:00:00");
  const last = isMidnight ? toDay(Date.parse(`${end.slice(0, 10)}T00:00Z`) - DAY) : end.slice(0, 10);
  return last > start.slice(0, 10) ? last : start.slice(0, 10);
}

/**
 * Lays the events into weeks of seven days. Each of a week's days has lanes, as [event, days, isStart, isEnd] where an event
 * begins and null where it goes on, and all that is in it.
 */
export function layOut(first, weeks, events) {
  const days = Array.from({ length: weeks * WEEK }, (_, at) => ({ day: toDay(first + at * DAY), lanes: [], all: [] }));
  const numbers = new Map(days.map(({ day }, at) => [day, at]));
  for (const event of [...events].sort(inOrder)) {
    const [starts, ends] = [event.start.slice(0, 10), lastDay(event)];
    if (ends < days[0].day || starts > days.at(-1).day) continue;
    const [from, to] = [numbers.get(starts) ?? 0, numbers.get(ends) ?? days.length - 1];
    for (let at = from; at <= to; at += WEEK - (at % WEEK)) {
      const until = Math.min(to, at - (at % WEEK) + WEEK - 1);
      const over = days.slice(at, until + 1);
      let lane = 0;
      while (over.some(({ lanes }) => lanes[lane] !== undefined)) lane += 1;
      for (const one of over) {
        one.lanes[lane] = null;
        one.all.push(event);
      }
      over[0].lanes[lane] = [event, over.length, days[at].day === starts, days[until].day === ends];
    }
  }
  return days;
}

/**
 * @param {DOMStringMap} words of the page
 * @param {{onDrawn: () => void, onChoose: (stretch: object) => void, onLeave: () => void, onMove: (event: object, day: string) => void}} reader
 *   chooses empty days, leaves them again, and drags an appointment to another day
 */
export function buildMonth(words, { onDrawn, onChoose, onLeave, onMove }) {
  const table = element("table", "", "calendar-month");
  const node = element("div", "", "calendar-month-frame");
  node.append(table);
  let shown = null;
  let now = "";
  let byDay = new Map();
  let popover = null;

  function drawEvent(event, isStart = true, isEnd = true) {
    const [isPast, isFuture] = [event.end <= now, event.start > now];
    const info = { event: { title: event.title, url: event.url, extendedProps: { ...event, inMonth: true, opensBeside: opensBeside(event) } } };
    const made = document.createElement(event.url ? "a" : "div");
    made.className = `${eventClass({ ...info, isPast, isFuture, isStart, isEnd })} in-row`;
    if (event.url) made.href = event.url;
    if (opensBeside(event)) {
      made.title = event.label;
      made.dataset.ref = event.id;
      if (isFuture && event.kind !== "canceled") made.dataset.movable = "";
    }
    const inner = element("span", "", "event-inner");
    inner.append(...eventWords(info).domNodes);
    made.append(inner);
    return made;
  }

  function drawDay({ day, lanes, all }, month, today) {
    const cell = element("td", "", `day${day === today ? " today" : ""}${day.slice(0, 7) === month ? "" : " other-month"}`);
    cell.dataset.day = day;
    const number = element("div", "", "day-number");
    number.append(...dayNumber({ date: new Date(`${day}T00:00Z`), text: String(Number(day.slice(8))) }).domNodes);
    cell.append(number);
    for (const lane of lanes.slice(0, ROOM)) {
      if (!lane) {
        cell.append(element("div", "", "event-room"));
        continue;
      }
      const [event, days, isStart, isEnd] = lane;
      const made = drawEvent(event, isStart, isEnd);
      if (days > 1) {
        made.classList.add("over-days");
        made.style.setProperty("--days", String(days));
      }
      cell.append(made);
    }
    const hidden = lanes.slice(ROOM).filter((lane) => lane !== undefined).length;
    if (hidden) {
      const more = element("button", "", "more-link");
      more.append(element("span", `+${hidden}`, "more-number"), element("span", words.more.replace("{n}", String(hidden)), "more-words"));
      more.type = "button";
      more.setAttribute("aria-label", words.moreHint.replace("{n}", String(hidden)));
      more.setAttribute("aria-haspopup", "dialog");
      cell.append(more);
    }
    byDay.set(day, all);
    return cell;
  }

  function head(first) {
    const row = element("tr", "", "line");
    for (let at = 0; at < WEEK; at += 1) {
      const date = new Date(first + at * DAY);
      const th = element("th", "", "day-head");
      const inner = element("div", "", "day-head-inner");
      th.scope = "col";
      inner.append(...dayHead({ date, weekdayText: weekday.format(date) }).domNodes);
      const letter = element("span", narrow.format(date), "weekday-letter");
      letter.setAttribute("aria-hidden", "true");
      inner.append(letter);
      th.append(inner);
      row.append(th);
    }
    const made = document.createElement("thead");
    made.append(row);
    return made;
  }

  /** @param {{start: Date, end: Date}} month its first day and the one after its last @param {string} present now, as a wall time */
  function draw({ start, end }, answer, present) {
    const month = toDay(start).slice(0, 7);
    if (shown?.month === month && shown.answer === answer && shown.minute === present.slice(0, 16)) return;
    shown = { month, answer, minute: present.slice(0, 16) };
    now = present;
    byDay = new Map();
    const first = start.getTime() - start.getUTCDay() * DAY;
    const weeks = Math.ceil((end.getTime() - first) / DAY / WEEK);
    const days = layOut(first, weeks, answer.events);
    const body = document.createElement("tbody");
    for (let at = 0; at < days.length; at += WEEK) {
      const row = element("tr", "", "line week");
      row.append(...days.slice(at, at + WEEK).map((one) => drawDay(one, month, present.slice(0, 10))));
      body.append(row);
    }
    const open = popover?.dataset.day;
    close();
    table.replaceChildren(head(first), body);
    // What others did meanwhile takes nobody's list away.
    if (open && byDay.has(open)) show(open);
    onDrawn();
  }

  function close() {
    popover?.remove();
    popover = null;
  }

  function show(day) {
    close();
    const cell = table.querySelector(`[data-day="${day}"]`);
    popover = element("div", "", "calendar-popover");
    popover.dataset.day = day;
    popover.tabIndex = -1;
    popover.setAttribute("role", "dialog");
    const title = element("b", titled.format(new Date(`${day}T00:00Z`)));
    popover.setAttribute("aria-label", title.textContent);
    const shut = element("button", "✕", "calendar-popover-close");
    shut.type = "button";
    shut.setAttribute("aria-label", words.close);
    const bar = element("div", "", "calendar-popover-head");
    bar.append(title, shut);
    popover.append(bar, ...byDay.get(day).map((event) => drawEvent(event, event.start.slice(0, 10) === day, lastDay(event) === day)));
    node.append(popover);
    popover.style.top = `${cell.offsetTop}px`;
    popover.style.left = `${Math.max(0, Math.min(cell.offsetLeft, node.clientWidth - popover.offsetWidth))}px`;
  }

  function leavePopover() {
    const more = table.querySelector(`[data-day="${popover.dataset.day}"] .more-link`);
    close();
    more?.focus({ preventScroll: true });
  }

  node.addEventListener("click", ({ target }) => {
    if (target.closest(".calendar-popover-close")) leavePopover();
    if (!target.closest(".more-link")) return;
    show(target.closest("[data-day]").dataset.day);
    popover.focus({ preventScroll: true });
    popover.scrollIntoView({ block: "nearest" });
    onDrawn();
  });
  node.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !popover?.contains(event.target)) return;
    event.preventDefault();
    leavePopover();
  });
  document.addEventListener("pointerdown", ({ target }) => {
    if (popover && !popover.contains(target) && !target.closest("#details")) close();
  });

  const events = () => shown?.answer.events ?? [];
  const unselect = followDrags(node, {
    onChoose,
    onLeave,
    onMove: (ref, day) => onMove(events().find(({ id }) => id === ref), day),
  });

  return { node, draw, unselect };
}
