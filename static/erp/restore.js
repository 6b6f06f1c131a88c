// What was typed survives a lost session: it is kept while it is sent, and put back after signing in again.
import { say } from "./say.js";
const NAME = `sent:${location.pathname}`;
const texts = document.getElementById("say")?.dataset ?? {};
const isKept = (field) => field.name && field.name !== "csrfmiddlewaretoken" && !["password", "file", "submit"].includes(field.type);

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  const fields = [...form.elements].filter(isKept).map((f) => [f.name, f.value, Boolean(f.checked)]);
  try { sessionStorage.setItem(NAME, JSON.stringify({ action: form.getAttribute("action") ?? "", fields })); } catch { /* too long: it is sent all the same */ }
});

// Nothing that was sent is kept longer than until the next page of ours: what went well, or was somebody else's, never comes back.
const isSigningIn = location.pathname.startsWith("/accounts/");
const kept = isSigningIn ? null : sessionStorage.getItem(NAME);
if (!isSigningIn) {
  for (const key of Object.keys(sessionStorage)) { if (key.startsWith("sent:")) sessionStorage.removeItem(key); }
}
if (kept && new URL(document.referrer || location.href).pathname.startsWith("/accounts/login/")) {
  const { action, fields } = JSON.parse(kept);
  const form = [...document.forms].find((each) => each.method === "post" && (each.getAttribute("action") ?? "") === action);
  const empty = [...(form?.elements ?? [])].filter(isKept);
  for (const [name, value, checked] of fields) {
    const at = empty.findIndex((field) => field.name === name);
    if (at < 0) continue;
    const [field] = empty.splice(at, 1);
    if (["checkbox", "radio"].includes(field.type)) { if (field.value === value) field.checked = checked; } else field.value = value;
  }
  if (form) {
    form.closest("dialog")?.showModal?.();
    say(texts.restored);
  }
}
