// Small behaviours every page shares. No framework; works without it too.

// Buttons lock against a double submit, and say that something goes on.
document.addEventListener("submit", (event) => {
  for (const button of event.target.querySelectorAll("button[type=submit], button:not([type])")) {
    setTimeout(() => { button.disabled = true; button.setAttribute("aria-busy", "true"); }, 0);
  }
});
window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("button[aria-busy]")) {
    button.disabled = false; button.removeAttribute("aria-busy");
  }
});

// Keys: `/` finds, `g` then a letter goes to a stage, `j` `k` move through a list, Enter opens.
const STAGES = { h: "/", o: "/orders/", i: "/inventory/", f: "/fulfillment/", s: "/shipments/", r: "/returns/", c: "/customers/", a: "/analytics/" };
let going = false;
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "Escape" && typing) { event.target.blur(); return; }
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (going) { going = false; if (STAGES[event.key]) location.href = STAGES[event.key]; return; }
  if (event.key === "/") { const find = document.querySelector("form.find input"); if (find) { event.preventDefault(); find.focus(); } }
  if (event.key === "g") { going = true; setTimeout(() => { going = false; }, 1200); }
  if (event.key === "j" || event.key === "k") step(event.key === "j" ? 1 : -1);
});
function step(by) {
  const links = [...document.querySelectorAll("a.main")];
  const at = links.indexOf(document.activeElement);
  const next = links[Math.max(0, Math.min(links.length - 1, at + by))];
  if (next) { next.focus(); next.scrollIntoView({ block: "nearest" }); }
}

// The menu on a phone.
document.querySelector(".menu")?.addEventListener("click", () => document.querySelector(".side")?.classList.toggle("open"));

// Scan pages: the field takes the focus back.
const scan = document.querySelector(".scan input[autofocus]");
if (scan) document.addEventListener("click", (event) => { if (!event.target.closest("a, button, input, select, summary")) scan.focus(); });
