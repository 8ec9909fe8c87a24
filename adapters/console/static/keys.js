// Keys: / goes to the search, j and k move from row to row, Enter opens the row's first link, the
// arrows go to the page before and behind, c copies the text to the customer, ? says all this.
// Beside them: lists that renew themselves, and a slider of days.
"use strict";
(() => {
  const typing = (at) => at instanceof HTMLElement && at.matches("input, select, textarea");
  const rows = () => [...document.querySelectorAll("[data-row]")];
  const leads = (row) => row.querySelector("a, summary, button");
  const nameOf = (row) => row.id || leads(row)?.getAttribute("href");
  const held = () => document.activeElement.closest("[data-row]");

  // The row that was gone to, by name and place: lists are renewed while somebody reads them.
  const here = { name: undefined, place: -1 };
  const goTo = (all, place) => {
    const row = all[Math.min(Math.max(place, 0), all.length - 1)];
    if (!row) return;
    Object.assign(here, { name: nameOf(row), place: all.indexOf(row) });
    sessionStorage.setItem(location.href, JSON.stringify(here));
    if (!leads(row)) row.tabIndex = -1;
    (leads(row) || row).focus();
    row.scrollIntoView({ block: "nearest" });
  };
  const found = (all) => {
    const focused = all.indexOf(held());
    return focused >= 0 ? focused : all.findIndex((row) => here.name && nameOf(row) === here.name);
  };
  const move = (by) => {
    const all = rows();
    const at = found(all);
    // Where the row is gone, the one behind it stands in its place.
    const gone = by > 0 ? here.place : here.place - 1;
    goTo(all, at >= 0 ? at + by : Math.max(gone, 0));
  };

  // Who searched is at the heading of what was found.
  const SOUGHT = "sought";
  document.querySelector("form.search")?.addEventListener("submit", () => {
    sessionStorage.setItem(SOUGHT, "1");
  });
  const heading = document.querySelector("main h1");
  if (heading && sessionStorage.getItem(SOUGHT)) {
    heading.tabIndex = -1;
    heading.focus();
  }
  sessionStorage.removeItem(SOUGHT);

  // Who comes back to a page is where they were.
  if (performance.getEntriesByType("navigation")[0]?.type === "back_forward") {
    Object.assign(here, JSON.parse(sessionStorage.getItem(location.href)));
    const all = rows();
    if (found(all) >= 0) goTo(all, found(all));
  }

  let wasHeld = false;
  document.addEventListener("htmx:before:swap", () => { wasHeld = Boolean(held()); });
  document.addEventListener("htmx:after:swap", () => {
    if (!wasHeld || held()) return;
    const all = rows();
    const at = found(all);
    goTo(all, at >= 0 ? at : here.place);
  });

  // What renews itself stays as it was while nobody answers, and says so.
  const AWAY = "Nobody answers: what stands here is from before. It is looked for again by itself.";
  document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
    const away = document.getElementById("away");
    away.hidden = ctx.response?.status < 400;
    if (away.hidden) return;
    const answer = new DOMParser().parseFromString(ctx.text || "", "text/html");
    away.textContent = answer.querySelector("main .sentence")?.textContent || AWAY;
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (event.key === "/") {
      const search = document.getElementById("search");
      if (search) { search.focus(); event.preventDefault(); }
    } else if (event.key === "?") document.getElementById("keys")?.focus();
    else if (event.key === "c") document.querySelector("[data-copies]")?.click();
    else if (event.key === "j") move(1);
    else if (event.key === "k") move(-1);
    else if (event.target.closest(".wide, pre")) return; // where the arrows scroll
    else if (event.key === "ArrowLeft") follow("prev");
    else if (event.key === "ArrowRight") follow("next");
  });
  const keys = document.getElementById("keys");
  if (keys) keys.hidden = false;
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
      const words = day.form.querySelector("[data-words]");
      const [past, present] = words.dataset.words.split("|");
      words.textContent = day.value === day.max ? present : past;
    });
    // Who uses keys goes on choosing, and presses Show.
    day.addEventListener("change", () => { if (pointed) day.form.requestSubmit(); });
  }
})();
