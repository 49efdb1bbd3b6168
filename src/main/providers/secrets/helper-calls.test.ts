// Calls to the keychain process, with a process and a clock that the test moves.
import { describe, expect, test } from 'vitest';
import { manualClock } from '../../../../test/suites/support/clocks';
import { HelperCalls, type HelperProcess } from './helper-calls';

interface Sent {
  readonly id: number;
  readonly op: string;
  readonly account: string;
}

class ScriptedProcess implements HelperProcess {
  readonly sent: Sent[] = [];
  killed = false;
  #message: (message: unknown) => void = () => undefined;
  #exit: () => void = () => undefined;

  postMessage(message: unknown): void {
    this.sent.push(message as Sent);
  }

  onMessage(callback: (message: unknown) => void): void {
    this.#message = callback;
  }

  onExit(callback: () => void): void {
    this.#exit = callback;
  }

  kill(): void {
    this.killed = true;
    this.#exit();
  }

  say(message: unknown): void {
    this.#message(message);
  }

  crash(): void {
    this.#exit();
  }

  answer(value: string | null = null): void {
    this.say({ id: this.sent.at(-1)?.id, ok: true, value });
  }
}

const setUp = () => {
  const clock = manualClock();
  const processes: ScriptedProcess[] = [];
  const fork = (): ScriptedProcess => {
    const one = new ScriptedProcess();
    processes.push(one);
    return one;
  };
  const calls = new HelperCalls({ fork, clock, timeoutMs: 5000 });
  const last = (): ScriptedProcess => {
    const process = processes.at(-1);
    if (process === undefined) throw new Error('no process was started');
    return process;
  };
  return { calls, clock, processes, last, get: () => calls.call({ op: 'get', service: 'dumont-cloud', account: 'one' }) };
};

/** Lets what is already settled go on. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('calls', () => {
  test('no process is started before the first', async () => {
    const { processes, get, last } = setUp();
    expect(processes).toHaveLength(0);
    const result = get();
    await settle();
    last().answer('value');
    expect(await result).toEqual({ kind: 'answered', value: 'value' });
  });

  test('go one at a time, in order', async () => {
    const { get, last } = setUp();
    const both = [get(), get()];
    await settle();
    expect(last().sent).toHaveLength(1);
    last().answer('first');
    await settle();
    expect(last().sent).toHaveLength(2);
    last().answer('second');
    expect(await Promise.all(both)).toEqual([{ kind: 'answered', value: 'first' }, { kind: 'answered', value: 'second' }]);
  });

  test('an error of keytar is passed on', async () => {
    const { get, last } = setUp();
    const result = get();
    await settle();
    last().say({ id: last().sent[0]?.id, ok: false, error: 'locked collection' });
    expect(await result).toEqual({ kind: 'failed', error: 'locked collection' });
  });

  test('messages of another form and answers to other calls are passed over', async () => {
    const { get, last } = setUp();
    const result = get();
    await settle();
    for (const message of [null, 'text', {}, { id: 1, ok: 'yes' }, { id: 999, ok: true, value: 'of another' }]) last().say(message);
    last().answer('mine');
    expect(await result).toEqual({ kind: 'answered', value: 'mine' });
  });
});

describe('a process that fails', () => {
  test('hangs: timeout at 5 s, killed, and the next call has a new one', async () => {
    const { calls, clock, processes, last, get } = setUp();
    const result = get();
    await settle();
    clock.advance(4999);
    await settle();
    expect(last().killed).toBe(false);
    clock.advance(1);
    expect(await result).toMatchObject({ kind: 'timeout' });
    expect(last().killed).toBe(true);
    const next = calls.call({ op: 'get', service: 'dumont-cloud', account: 'two' });
    await settle();
    expect(processes).toHaveLength(2);
    last().answer();
    expect(await next).toMatchObject({ kind: 'answered' });
  });

  test('crashes during a call: unavailable', async () => {
    const { last, get } = setUp();
    const result = get();
    await settle();
    last().crash();
    expect(await result).toMatchObject({ kind: 'unavailable' });
  });

  test('is started again three times in ten minutes, not more, and again later', async () => {
    const { clock, processes, last, get } = setUp();
    for (let times = 0; times < 4; times += 1) {
      const result = get();
      await settle();
      last().crash();
      expect(await result).toMatchObject({ kind: 'unavailable' });
    }
    expect(await get()).toMatchObject({ kind: 'unavailable' });
    expect(processes).toHaveLength(4);
    clock.advance(10 * 60_000);
    const later = get();
    await settle();
    expect(processes).toHaveLength(5);
    last().answer('back');
    expect(await later).toEqual({ kind: 'answered', value: 'back' });
  });

  test('cannot be started: unavailable', async () => {
    const calls = new HelperCalls({ fork: () => { throw new Error('no such file'); }, clock: manualClock(), timeoutMs: 5000 });
    expect(await calls.call({ op: 'get', service: 'dumont-cloud', account: 'one' })).toMatchObject({ kind: 'unavailable' });
  });
});

describe('a process that ends between calls', () => {
  test('was idle: no failure is counted', async () => {
    const { processes, last, get } = setUp();
    for (let times = 0; times < 8; times += 1) {
      const result = get();
      await settle();
      last().answer();
      expect(await result).toMatchObject({ kind: 'answered' });
      last().crash();
    }
    expect(processes).toHaveLength(8);
  });

  test('is replaced before it would end by itself', async () => {
    const { clock, processes, last, get } = setUp();
    for (const pause of [0, 49_000, 51_000]) {
      clock.advance(pause);
      const result = get();
      await settle();
      last().answer();
      await result;
    }
    expect(processes).toHaveLength(2);
    expect(processes[0]?.killed).toBe(true);
  });

  test('after close nothing is started, and a call that waits is let go', async () => {
    const { calls, processes, get } = setUp();
    const waiting = get();
    await settle();
    calls.close();
    expect(await waiting).toMatchObject({ kind: 'unavailable' });
    expect(await get()).toMatchObject({ kind: 'unavailable' });
    expect(processes).toHaveLength(1);
  });
});
