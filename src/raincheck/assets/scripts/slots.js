/** Pages of times: the choice in the button's words, days to look at, and the two things only a script can tell. */

import { watchChoices, watchEndings } from "./slots/choice.js";
import { buildDayTabs } from "./slots/days.js";
import { offerZone, reportOpened } from "./slots/visit.js";

/** The button says what it will do, and the server is told that these words were on it. */
function watchChoice(form) {
  const button = form.querySelector("[data-submit]");
  const confirmed = form.querySelector("input[name=confirmed]");
  const reminder = form.querySelector("[data-choose-first]");
  const chosen = () => form.querySelector("input[name=start]:checked");
  const usual = button.dataset.busy;
  const show = () => {
    const choice = chosen();
    if (!choice) return;
    if (usual) button.dataset.busy = choice.dataset.busy ?? usual;
    button.textContent = choice.dataset.says ?? form.dataset.label.replace("{when}", choice.dataset.when);
    if (confirmed) confirmed.value = choice.value;
    if (reminder) reminder.hidden = true;
  };
  form.addEventListener("change", show);
  form.addEventListener("submit", (event) => {
    if (chosen()) return;
    event.preventDefault();
    if (reminder) reminder.hidden = false;
    [...form.querySelectorAll("input[name=start]")].find((radio) => radio.checkVisibility())?.focus();
  });
  // The browser's own reminder would point at a radio button that a tab may have put away.
  form.noValidate = true;
  show();
}

for (const form of document.querySelectorAll("form[data-slots]")) watchChoice(form);
for (const form of document.querySelectorAll("form[data-choose]")) watchChoices(form);
watchEndings();
for (const days of document.querySelectorAll("[data-days]")) buildDayTabs(days);
offerZone(document.querySelector("form[data-zone]"));
reportOpened(document.querySelector("form[data-opened]"));
