// Toasts, and honest answers to requests that are slow, fail, or find the server gone.
const texts = document.getElementById("say")?.dataset ?? {};
const toasts = document.getElementById("toasts");

export function say(text, tone = "success") {
  if (!toasts) return;
  const toast = document.createElement("div");
  toast.className = `toast ${tone}`;
  if (tone === "error") toast.setAttribute("role", "alert");
  toast.append(Object.assign(document.createElement("span"), { textContent: text }));
  toasts.append(toast);
  keep(toast);
}

// A toast stays ten seconds, longer while it is pointed at; an error stays until it is closed.
function keep(toast) {
  const close = document.createElement("button");
  close.type = "button"; close.className = "plain"; close.textContent = "×";
  close.setAttribute("aria-label", texts.close ?? "Close");
  close.addEventListener("click", () => toast.remove());
  toast.append(close);
  if (toast.classList.contains("error")) return;
  let timer = 0;
  const start = () => { timer = setTimeout(() => toast.remove(), 10000); };
  toast.addEventListener("pointerenter", () => clearTimeout(timer));
  toast.addEventListener("pointerleave", start);
  start();
}
for (const toast of toasts?.children ?? []) keep(toast);

let waiting = 0;
const slow = new Map();
document.addEventListener("htmx:beforeRequest", (event) => {
  waiting += 1;
  slow.set(event.detail.xhr, setTimeout(() => {
    document.documentElement.classList.add("is-slow");
    event.detail.target?.setAttribute("aria-busy", "true");
  }, 300));
});
document.addEventListener("htmx:afterRequest", (event) => {
  waiting -= 1;
  clearTimeout(slow.get(event.detail.xhr)); slow.delete(event.detail.xhr);
  event.detail.target?.removeAttribute("aria-busy");
  if (!waiting) document.documentElement.classList.remove("is-slow");
  // A redirect to the sign-in page means that the session ended.
  if (event.detail.xhr?.responseURL?.includes("/accounts/login/")) say(texts.signedOut, "error");
});
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr?.responseURL?.includes("/accounts/login/")) event.detail.shouldSwap = false;
});
// A request that going to another page cut off is no failure.
let leaving = false;
window.addEventListener("beforeunload", () => { leaving = true; setTimeout(() => { leaving = false; }, 2000); });
const quietly = (event) => leaving || event.detail.elt?.closest("[data-quietly]");
document.addEventListener("htmx:responseError", (event) => { if (!quietly(event)) say(texts.failed, "error"); });
for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, (event) => { if (!quietly(event)) say(texts.offline, "error"); });
}
document.addEventListener("htmx:afterSwap", (event) => {
  const first = event.detail.target?.querySelector?.("[aria-invalid=true], [data-focus]");
  first?.focus();
});
