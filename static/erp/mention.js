// Comments: @ offers colleagues. Edits in place: taking the other's value.
const text = document.querySelector("[data-mention]");
const list = document.getElementById("mention-list");
if (text && list) {
  const all = [...list.children];
  const word = () => /(^|\s)@([\w.+-]*)$/.exec(text.value.slice(0, text.selectionStart))?.[2];
  const shown = () => all.filter((li) => !li.hidden);
  const choose = (index) => all.forEach((li) => li.setAttribute("aria-selected", li === shown()[index]));
  text.addEventListener("input", () => {
    const wanted = word()?.toLowerCase();
    for (const li of all) li.hidden = wanted === undefined || !li.textContent.toLowerCase().includes(wanted);
    list.hidden = !shown().length;
    choose(0);
  });
  const pick = (li) => {
    const at = text.selectionStart - word().length;
    text.setRangeText(`${li.dataset.username} `, at, text.selectionStart, "end");
    list.hidden = true; text.focus();
  };
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); text.form.requestSubmit(); return; }
    if (list.hidden) return;
    const at = shown().findIndex((li) => li.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown") { event.preventDefault(); choose(Math.min(shown().length - 1, at + 1)); }
    if (event.key === "ArrowUp") { event.preventDefault(); choose(Math.max(0, at - 1)); }
    if (event.key === "Enter" || event.key === "Tab") { event.preventDefault(); pick(shown()[Math.max(0, at)]); }
    if (event.key === "Escape") { list.hidden = true; }
  });
  list.addEventListener("mousedown", (event) => { const li = event.target.closest("[role=option]"); if (li) { event.preventDefault(); pick(li); } });
}
document.addEventListener("click", (event) => {
  const take = event.target.closest("[data-take]");
  if (take) { const into = document.getElementById(take.dataset.into); into.value = take.dataset.take; into.focus(); take.closest(".clash").remove(); }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target.closest("form.edit")) { event.stopPropagation(); event.target.closest("form").querySelector("[data-cancel]").click(); }
}, true);
