// The command palette: what the page offers (its own buttons, so the same rights), places, and things found.
const palette = document.getElementById("palette");
const input = document.getElementById("palette-input");
const here = document.getElementById("palette-here");

export function openPalette() {
  if (!palette || palette.open) return;
  palette.showModal();
  input.value = "";
  offer("");
  input.dispatchEvent(new Event("palette-open"));
  input.focus();
}

function offer(text) {
  const wanted = text.trim().toLowerCase();
  here.replaceChildren();
  const seen = new Set();
  for (const element of document.querySelectorAll("[data-command]")) {
    const name = element.dataset.command;
    if (seen.has(name) || element.closest("[hidden]") || !fits(name.toLowerCase(), wanted)) continue;
    seen.add(name);
    const option = document.createElement("li");
    option.role = "option"; option.tabIndex = -1;
    option.append(Object.assign(document.createElement("span"), { textContent: name }));
    if (element.dataset.key) option.append(Object.assign(document.createElement("kbd"), { textContent: element.dataset.key }));
    option.run = () => { palette.close(); run(element); };
    here.append(option);
  }
  choose(0);
}
function run(element) {
  if (element.nodeName === "SUMMARY") {
    element.parentElement.open = true;
    element.parentElement.querySelector("input:not([type=hidden]), select, textarea, button")?.focus();
  } else element.click();
}
// The letters in their order: "rp" finds "Record payment".
function fits(name, wanted) {
  let at = -1;
  return [...wanted].every((letter) => letter === " " || (at = name.indexOf(letter, at + 1)) >= 0);
}
const options = () => [...palette.querySelectorAll("[role=option]")];
function choose(index) {
  const all = options();
  all.forEach((o, i) => o.setAttribute("aria-selected", i === index));
  all[index]?.scrollIntoView({ block: "nearest" });
}
if (palette) {
  input.addEventListener("input", () => offer(input.value));
  document.addEventListener("htmx:afterSwap", (event) => { if (event.detail.target?.id === "palette-results") choose(0); });
  input.addEventListener("keydown", (event) => {
    const all = options();
    const at = all.findIndex((o) => o.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown") { event.preventDefault(); choose(Math.min(all.length - 1, at + 1)); }
    if (event.key === "ArrowUp") { event.preventDefault(); choose(Math.max(0, at - 1)); }
    if (event.key === "Enter") { event.preventDefault(); pick(all[at]); }
  });
  palette.addEventListener("click", (event) => pick(event.target.closest("[role=option]")));
}
function pick(option) {
  if (!option) { if (input.value.trim()) location.href = `/search/?q=${encodeURIComponent(input.value)}`; return; }
  if (option.run) option.run(); else location.href = option.dataset.url;
}
