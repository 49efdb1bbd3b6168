// The dry run of a policy, on a made-up restic: which snapshots it is asked about.
import { expect, it } from 'vitest';
import type { RepositoryAccess } from '../../domain/snapshot-ports';
import type { ResticCli } from './restic-cli';
import { ResticMaintenance } from './restic-maintenance';
import type { ResticJob, ResticRunner } from './restic-run';

const at = { id: 'default', location: '/repository', local: true, password: 'p', resticPath: null, env: {}, options: [] } satisfies RepositoryAccess;
const ids = ['a', 'b', 'c'].map((letter) => letter.repeat(64));
const [complete = '', partial = '', other = ''] = ids;
const row = (id: string, ...tags: string[]) => ({ id, time: '2026-11-20T10:00:00Z', tags: ['src:x', ...tags] });

/** Answers with these, one after the other. */
const setUp = (...answers: readonly object[][]) => {
  const asked: (readonly string[])[] = [];
  const runner = {
    run: (_at: unknown, job: ResticJob) => {
      const keep = answers[asked.length] ?? [];
      asked.push(job.args.filter((one) => one.startsWith('--tag=') || one === '--no-lock'));
      job.onLine?.({ kind: 'text', text: JSON.stringify([{ keep, remove: null, reasons: null }]) });
      return Promise.resolve({ exitCode: 0, stderr: '' });
    },
  } as Partial<ResticRunner> as ResticRunner;
  const dryRun = () => new ResticMaintenance(runner, {} as ResticCli).dryRun(at, { sourceTag: 'src:x', keep: ['--keep-last=3'], ignored: ({ tags }) => tags.includes('partial') });
  return { asked, dryRun };
};

it('asks once, about the source, when all of its snapshots count', async () => {
  const { asked, dryRun } = setUp([row(complete, 'op:1'), row(other, 'op:2')]);
  expect((await dryRun()).keep.map(({ id }) => id)).toEqual([complete, other]);
  expect(asked).toEqual([['--no-lock', '--tag=src:x']]);
});

it('asks again about those that count only, when there are others', async () => {
  const { asked, dryRun } = setUp([row(partial, 'op:3', 'partial'), row(complete, 'op:1'), row(other, 'op:2')], [row(complete, 'op:1'), row(other, 'op:2')]);
  expect((await dryRun()).keep.map(({ id }) => id)).toEqual([complete, other]);
  expect(asked[1]).toEqual(['--no-lock', '--tag=src:x,op:1', '--tag=src:x,op:2']);
});

it('has nothing to say when none counts', async () => {
  const { asked, dryRun } = setUp([row(partial, 'op:3', 'partial')]);
  expect(await dryRun()).toEqual({ keep: [], remove: [] });
  expect(asked).toHaveLength(1);
});

it('refuses when they cannot be told apart', async () => {
  const same = [row(partial, 'op:1', 'partial'), row(complete, 'op:1')];
  await expect(setUp(same, same).dryRun()).rejects.toMatchObject({ code: 'retention_changed' });
  await expect(setUp([row(partial, 'op:1', 'partial'), row(complete)], []).dryRun()).rejects.toMatchObject({ code: 'retention_changed' });
});
