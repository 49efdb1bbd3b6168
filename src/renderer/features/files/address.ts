// Names of files as bytes: from the contract's two forms to one key for addresses of the page, and up and down the folders.

/** What the contract takes for a path. */
export interface Address {
  readonly path?: string;
  readonly path64?: string;
}

/** One text per path: `t:` and the text, or `b:` and base64 of its bytes. */
export type FileKey = string;

interface Named {
  readonly path: string | null;
  readonly path64: string | null;
}

export const rootKey: FileKey = 't:';

export const keyOf = ({ path, path64 }: Named): FileKey => (path64 === null ? `t:${path ?? ''}` : `b:${path64}`);

/** Keys of results: the path, and which one of those that share it, of several instances. Not the snapshot: a newer one takes its place while somebody reads the versions. */
export const keysOfResults = <Result extends Named>(results: readonly Result[]): readonly (readonly [string, Result])[] => {
  const seen = new Map<FileKey, number>();
  return results.map((result) => {
    const key = keyOf(result);
    const before = seen.get(key) ?? 0;
    seen.set(key, before + 1);
    return [`${before} ${key}`, result];
  });
};

/** What was captured itself for a key that is none. */
export const addressOf = (key: FileKey): Address => (key.startsWith('b:') ? { path64: key.slice(2) } : { path: key.startsWith('t:') ? key.slice(2) : '' });

const bytesOf = (key: FileKey): Uint8Array => {
  const { path, path64 } = addressOf(key);
  if (path64 === undefined) return new TextEncoder().encode(path ?? '');
  try {
    return Uint8Array.from(atob(path64), (char) => char.codePointAt(0) ?? 0);
  } catch {
    return new Uint8Array();
  }
};

const keyOfBytes = (bytes: Uint8Array): FileKey => {
  try {
    return `t:${new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)}`;
  } catch {
    return `b:${btoa(String.fromCodePoint(...bytes))}`;
  }
};

const slash = 0x2f;

/** The folder that holds a file; the root's is the root. */
export const parentOf = (key: FileKey): FileKey => {
  const bytes = bytesOf(key);
  return keyOfBytes(bytes.subarray(0, Math.max(0, bytes.lastIndexOf(slash))));
};

export interface Crumb {
  readonly key: FileKey;
  readonly name: string;
}

/** Every folder on the way to a path, without the root. Bytes that are no text show as a sign. */
export const crumbsOf = (key: FileKey): readonly Crumb[] => {
  const bytes = bytesOf(key);
  if (bytes.length === 0) return [];
  const ends = [...bytes.keys()].filter((at) => bytes[at] === slash);
  return [...ends, bytes.length].map((end, index) => ({ key: keyOfBytes(bytes.subarray(0, end)), name: new TextDecoder().decode(bytes.subarray(index === 0 ? 0 : (ends[index - 1] ?? 0) + 1, end)) }));
};
