// Keys, the clock of the wall, the age of its data. No inline script, no eval.
(() => {
  const wall = document.getElementById("wall");
  const typing = (element) => element.closest("input, textarea, select, [contenteditable]");
  let row = -1;

  function step(by) {
    const rows = [...document.querySelectorAll(".rows tbody th a, .hits h2 a")];
    if (!rows.length) return;
    row = Math.min(Math.max(row + by, 0), rows.length - 1);
    rows[row].focus();
  }

  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (wall) {
      if (/^[1-5]$/.test(event.key)) document.body.dataset.scene = event.key;
      return;
    }
    if (event.key === "/") {
      const box = document.querySelector("#q, #top-q");
      if (box) {
        event.preventDefault();
        box.focus();
      }
    } else if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
    else if (/^[e1-9]$/.test(event.key)) document.querySelector(`[data-key="${event.key}"]`)?.click();
  });

  // A button of a form that htmx does not send is pressed once.
  addEventListener("submit", (event) => {
    if (event.target.method !== "post" || event.target.hasAttribute("hx-post")) return;
    setTimeout(() => event.target.querySelectorAll("button").forEach((button) => (button.disabled = true)));
  });

  // What was just done is told once: a reload does not say it again.
  function told() {
    const place = new URL(location.href);
    if (!place.searchParams.has("done")) return;
    ["done", "late"].forEach((name) => place.searchParams.delete(name));
    history.replaceState(history.state, "", place);
  }
  told();
  document.addEventListener("htmx:after:history:push", told);

  document.addEventListener("htmx:after:swap", () => document.getElementById("wrong")?.focus());

  if (!wall) return;
  const STALE = 15000;
  const label = document.querySelector("[data-live]");
  const asOf = label.textContent.trim().split(" ")[0];
  let last = Date.now();
  wall.addEventListener("beat", (event) => {
    last = Date.now();
    document.body.classList.remove("is-stale");
    label.textContent = asOf + " " + event.detail.data;
  });
  const time = document.querySelector("[data-clock]");
  setInterval(() => {
    const age = Date.now() - last;
    if (age > STALE) {
      document.body.classList.add("is-stale");
      label.textContent = label.dataset.stale.replace("%s", Math.round(age / 1000));
    }
    time.textContent = new Date().toLocaleTimeString("zh-CN", { hour12: false, timeZone: "Asia/Shanghai" });
  }, 1000);
})();
