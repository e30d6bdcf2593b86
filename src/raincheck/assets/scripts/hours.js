/** Rows of hours while they are typed: hours past midnight ask whether the night is meant, and no ticked place reads "every place". */

/** Says "8 AM" of 08:00, as the server does. @param {string} time */
function clock(time) {
  const [hour, minute] = time.split(":");
  return `${hour % 12 || 12}${minute === "00" ? "" : `:${minute}`} ${hour < 12 ? "AM" : "PM"}`;
}

/** @param {HTMLElement} row */
function askAboutNight(row) {
  const [from, until] = [...row.querySelectorAll("input[type=time]")].map((field) => field.value);
  const question = row.querySelector("[data-night]");
  const tick = question.querySelector("input");
  // Hours until 00:00 end with their day and belong to no other.
  const overnight = Boolean(from && until) && until <= from && until !== "00:00";
  const times = `${from}-${until}`;
  // A tick holds for the times it was given for.
  if (tick.value !== times) tick.checked = false;
  tick.value = times;
  tick.disabled = question.hidden = !overnight;
  question.querySelector("span").textContent = overnight ? question.dataset.night.replace("{until}", clock(until)) : "";
}

/** @param {HTMLElement} row */
function namePlaces(row) {
  const every = row.querySelector("[data-every-place]");
  if (every) every.hidden = row.querySelector("[name$='-place']:checked") !== null;
}

export function watchHours() {
  document.getElementById("hours-form")?.addEventListener("input", ({ target }) => {
    const row = target.closest(".hours");
    if (!row) return;
    if (target.type === "time") askAboutNight(row);
    namePlaces(row);
  });
}
