/** Refreshes the page from /api/facts every few seconds until it is told to pause. */

import { render } from "./view.js";

const EVERY_MS = 3000;
const GIVE_UP_MS = 5000;

const controls = document.querySelector("[data-controls]");
const toggle = document.querySelector("[data-toggle]");
const refresh = document.querySelector("[data-refresh]");
const updated = document.querySelector("[data-updated]");
const live = document.querySelector("[data-live]");

let paused = false;
let timer = 0;
let lost = false;

/** Tells a screen reader; the figures themselves are not announced: they change all the time. */
function say(text) {
  live.textContent = text;
}

function clock() {
  return new Date().toLocaleTimeString([], { hourCycle: "h23" });
}

async function load() {
  const answer = await fetch("/api/facts", { signal: AbortSignal.timeout(GIVE_UP_MS) });
  if (!answer.ok) throw new Error(`the service answered ${answer.status}`);
  return answer.json();
}

async function update() {
  try {
    const changed = render(await load());
    if (lost) say("Connected again.");
    if (changed.length) {
      say(changed.map((item) => `${item.title}: ${item.ok ? "kept" : "broken"}.`).join(" "));
    }
    lost = false;
    updated.textContent = `Updated ${clock()}`;
  } catch {
    if (!lost) say("The service does not answer; what you see is old.");
    lost = true;
    updated.textContent = "No answer, trying again";
  }
  document.body.toggleAttribute("data-lost", lost);
}

function schedule() {
  clearTimeout(timer);
  if (paused) return;
  timer = setTimeout(async () => {
    if (!document.hidden) await update();
    schedule();
  }, EVERY_MS);
}

function setPaused(value) {
  paused = value;
  toggle.textContent = paused ? "Resume" : "Pause";
  document.body.toggleAttribute("data-paused", paused);
  say(paused ? "Paused." : "Refreshing again.");
  schedule();
}

toggle.addEventListener("click", () => setPaused(!paused));
refresh.addEventListener("click", async () => {
  await update();
  if (!lost) say("Refreshed.");
  schedule();
});
controls.hidden = false;
schedule();
