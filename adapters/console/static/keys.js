// Keys: / goes to the search, j and k move from row to row, Enter opens the row's first link, the
// arrows go to the page before and behind. Beside them: copying a letter, and a slider of days.
"use strict";
(() => {
  const typing = (at) => at instanceof HTMLElement && at.matches("input, select, textarea");
  const rows = () => [...document.querySelectorAll("[data-row]")];
  const move = (by) => {
    const all = rows();
    if (!all.length) return;
    const at = all.findIndex((row) => row.classList.contains("here"));
    const next = all[Math.min(Math.max(at + by, 0), all.length - 1)];
    if (at >= 0) all[at].classList.remove("here");
    next.classList.add("here");
    (next.querySelector("a, summary, button") || next).focus();
    next.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (event.key === "/") {
      const search = document.getElementById("search");
      if (search) { search.focus(); event.preventDefault(); }
    } else if (event.key === "j") move(1);
    else if (event.key === "k") move(-1);
    else if (event.target.closest(".wide, pre")) return; // where the arrows scroll
    else if (event.key === "ArrowLeft") follow("prev");
    else if (event.key === "ArrowRight") follow("next");
  });
  const follow = (rel) => {
    const link = document.querySelector(`a[rel="${rel}"]`);
    if (link) link.click();
  };

  for (const button of document.querySelectorAll("[data-copies]")) {
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).innerText);
      button.textContent = "Copied";
    });
  }

  const day = document.querySelector("input[data-first]");
  if (day) {
    let pointed = false;
    day.addEventListener("pointerdown", () => { pointed = true; });
    day.addEventListener("input", () => {
      const at = new Date(`${day.dataset.first}T00:00:00Z`);
      at.setUTCDate(at.getUTCDate() + Number(day.value));
      const said = at.toISOString().slice(0, 10);
      day.form.querySelector("output").textContent = said;
      day.setAttribute("aria-valuetext", said);
    });
    // Who uses keys goes on choosing, and presses Show.
    day.addEventListener("change", () => { if (pointed) day.form.requestSubmit(); });
  }
})();
