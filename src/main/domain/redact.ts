// Keeps secrets out of everything that is written: by the name of a field, and by values that were registered as secret.

/** Names whose values are never written. */
const secretName = /pass(?:word|phrase)?$|secret|token|api[_-]?key|authorization|cookie|private[_-]?key|recovery[_-]?key|setup[_-]?code/i;

/** Shorter values would blank out ordinary words. */
const shortestSecret = 4;

/** Fields below this level are written as `...`. */
const maxDepth = 6;
const maxItems = 50;

export const redacted = '[hidden]';

/** The forms in which a value may turn up in a text. */
function formsOf(value: string): string[] {
  const bytes = Buffer.from(value, 'utf8');
  // Base64 of the value inside a longer text depends on where it starts: the parts that do not.
  const shifted = [0, 1, 2].map((shift) => {
    const whole = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64').replace(/=+$/, '');
    const from = shift === 0 ? 0 : shift + 1;
    return whole.slice(from, Math.floor(((shift + bytes.length) * 8) / 6));
  });
  const base64 = [...shifted, ...shifted.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'))].filter((text) => text.length >= 8);
  return [...new Set([value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1), ...base64])].sort((a, b) => b.length - a.length);
}

/** Replaces secrets in texts and facts. One per process; holds the values in memory only. */
export class Redactor {
  readonly #forms = new Set<string>();
  readonly #home: string | null;

  /** `home`: the path that is written as `~`. */
  constructor(home: string | null = null) {
    this.#home = home === null || home.length < 4 ? null : home;
  }

  hide(secret: string): void {
    if (secret.length >= shortestSecret) formsOf(secret).forEach((form) => this.#forms.add(form));
  }

  text(text: string): string {
    let clean = text;
    for (const form of this.#forms) clean = clean.replaceAll(form, redacted);
    clean = clean.replace(/\b(Bearer|Basic) +[A-Za-z0-9._~+/=-]{8,}/gi, `$1 ${redacted}`);
    return this.#home === null ? clean : clean.replaceAll(this.#home, '~');
  }

  /** A copy of anything that JSON can hold, errors as name, message, code and stack, without secrets and without end. */
  value(value: unknown, depth = 0): unknown {
    if (typeof value === 'string') return this.text(value);
    if (typeof value === 'bigint') return String(value);
    if (typeof value === 'function' || typeof value === 'symbol') return undefined;
    if (typeof value !== 'object' || value === null) return value;
    if (depth >= maxDepth) return '...';
    if (value instanceof Error) return this.#error(value, depth);
    if (ArrayBuffer.isView(value)) return `${String(value.byteLength)} bytes`;
    if (Array.isArray(value)) return value.slice(0, maxItems).map((item) => this.value(item, depth + 1));
    return this.fields(value, depth);
  }

  fields(facts: object, depth = 0): Record<string, unknown> {
    const entries = Object.entries(facts).slice(0, maxItems);
    return Object.fromEntries(entries.map(([name, value]) => [name, secretName.test(name) && value !== null && value !== undefined ? redacted : this.value(value, depth + 1)]));
  }

  #error(error: Error, depth: number): Record<string, unknown> {
    const { name, message, stack, cause } = error;
    const code: unknown = 'code' in error ? error.code : undefined;
    return {
      name,
      message: this.text(message),
      ...(code === undefined ? {} : { code: this.value(code, depth + 1) }),
      ...(stack === undefined ? {} : { stack: this.text(stack) }),
      ...(cause === undefined ? {} : { cause: this.value(cause, depth + 1) }),
    };
  }
}
