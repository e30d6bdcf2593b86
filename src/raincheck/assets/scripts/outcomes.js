/** Keys for "What happened?": a number presses the answer it stands beside, while the focus is where the question stands. */

const PLACES = "#details, li, tr, [data-outcomes]";
const TYPING = "input, select, textarea, [contenteditable], [role=menu], dialog";

export function watchOutcomes() {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.target.closest?.(TYPING) || document.querySelector("dialog[open], [role=menu][data-open]")) return;
    const answer = event.target.closest?.(PLACES)?.querySelector(`[data-outcomes] [data-key="${CSS.escape(event.key)}"]`);
    if (!answer) return;
    event.preventDefault();
    answer.click();
  });
}
