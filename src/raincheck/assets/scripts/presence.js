/**
 * Automatic sign-out: a calm question a minute before, and what was typed is kept when nobody answers.
 *
 * The server reckons the time, since tabs and devices share it; here only the next look at it is planned.
 */

import { forgetUnsent, unsentForms } from "./unsaved.js";

const QUESTION = 60; // seconds before the end
// A little more than a minute: the server writes a sign down at most once in one.
const BEAT = 61_000;
const AGAIN = 5_000;
const LONGEST = 3600; // seconds; timers of weeks would overflow
const SIGNS = ["pointerdown", "pointermove", "keydown", "input", "wheel", "touchstart"];
const SECRET = "[type=password], [autocomplete=one-time-code]";

/** @type {HTMLDialogElement} */
let dialog;
let timer, nextBeat, beaten;

const headers = () => JSON.parse(document.body.getAttribute("hx-headers"));

/** The page was made for somebody; when they signed in anew in another tab, its forms need the new token. */
function renew(token) {
  for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = token;
  document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
}

async function look() {
  try {
    const answer = await fetch(dialog.dataset.timeLeft, { headers: { Accept: "application/json" } });
    const { left, who, token } = await answer.json();
    if (left > 0 && who !== dialog.dataset.who) location.replace(location.href);
    else if (left > 0) renew(token);
    plan(left);
  } catch {
    // Without an answer nobody can be sure who is there: the time goes on, and so does asking.
    timer = setTimeout(look, AGAIN);
  }
}

/** @param {number} left seconds until the session ends */
function plan(left) {
  clearTimeout(timer);
  if (left <= 0) {
    end();
  } else if (left <= QUESTION) {
    if (!dialog.open) dialog.showModal();
    timer = setTimeout(look, left * 1000);
  } else {
    dialog.close();
    // What was written down last may be a minute older than what was done last, so there is time to look once more.
    const until = left > 2 * QUESTION ? left - 2 * QUESTION : left - QUESTION;
    timer = setTimeout(look, Math.min(until, LONGEST) * 1000);
  }
}

async function beat() {
  clearTimeout(nextBeat);
  nextBeat = undefined;
  beaten = Date.now();
  await fetch(dialog.dataset.here, { method: "POST", headers: headers() }).catch(() => undefined);
}

function notice() {
  if (dialog.open || nextBeat) return;
  nextBeat = setTimeout(beat, Math.max(0, beaten + BEAT - Date.now()));
}

async function stay() {
  dialog.close();
  await beat();
  look();
}

/** @param {HTMLFormElement} form */
function typed(form) {
  const fields = [];
  const files = [];
  const secret = new Set(Array.from(form.querySelectorAll(SECRET), (field) => field.name));
  for (const [name, value] of new FormData(form)) {
    if (value instanceof File) value.name && files.push(name);
    else if (!secret.has(name)) fields.push([name, value]);
  }
  return { action: form.action, fields, files };
}

async function end() {
  dialog.classList.add("over");
  if (!dialog.open) dialog.showModal();
  const body = new FormData();
  body.set("page", location.href);
  body.set("forms", JSON.stringify(unsentForms().map(typed)));
  try {
    const answer = await fetch(dialog.dataset.keep, { method: "POST", headers: headers(), body });
    const { left, to } = await answer.json();
    if (to) {
      forgetUnsent();
      location.replace(to);
      return;
    }
    dialog.classList.remove("over");
    plan(left);
  } catch {
    // Nothing shows meanwhile, and nothing is lost: it stands on the page until the server has it.
    dialog.querySelector("[data-not-kept]").hidden = false;
    timer = setTimeout(end, AGAIN);
  }
}

export function watchPresence() {
  dialog = document.querySelector("[data-signing-out]");
  if (!dialog) return;
  beaten = Date.now();
  plan(Number(dialog.dataset.left));
  for (const sign of SIGNS) addEventListener(sign, notice, { passive: true, capture: true });
  dialog.querySelector("button").addEventListener("click", stay);
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    stay();
  });
  // A machine that slept, or a page from the browser's memory: its timers stood still.
  addEventListener("pageshow", ({ persisted }) => persisted && look());
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && look());
}
