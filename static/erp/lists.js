// Lists: move with j and k, select with x and shift, act on what is selected.
const form = document.getElementById("bulk");
const links = [...document.querySelectorAll("#bulk a.main")];
if (links.length) sessionStorage.setItem("list", JSON.stringify(links.map((a) => a.getAttribute("href"))));

if (form) {
  const bar = document.getElementById("bulk-bar");
  const boxes = [...form.querySelectorAll("input[name=row]")];
  const every = document.getElementById("tick-all");
  const all = form.elements.all;
  const matching = document.getElementById("bulk-all");
  const everything = document.getElementById("bulk-everything");
  let anchor = -1;

  const refresh = () => {
    const ticked = boxes.filter((b) => b.checked);
    for (const box of boxes) box.closest("tr").classList.toggle("is-selected", box.checked);
    if (!bar) return;
    bar.hidden = !ticked.length;
    document.getElementById("bulk-count").textContent = ticked.length;
    if (ticked.length < boxes.length) all.value = "";
    if (matching) matching.hidden = ticked.length < boxes.length || all.value === "1";
    if (everything) everything.hidden = all.value !== "1";
    if (every) { every.checked = ticked.length === boxes.length && boxes.length > 0; every.indeterminate = ticked.length > 0 && !every.checked; }
  };
  const tick = (index, state, range) => {
    const [from, to] = range && anchor >= 0 ? [Math.min(anchor, index), Math.max(anchor, index)] : [index, index];
    for (let i = from; i <= to; i += 1) boxes[i].checked = state;
    anchor = index;
    refresh();
  };
  boxes.forEach((box, index) => box.addEventListener("click", (event) => tick(index, box.checked, event.shiftKey)));
  every?.addEventListener("change", () => { for (const box of boxes) box.checked = every.checked; refresh(); });
  matching?.addEventListener("click", () => { all.value = "1"; refresh(); });
  document.getElementById("bulk-none")?.addEventListener("click", () => { for (const box of boxes) box.checked = false; all.value = ""; refresh(); });
  window.addEventListener("pageshow", refresh);

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.documentElement.dataset.shortcuts === "off" || document.querySelector("dialog[open]")) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select")) return;
    const at = links.indexOf(document.activeElement.closest?.("tr")?.querySelector("a.main") ?? null);
    if (event.key === "j" || event.key === "k") {
      const next = links[Math.max(0, Math.min(links.length - 1, at + (event.key === "j" ? 1 : -1)))];
      next?.focus(); next?.scrollIntoView({ block: "nearest" });
    }
    if ((event.key === "x" || event.key === "X") && at >= 0 && boxes[at]) tick(at, event.shiftKey ? true : !boxes[at].checked, event.shiftKey);
    if (event.key === "b") bar?.querySelector("button:not([hidden])")?.focus();
  });
}
