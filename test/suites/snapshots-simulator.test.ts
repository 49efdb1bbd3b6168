// Snapshots of an instance of the simulator, whose SSH server has no shell: the same commands, answered in TypeScript.
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rent } from '../../src/simulator/renting';
import { startSimulator, type Simulator } from '../../src/simulator/start';
import { newestRestic } from '../support/restics';
import { caller, listing, startRig, type Rig } from './snapshots-rig';

describe('an instance of the simulator', () => {
  let rig: Rig;
  let simulator: Simulator;
  let wallMs = 1_795_400_000_000;
  let port = 0;
  const later = async (seconds: number): Promise<void> => {
    wallMs += seconds * 1000;
    await simulator.control.refresh();
  };

  beforeAll(async () => {
    rig = await startRig(newestRestic().file, { port: () => port });
    simulator = await startSimulator({ machineCount: 40, wallMs: () => wallMs });
    const { world } = simulator.control;
    world.accountKeys = [{ id: 1, public_key: await rig.ssh.publicKey(caller.userId), created_at: 0 }];
    const ask = world.market.asks().find((one) => one.rentable && one.machine.disk.freeGb > 200);
    const record = world.living(rent(world, ask?.id ?? 0, { image: 'a/b:1', disk: 20, runtype: 'ssh_direc ssh_proxy' }).new_contract ?? 0);
    await later(10);
    port = record?.sshPort ?? 0;
  });
  afterAll(async () => {
    await simulator.close();
    await rig.stop();
  });

  it('is captured, captured again as it grows, and restored here and there', async () => {
    const first = await rig.take({ source: '/workspace' });
    expect(first).toMatchObject({ unchanged: false, paths: ['/workspace'] });
    expect(first.file_count).toBeGreaterThan(5);
    await later(130);
    const second = await rig.take({ source: '/workspace' });
    expect(second.unchanged).toBe(false);
    expect(second.data_added).toBeGreaterThan(0);
    const target = rig.folder.at('restored');
    expect(await rig.snapshots.restore(caller, { snapshot_id: second.id, folder: target, verify: true, wait: true })).toMatchObject({ success: true, errors: [] });
    expect(readFileSync(`${target}/README.md`, 'utf8')).toContain('tiny-classifier');
    expect(existsSync(`${target}/train.py`)).toBe(true);
    const result = await rig.snapshots.restore(caller, { snapshot_id: first.id, instance_id: 7, target_path: '/restored', verify: true, wait: true });
    expect(result).toMatchObject({ success: true, errors: [], target_path: '/restored' });
    const back = await rig.take({ source: '/restored' });
    expect(back.file_count).toBe(first.file_count);
    const again = rig.folder.at('again');
    await rig.snapshots.restore(caller, { snapshot_id: back.id, folder: again, verify: true, wait: true });
    const whole = rig.folder.at('whole');
    await rig.snapshots.restore(caller, { snapshot_id: first.id, folder: whole, verify: true, wait: true });
    const options = { directoryTimes: false };
    // tar's stamps are whole seconds where the simulator keeps no finer ones.
    const seconds = (line: string): string => line.replace(/^(f \S+ \S+ \d+)\d{3} /, '$1 ');
    expect(listing(again, options).map(seconds)).toEqual(listing(whole, options).map(seconds));
    rig.check();
  });
});
