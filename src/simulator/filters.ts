// Filter and order of rows as the API's query language means them: numbers may arrive as strings, operators on one field are ANDed.
/** The operators of one field, as sent. */
export type Operators = Readonly<Record<string, unknown>>;

const operatorNames = new Set(['eq', 'neq', 'gt', 'gte', 'lt', 'lte', 'in', 'notin', 'nin']);

/** True for a JSON object (no array, no null). */
export const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

const asNumber = (value: unknown): number | null => {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value))) return Number(value);
  return null;
};

const asBoolean = (value: unknown): boolean | null =>
  value === true || value === 'true' || value === 'True' || value === 1 || value === '1'
    ? true
    : value === false || value === null || value === 'false' || value === 'False' || value === 0 || value === '0'
      ? false
      : null;

/** A plain value as text; what has no plain text has none here. */
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : '');

/** Equality with both sides coerced to the row's type. */
const same = (have: unknown, want: unknown): boolean => {
  if (typeof have === 'boolean' || typeof want === 'boolean') return asBoolean(have) === asBoolean(want);
  if (have === null || have === undefined) return want === null || want === undefined;
  const [left, right] = [asNumber(have), asNumber(want)];
  if (left !== null && right !== null) return left === right;
  return typeof have === 'string' && have === textOf(want);
};

const compare = (have: unknown, want: unknown): number | null => {
  const [left, right] = [asNumber(have), asNumber(want)];
  if (left !== null && right !== null) return left - right;
  if (typeof have === 'string' && typeof want === 'string') return have < want ? -1 : have > want ? 1 : 0;
  return null;
};

const ordered = (have: unknown, want: unknown, holds: (difference: number) => boolean): boolean => {
  const difference = compare(have, want);
  return difference !== null && holds(difference);
};

const holds = (operator: string, have: unknown, want: unknown): boolean => {
  switch (operator) {
    case 'eq':
      return same(have, want);
    case 'neq':
      return !same(have, want);
    case 'gt':
      return ordered(have, want, (difference) => difference > 0);
    case 'gte':
      return ordered(have, want, (difference) => difference >= 0);
    case 'lt':
      return ordered(have, want, (difference) => difference < 0);
    case 'lte':
      return ordered(have, want, (difference) => difference <= 0);
    case 'in':
      return Array.isArray(want) && want.some((item) => same(have, item));
    default:
      return !(Array.isArray(want) && want.some((item) => same(have, item)));
  }
};

/** What is wrong with the operators of a field, or null. */
export const operatorProblem = (field: string, operators: unknown): string | null => {
  if (!isObject(operators)) return `q.${field}: Input should be a valid dictionary; received ${JSON.stringify(operators)}`;
  const unknown = Object.keys(operators).find((name) => !operatorNames.has(name));
  return unknown === undefined ? null : `q.${field}: unknown operator '${unknown}'`;
};

/** Whether a value passes all operators of its field. `{"eq":"any"}` passes everything. */
export const passes = (have: unknown, operators: Operators): boolean =>
  Object.entries(operators).every(([operator, want]) => want === 'any' || holds(operator, have, want));

/** Sorts items by `[column, "asc" | "desc"]` pairs read through `field`; items without a value come last. */
export const sortBy = <Item>(items: readonly Item[], order: readonly (readonly [string, string])[], field: (item: Item, column: string) => unknown): readonly Item[] =>
  items.toSorted((left, right) => {
    for (const [column, direction] of order) {
      const [a, b] = [field(left, column) ?? null, field(right, column) ?? null];
      if (a === null || b === null) {
        if (a !== b) return a === null ? 1 : -1;
        continue;
      }
      const difference = compare(a, b) ?? 0;
      if (difference !== 0) return direction === 'desc' ? -difference : difference;
    }
    return 0;
  });
