// Answers questions of any user's index; an open file is kept open until another has been asked for since.
import { statSync } from 'node:fs';
import { IndexEngine } from './index-engine';
import type { AskMessage } from './index-messages';

interface Opened {
  readonly engine: IndexEngine;
  /** Which file it was: one that was deleted and made again is another. */
  readonly inode: number;
}

/** Files that stay open. */
const mostOpen = 4;

const opened = new Map<string, Opened>();

const close = (file: string): void => {
  opened.get(file)?.engine.close();
  opened.delete(file);
};

const inodeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.ino ?? 0;

const engineOf = (file: string): IndexEngine => {
  const known = opened.get(file);
  if (known !== undefined && known.inode === inodeOf(file)) return known.engine;
  close(file);
  for (const other of [...opened.keys()].slice(0, Math.max(0, opened.size - mostOpen + 1))) close(other);
  const engine = new IndexEngine(file);
  opened.set(file, { engine, inode: inodeOf(file) });
  return engine;
};

/** Answers one question, or removes snapshots. */
export const ask = ({ file, question, values }: AskMessage): unknown => {
  const engine = engineOf(file);
  const method = engine[question] as (...values: readonly unknown[]) => unknown;
  return method.apply(engine, [...values]);
};

export const closeAll = (): void => [...opened.keys()].forEach(close);
