(() => {
/**
 * Every text that can be seen on the wall, with its size and where it stands: {words, px, box, cut, element}. `box` is the ink's
 * line, as high as the font; `cut` says by which element it is cut, or "".
 */
const wallTextsOf = () => {
  const clipped = (element) => ["hidden", "clip"].includes(getComputedStyle(element).overflowX) || element === document.body;
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.textContent.trim() || !element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const style = getComputedStyle(element);
    const px = parseFloat(style.fontSize);
    for (const rect of range.getClientRects()) {
      const middle = (rect.top + rect.bottom) / 2;
      let box = [rect.left, middle - px / 2, rect.right, middle + px / 2];
      let [gone, cut] = [false, ""];
      for (let holder = element; holder; holder = holder.parentElement) {
        if (!clipped(holder)) continue;
        const r = holder === document.body ? { left: 0, top: 0, right: innerWidth, bottom: innerHeight } : holder.getBoundingClientRect();
        gone = gone || box[0] >= r.right - 1 || box[2] <= r.left + 1 || box[1] >= r.bottom - 1 || box[3] <= r.top + 1;
        // An ellipsis is a way of being cut that says so.
        if (getComputedStyle(holder).textOverflow === "ellipsis") box = [Math.max(box[0], r.left), box[1], Math.min(box[2], r.right), box[3]];
        if (box[0] < r.left - 1 || box[2] > r.right + 1 || box[1] < r.top - 1 || box[3] > r.bottom + 1) cut = cut || `${holder.tagName}.${holder.className}`;
      }
      if (!gone) found.push({ node: element, words: node.textContent.trim().slice(0, 30), px, box, cut });
    }
  }
  return found;
};

window.wallTexts = () => wallTextsOf().map(({ words, px, box, cut }) => ({ words, px, box, cut }));

/** Pairs of texts that stand on one another. */
window.wallOverlaps = () => {
  const texts = wallTextsOf();
  const pairs = [];
  texts.forEach((a, i) => texts.slice(i + 1).forEach((b) => {
    const [w, h] = [Math.min(a.box[2], b.box[2]) - Math.max(a.box[0], b.box[0]), Math.min(a.box[3], b.box[3]) - Math.max(a.box[1], b.box[1])];
    // A text that is cut by an ellipsis has a box for itself and one for its dots.
    if (w > 1 && h > 1 && a.node !== b.node) pairs.push([a.words, b.words]);
  }));
  return pairs;
};

/** Boxes of the names on the map that can be seen: {code, box}. */
window.wallLabels = () =>
  [...document.querySelectorAll(".label")]
    .filter((label) => getComputedStyle(label).visibility === "visible")
    .map((label) => {
      const r = label.getBoundingClientRect();
      return { code: label.dataset.labelOf || label.textContent, box: [r.left, r.top, r.right, r.bottom] };
    });

/** How many rows of a list stand whole within it. */
window.wallRows = (rows) =>
  [...document.querySelectorAll(rows)].filter((row) => {
    const [own, list] = [row.getBoundingClientRect(), row.parentElement.getBoundingClientRect()];
    return own.right <= list.right + 1 && own.bottom <= list.bottom + 1;
  }).length;

/** Every pointer that can appear. */
window.wallPointers = () => [...new Set([...document.querySelectorAll("body, body *")].filter((e) => e.checkVisibility()).map((e) => getComputedStyle(e).cursor))];
})();
