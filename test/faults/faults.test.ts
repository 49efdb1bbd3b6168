// Twelve points of `npm run faults`, over all kinds of faults and phases; the rest runs there.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pointsOf } from './points';
import { runPoint } from './run-point';
import { World } from './world';

const seed = 1;
const chosen = [
  'connect/stall/1', 'scan/host/2', 'fetch/app/1', 'fetch/cut/2', 'first fetch/ssh/2', 'backup/restic/1',
  'backup/disk/2', 'recovery key/app/1', 'commit/app/1', 'restore: folder/app/2', 'restore: host/cut/2', 'delete/restic/0',
];

describe('after a fault nothing is wrong, half, stuck or left behind, and the next run succeeds', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start(seed);
  });
  afterAll(async () => await world.stop());

  it.each(chosen)('%s', async (id) => {
    const point = pointsOf(seed).find((one) => one.id === id);
    if (point === undefined) throw new Error('There is no such point');
    const { problems, end } = await runPoint(world, point);
    expect(problems, `the job ended: ${end}`).toEqual([]);
  });
});
