// A field above each table of rules: only rows that have all the words stay. Without it the table is whole.
for (const box of document.querySelectorAll(".rules")) {
  const rows = [...box.querySelectorAll("tbody tr")];
  if (rows.length < 8) continue;
  const field = document.createElement("input");
  field.type = "search";
  field.className = "filter";
  field.placeholder = "Filter: pip, DL3042, security, safe …";
  field.setAttribute("aria-label", "Filter the rules");
  const count = document.createElement("span");
  count.className = "filter-count";
  count.setAttribute("role", "status");
  const texts = rows.map((row) => row.textContent.toLowerCase());
  field.addEventListener("input", () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let left = 0;
    rows.forEach((row, index) => {
      row.hidden = !words.every((word) => texts[index].includes(word));
      if (!row.hidden) left += 1;
    });
    count.textContent = words.length ? `${left} of ${rows.length}` : "";
  });
  box.prepend(field, count);
}
