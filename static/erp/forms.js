// Forms: buttons lock against a double submit; a page that is being edited warns before it is left.
document.addEventListener("submit", (event) => {
  if (event.target.matches("[method=dialog]")) return;
  const button = event.submitter;
  setTimeout(() => {
    for (const each of event.target.querySelectorAll("button[type=submit], button:not([type])")) { each.disabled = true; }
    button?.setAttribute("aria-busy", "true");
  }, 0);
  event.target.dataset.sent = "1";
});
function unlock(root) {
  for (const button of root.querySelectorAll("button[disabled]:not([data-off])")) { button.disabled = false; button.removeAttribute("aria-busy"); }
}
window.addEventListener("pageshow", (event) => { if (event.persisted) unlock(document); });
document.addEventListener("htmx:afterRequest", () => unlock(document));
window.addEventListener("beforeunload", (event) => {
  const changed = [...document.querySelectorAll("form[data-warn]")].some((form) => !form.dataset.sent && [...form.elements].some((f) => f.defaultValue !== undefined && f.type !== "hidden" && f.value !== f.defaultValue));
  if (changed) event.preventDefault();
});
