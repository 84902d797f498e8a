/** How the page writes values: the same as src/porthole/text.py does on the server. */

export function show(value) {
  if (value === null || value === undefined) return "none";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return value.map(show).join(", ");
  return String(value);
}

const two = (number) => String(number).padStart(2, "0");

/** Seconds as the two largest units that matter: 42 s, 3 min 07 s, 2 h 05 min, 4 d 11 h. */
export function duration(total) {
  const seconds = total % 60;
  const minutes = Math.floor(total / 60) % 60;
  const hours = Math.floor(total / 3600) % 24;
  const days = Math.floor(total / 86400);
  if (days) return `${days} d ${two(hours)} h`;
  if (hours) return `${hours} h ${two(minutes)} min`;
  if (minutes) return `${minutes} min ${two(seconds)} s`;
  return `${seconds} s`;
}
