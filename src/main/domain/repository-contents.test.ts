// What lists show of repositories while restic is slow, and while something is added or removed.
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryLog } from '../../../test/fakes/log';
import { settle, VirtualClock } from '../../../test/fakes/virtual-clock';
import type { RepositoryKind } from '../../contract';
import { AppError } from './app-error';
import { RepositoryShelves, type ContentsParts } from './repository-contents';
import type { RepositorySnapshot } from './snapshot-ports';
import type { RepositoryRow } from './store-port';

const place = { location: '/repository' };
const snapshot = (id: string): RepositorySnapshot => ({ id, time: 0, tags: [], paths: [], hostname: 'nas', sizeBytes: null, fileCount: null, tree: null, original: null });

describe('what lies in a repository', () => {
  let clock: VirtualClock;
  /** What is in the folder, or on the server. */
  let lying: string[];
  /** Ends the questions that restic is asked, the oldest first; each answers what was there when it was asked. */
  let answers: ((error?: Error) => void)[];
  let told: string[];
  let known: boolean;
  let row: RepositoryRow;
  let shelves: RepositoryShelves;

  const build = (kind: RepositoryKind): void => {
    row = { id: 'one', userId: 'ana', name: '', kind, location: place.location, isDefault: true, createdAt: 0 };
    const restic = {
      snapshotIds: () => Promise.resolve(new Set(lying)),
      snapshots: () => {
        const found = lying.map(snapshot);
        return new Promise((resolve, reject) => answers.push((error) => (error === undefined ? resolve(found) : reject(error))));
      },
    };
    const repositories = { rows: () => (known ? [row] : []), placeOf: () => ({ ...place, local: kind === 'local' }), open: () => Promise.resolve({}) };
    shelves = new RepositoryShelves({ repositories, restic, hints: { tell: (_user: string, topic: string) => void told.push(topic) }, clock, log: new MemoryLog() } as unknown as ContentsParts);
  };
  const answer = async (error?: Error): Promise<void> => {
    await settle();
    answers.shift()?.(error);
    await settle();
  };
  /** Ids that a list gets, and those of them that it can show without a row. */
  const shown = async (): Promise<readonly [ids: string[], details: string[]] | null> => {
    const contents = await shelves.of(row, new Set());
    return contents === null ? null : [[...contents.ids], [...contents.ids].filter((id) => contents.details.has(id))];
  };

  beforeEach(() => {
    clock = new VirtualClock();
    [lying, answers, told, known] = [['a'], [], [], true];
    build('sftp');
  });

  describe('on a server', () => {
    it('an answer from before a snapshot was deleted does not bring it back', async () => {
      await shown();
      await settle();
      lying = [];
      shelves.changed(place.location);
      await answer();
      expect(await shown()).toBeNull();
      await answer();
      expect(await shown()).toEqual([[], []]);
      expect(answers).toEqual([]);
    });

    it('an answer from before one was added does not call it gone, for somebody who must know now either', async () => {
      const now = shelves.now(row);
      await settle();
      lying = ['a', 'b'];
      shelves.changed(place.location);
      await answer();
      await answer();
      expect([...((await now)?.ids ?? [])]).toEqual(['a', 'b']);
    });

    it('a failure from before other credentials were set is not what is said', async () => {
      await shown();
      await settle();
      shelves.changed(place.location);
      await answer(new AppError('repository_unreachable', 'No.', { reason: 'denied', detail: '' }));
      expect(shelves.problem(place.location)).toBeNull();
      await answer();
      expect(await shown()).toEqual([['a'], ['a']]);
    });

    it('is asked again for a repository that is made known after another one at its place was forgotten meanwhile', async () => {
      await shown();
      await settle();
      known = false;
      shelves.changed(place.location);
      await answer();
      expect(answers).toEqual([]);
      known = true;
      lying = ['b'];
      expect(await shown()).toBeNull();
      await answer();
      expect(await shown()).toEqual([['b'], ['b']]);
    });
  });

  describe('in a folder', () => {
    beforeEach(() => build('local'));

    it('that takes restic longer than a list waits for is in the next list, which pages are told to ask for', async () => {
      const first = shown();
      await clock.pass(4000);
      expect(await first).toEqual([['a'], []]);
      await clock.pass(2000);
      expect(told).toEqual([]);
      await answer();
      expect(told).toEqual(['snapshots']);
      expect(await shown()).toEqual([['a'], ['a']]);
      expect(answers).toEqual([]);
    });

    it('is waited for where much hangs on it, until it is not wanted any more', async () => {
      const leaving = new AbortController();
      const contents = [leaving.signal, new AbortController().signal].map(async (signal) => (await shelves.of(row, new Set(), { ms: 60_000, signal }))?.details.size);
      await clock.pass(30_000);
      leaving.abort();
      expect(await contents[0]).toBe(0);
      await answer();
      expect(await contents[1]).toBe(1);
      expect(told).toEqual([]);
    });

    it('is asked for once at a time, and again for what came since', async () => {
      const lists = [shown(), shown()];
      await settle();
      expect(answers).toHaveLength(1);
      lying = ['a', 'b'];
      lists.push(shown());
      await answer();
      expect(await Promise.all(lists.slice(0, 2))).toEqual([[['a'], ['a']], [['a'], ['a']]]);
      expect(answers).toHaveLength(1);
      await answer();
      expect(await lists[2]).toEqual([['a', 'b'], ['a', 'b']]);
      expect(told).toEqual([]);
    });

    it('that restic cannot read at all is not asked about without end', async () => {
      const first = shown();
      await clock.pass(4000);
      expect(await first).toEqual([['a'], []]);
      await answer(new AppError('repository_damaged', 'No.', { output: '' }));
      expect([told, answers]).toEqual([[], []]);
    });
  });
});
