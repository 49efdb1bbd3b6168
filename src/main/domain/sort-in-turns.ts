// Sorts long lists in turns: short stretches at once, which are then merged step by step.
import type { Turns } from './turns';

/** Items that are sorted at once. */
const stretch = 1024;

/** As `sort` does it: equal ones stay in their order. A list that is in order already is given back as it is. */
export const sortInTurns = async <Item>(items: readonly Item[], compare: (a: Item, b: Item) => number, turns: Turns): Promise<readonly Item[]> => {
  if (await isInOrder(items, compare, turns)) return items;
  let rows: Item[] = [];
  for (let at = 0; at < items.length; at += stretch) {
    if (turns.dueNow) await turns.pause();
    for (const item of items.slice(at, at + stretch).sort(compare)) rows.push(item);
  }
  for (let width = stretch; width < rows.length; width *= 2) rows = await merged(rows, width, compare, turns);
  return rows;
};

const isInOrder = async <Item>(items: readonly Item[], compare: (a: Item, b: Item) => number, turns: Turns): Promise<boolean> => {
  for (let at = 1; at < items.length; at += 1) {
    if (turns.due) await turns.pause();
    if (compare(items[at - 1] as Item, items[at] as Item) > 0) return false;
  }
  return true;
};

/** Each two neighbours of sorted rows, so many items long, as one. */
const merged = async <Item>(rows: readonly Item[], width: number, compare: (a: Item, b: Item) => number, turns: Turns): Promise<Item[]> => {
  const out: Item[] = [];
  for (let from = 0; from < rows.length; from += 2 * width) {
    const middle = Math.min(from + width, rows.length);
    const end = Math.min(middle + width, rows.length);
    let [left, right] = [from, middle];
    while (left < middle || right < end) {
      if (turns.due) await turns.pause();
      const isLeft = right === end || (left < middle && compare(rows[left] as Item, rows[right] as Item) <= 0);
      out.push(rows[isLeft ? left : right] as Item);
      if (isLeft) left += 1;
      else right += 1;
    }
  }
  return out;
};
