/** Writes fresh facts into the page that the server has rendered. */

import { duration, show } from "./text.js";

const writers = { duration, show };

/** Writes only what differs, so that a selection and a screen reader's place survive. */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function valueAt(facts, path) {
  return path.split(".").reduce((value, key) => value?.[key], facts);
}

function tone(element, ok) {
  element.dataset.ok = String(ok);
}

function writePromises(promises) {
  const changed = [];
  for (const promise of promises) {
    const item = document.querySelector(`[data-promise="${CSS.escape(promise.name)}"]`);
    if (!item) continue;
    if (item.dataset.ok !== String(promise.ok)) changed.push(promise);
    tone(item, promise.ok);
    write(item.querySelector("[data-state]"), promise.ok ? "kept" : "broken");
    write(item.querySelector("[data-why]"), promise.why);
  }
  const kept = promises.filter((promise) => promise.ok).length;
  const summary = document.querySelector("[data-summary]");
  tone(summary, kept === promises.length);
  write(summary, `${kept} of ${promises.length} promises kept`);
  return changed;
}

function writeFolders(folders) {
  for (const folder of folders) {
    const row = document.querySelector(`[data-folder="${CSS.escape(folder.path)}"]`);
    if (!row) continue;
    const state = folder.exists ? (folder.writable ? "writable" : "not writable") : "not there";
    row.dataset.state = state;
    write(row.querySelector("[data-access]"), state);
  }
}

/** Shows the facts; returns the promises whose state has changed. */
export function render(facts) {
  for (const element of document.querySelectorAll("[data-fact]")) {
    const value = valueAt(facts, element.dataset.fact);
    if (value === undefined) continue;
    write(element, writers[element.dataset.as ?? "show"](value));
  }
  writeFolders(facts.folders);
  return writePromises(facts.promises);
}
