// Keys, and barcodes scanned anywhere.
import { openPalette } from "./palette.js";

const PLACES = { h: "/", o: "/orders/", i: "/inventory/", f: "/fulfillment/", s: "/shipments/", r: "/returns/", c: "/customers/", a: "/analytics/" };
const isTyping = (target) => target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]");
const areOn = () => document.documentElement.dataset.shortcuts !== "off";
let going = 0;

// A scanner types faster than hands do and ends with Enter; every code has digits.
// Its pace is judged over the whole code: a busy machine may stall between any two keys.
const SCANNED_AT_LEAST = 6, PAUSE_MS = 300, PACE_MS = 60, DIGITS = /\d.*\d.*\d/;
let burst = "", first = 0, last = 0;
function scanned(event) {
  if (event.timeStamp - last > PAUSE_MS) burst = "";
  if (!burst) first = event.timeStamp;
  last = event.timeStamp;
  if (event.key === "Enter") {
    const code = burst; burst = "";
    if (last - first > PACE_MS * code.length) return false;
    if (code.length >= SCANNED_AT_LEAST && DIGITS.test(code)) { event.preventDefault(); location.href = `/search/?q=${encodeURIComponent(code)}`; return true; }
  } else if (event.key.length === 1) burst += event.key;
  return DIGITS.test(burst);
}

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") { event.preventDefault(); openPalette(); return; }
  if (event.key === "Escape") {
    const open = event.target.closest?.("details.more[open]");
    if (open) { open.open = false; open.querySelector("summary").focus(); return; }
    if (isTyping(event.target) && !event.target.closest("dialog")) event.target.blur();
    return;
  }
  if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (scanned(event)) return;
  if (!areOn()) return;
  if (going) { clearTimeout(going); going = 0; if (PLACES[event.key]) location.href = PLACES[event.key]; return; }
  const act = {
    "/": () => document.querySelector("form.find input")?.focus(),
    "?": () => document.getElementById("help")?.showModal(),
    g: () => { going = setTimeout(() => { going = 0; }, 1200); },
    n: () => { location.href = "/orders/new/"; },
    e: () => document.querySelector("[data-key=e]")?.click(),
    m: () => document.getElementById("comment-text")?.focus(),
    "[": () => walk(-1), "]": () => walk(1),
  }[event.key];
  if (act) { event.preventDefault(); act(); }
});

// Through the list that one came from, from order to order.
function walk(by) {
  const links = JSON.parse(sessionStorage.getItem("list") ?? "[]");
  const at = links.indexOf(location.pathname);
  if (at >= 0 && links[at + by]) location.href = links[at + by];
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset.open);
    if (dialog?.id === "palette") openPalette(); else openDialog(dialog);
  }
  if (event.target.closest("[data-close]")) event.target.closest("dialog").close();
  if (event.target.nodeName === "DIALOG") event.target.close();  // its backdrop
  for (const open of document.querySelectorAll("details.more[open]")) if (!open.contains(event.target)) open.open = false;
});
function openDialog(dialog) {
  for (const field of dialog.querySelectorAll("[disabled]")) field.disabled = false;
  dialog.showModal();
  dialog.querySelector("input:not([type=hidden]), select, textarea")?.focus();
  dialog.addEventListener("close", () => {
    if (dialog.closest("form")) for (const field of dialog.querySelectorAll("input, select")) field.disabled = true;
  }, { once: true });
}
// Enter in a dialog within a larger form means the dialog's own button.
document.addEventListener("keydown", (event) => {
  const dialog = event.target.closest?.("form dialog[open]");
  if (dialog && event.key === "Enter" && event.target.matches("input, select")) {
    event.preventDefault();
    if ([...dialog.querySelectorAll("input, select")].every((f) => f.reportValidity())) dialog.querySelector("button[name=verb]")?.click();
  }
});

document.querySelector(".menu")?.addEventListener("click", () => document.querySelector(".side")?.classList.toggle("open"));

// Scan pages: the field takes the focus back, after every scan too, and a refusal can be heard.
const scanField = () => document.querySelector(".scan input[autofocus]");
if (scanField()) {
  document.addEventListener("click", (event) => { if (!event.target.closest("a, button, input, select, summary, dialog")) scanField()?.focus(); });
  document.addEventListener("htmx:afterSwap", () => {
    scanField()?.focus();
    if (document.querySelector(".scan .said.bad")) tone();
  });
}
function tone() {
  const audio = new AudioContext(), sound = audio.createOscillator(), volume = audio.createGain();
  sound.frequency.value = 220; volume.gain.value = 0.2;
  sound.connect(volume).connect(audio.destination);
  sound.start(); sound.stop(audio.currentTime + 0.18);
  sound.onended = () => audio.close();
}

// A choice that shows another page at once.
document.addEventListener("change", (event) => { if (event.target.matches("select[data-submit]")) event.target.form.requestSubmit(); });
