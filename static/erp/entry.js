// Order entry: suggestions under a field, lines that grow, a quote that follows.
const form = document.getElementById("entry");
const list = Object.assign(document.createElement("ul"), { className: "suggestions", hidden: true });
list.setAttribute("role", "listbox"); list.id = "suggestions";
form.append(list);
let field = null, asked = 0, timer = 0;

const requote = () => { clearTimeout(timer); timer = setTimeout(() => document.body.dispatchEvent(new Event("requote")), 150); };
const options = () => [...list.children];
const close = () => { list.hidden = true; field?.setAttribute("aria-expanded", "false"); };

async function suggest(input) {
  field = input;
  const mine = ++asked, text = input.value.trim();
  if (text.length < 2) { close(); return; }
  const answer = await fetch(`${input.dataset.suggest}?q=${encodeURIComponent(text)}`, { credentials: "same-origin" });
  if (mine !== asked || !answer.ok || document.activeElement !== input) return;
  list.innerHTML = await answer.text();
  if (!list.children.length) { close(); return; }
  input.after(list); list.hidden = false;
  input.setAttribute("aria-expanded", "true");
  choose(0);
}
function choose(index) {
  options().forEach((o, i) => o.setAttribute("aria-selected", i === index));
}
function pick(option) {
  for (const [name, value] of Object.entries(option.dataset)) {
    const target = name === "sku" ? field : form.elements[name];
    if (target) target.value = value;
  }
  if (option.dataset.customer) chosen(true);
  close(); asked += 1;
  if (option.dataset.sku) field.closest("tr").querySelector("[name=quantity]").select();
  else form.querySelector("[name=sku]")?.focus();
  requote();
}
// Who was chosen of the suggestions is the customer, whatever is typed then; until somebody says otherwise.
function chosen(is) {
  if (!is) form.elements.customer.value = "";
  document.getElementById("chosen").hidden = !is;
}
function nextLine(row) {
  let next = row.nextElementSibling;
  if (!next) {
    next = document.getElementById("entry-line").content.firstElementChild.cloneNode(true);
    row.after(next);
  }
  next.querySelector("[name=sku]").focus();
}
for (const input of form.querySelectorAll("[data-suggest]")) { input.setAttribute("role", "combobox"); input.setAttribute("aria-expanded", "false"); input.setAttribute("aria-controls", "suggestions"); }

form.addEventListener("input", (event) => {
  if (event.target.dataset.suggest) suggest(event.target); 
  requote();
});
form.addEventListener("change", requote);
form.addEventListener("focusout", () => setTimeout(() => { if (document.activeElement !== field) close(); }, 150));
list.addEventListener("mousedown", (event) => { const option = event.target.closest("[role=option]"); if (option) { event.preventDefault(); pick(option); } });
form.addEventListener("click", (event) => {
  if (event.target.closest("[data-unchoose]")) { chosen(false); requote(); return; }
  const button = event.target.closest("[data-remove]");
  if (!button) return;
  const row = button.closest("tr");
  if (form.querySelectorAll(".entry-lines tbody tr").length > 1) row.remove(); else row.querySelector("[name=sku]").value = "";
  requote();
});
form.addEventListener("keydown", (event) => {
  const all = list.hidden ? [] : options();
  const at = all.findIndex((o) => o.getAttribute("aria-selected") === "true");
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); form.requestSubmit(); return; }
  if (all.length && event.key === "ArrowDown") { event.preventDefault(); choose(Math.min(all.length - 1, at + 1)); }
  if (all.length && event.key === "ArrowUp") { event.preventDefault(); choose(Math.max(0, at - 1)); }
  if (all.length && event.key === "Escape") { event.preventDefault(); close(); }
  if (event.key === "Enter" && event.target.matches("input")) {
    event.preventDefault();
    if (all.length && at >= 0) { pick(all[at]); return; }
    if (event.target.name === "sku" && event.target.value.trim()) { event.target.closest("tr").querySelector("[name=quantity]").select(); return; }
    if (event.target.name === "quantity") { nextLine(event.target.closest("tr")); return; }
    const fields = [...form.querySelectorAll("input:not([type=hidden]), select")];
    fields[fields.indexOf(event.target) + 1]?.focus();
  }
});

// A pasted address fills the fields; provinces offer their cities, cities their districts.
const paste = document.getElementById("paste"), hint = document.getElementById("paste-hint");
let pasting = 0;
paste?.addEventListener("input", () => { clearTimeout(pasting); pasting = setTimeout(readPasted, 250); });
async function readPasted() {
  if (paste.value.trim().length < 6) { hint.textContent = ""; return; }
  const body = new FormData();
  body.set("text", paste.value); body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  const answer = await fetch(paste.dataset.paste, { method: "POST", body, credentials: "same-origin" });
  if (!answer.ok) return;
  const { fields, hint: words } = await answer.json();
  for (const [name, value] of Object.entries(fields)) if (form.elements[name]) form.elements[name].value = value;
  hint.textContent = words;
  cascade(); requote();
}
async function offer(id, query) {
  const answer = await fetch(`/orders/new/divisions/?${new URLSearchParams(query)}`, { credentials: "same-origin" });
  if (!answer.ok) return;
  const { names } = await answer.json();
  document.getElementById(id).replaceChildren(...names.map((name) => Object.assign(document.createElement("option"), { value: name })));
}
function cascade() {
  const { region, city, line1, country } = form.elements;
  const chinese = country.value.trim().toUpperCase() === "CN";
  for (const [input, id] of [[region, "regions"], [city, "cities"], [line1, "districts"]]) {
    if (chinese) input.setAttribute("list", id); else input.removeAttribute("list");
  }
  if (!chinese) return;
  if (!document.getElementById("regions").children.length) offer("regions", {});
  if (region.value) offer("cities", { region: region.value });
  if (region.value && city.value) offer("districts", { region: region.value, city: city.value });
}
for (const name of ["region", "city", "country"]) form.elements[name].addEventListener("change", cascade);
cascade();
