"use strict";
for (const t of document.querySelectorAll("time[datetime]")) {
  const s = document.createElement("span");
  s.textContent = " (" + new Date(t.dateTime).toLocaleString([], {dateStyle: "medium", timeStyle: "short"}) + " here)";
  t.append(s);
}
for (const f of document.querySelectorAll("form[method=post]")) {
  f.addEventListener("submit", e => {
    if (f.dataset.sent) e.preventDefault();
    f.dataset.sent = "1";
  });
}
addEventListener("pageshow", () => {
  for (const f of document.querySelectorAll("form[data-sent]")) delete f.dataset.sent;
});
