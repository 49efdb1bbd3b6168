// Limits on JSON from outside: how deep it may nest, and which names it must not carry.

/** Levels of arrays and objects; the contract's deepest input has four. */
export const maxJsonDepth = 32;

const forbiddenNames = new Set(['__proto__', 'constructor', 'prototype']);

/** What is wrong with a parsed value, or null. Walks without recursion, so depth cannot overflow the stack. */
export function jsonProblem(value: unknown, maxDepth: number = maxJsonDepth): string | null {
  const waiting: { readonly value: unknown; readonly depth: number }[] = [{ value, depth: 0 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next.value !== 'object' || next.value === null) continue;
    if (next.depth >= maxDepth) return `deeper than ${String(maxDepth)} levels`;
    for (const name of Object.keys(next.value)) {
      if (forbiddenNames.has(name)) return `a field of the forbidden name ${name}`;
    }
    for (const child of Object.values(next.value)) waiting.push({ value: child, depth: next.depth + 1 });
  }
  return null;
}
