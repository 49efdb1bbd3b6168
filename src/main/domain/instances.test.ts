// The account as the window, the tray and the API see it: each figure says of when it is.
import { expect, test } from 'vitest';
import { settle, VirtualClock } from '../../../test/fakes/virtual-clock';
import { AppError } from './app-error';
import { listWithinMs } from './instance-parts';
import { Instances } from './instances';
import type { Caller } from './ports';

const ana: Caller = { userId: 'ana', email: 'ana@example.com', transport: 'ipc' };
const nothing = (): undefined => undefined;

/** Of an account without instances. */
const instancesWith = (clock: VirtualClock, credit: () => Promise<number>): Instances =>
  new Instances({
    vast: { list: () => Promise.resolve([]), credit: () => credit().then((known) => ({ credit: known, email: null })) },
    secrets: { vastKey: () => Promise.resolve('k') },
    store: { intents: { open: () => [] } },
    operations: { active: () => [] },
    hints: { tell: nothing },
    log: { info: nothing, warn: nothing, error: nothing, hide: nothing },
    clock,
  } as unknown as ConstructorParameters<typeof Instances>[0]);

const slowCredit = (clock: VirtualClock, ms: number): Instances => instancesWith(clock, () => clock.sleep(ms).then(() => 5));

test('a credit that Vast.ai does not say any more keeps the time it was said', async () => {
  const clock = new VirtualClock();
  let credit: number | null = 5;
  const instances = instancesWith(clock, () => (credit === null ? Promise.reject(new AppError('vast_error', 'no', { status: 500, slug: null, detail: '' })) : Promise.resolve(credit)));
  const said = new Date(clock.now()).toISOString();
  expect(await instances.account(ana)).toMatchObject({ credit: 5, credit_as_of: said, as_of: said });
  credit = null;
  await clock.pass(600_000);
  await instances.list(ana, { fresh: true });
  expect(await instances.account(ana)).toMatchObject({ credit: 5, credit_as_of: said, as_of: new Date(clock.now()).toISOString(), stale: false, problem: null });
});

test('the list is there before the credit: the account waits for both', async () => {
  const clock = new VirtualClock();
  const instances = slowCredit(clock, 1000);
  const listed = instances.list(ana);
  await settle();
  const asked = instances.account(ana);
  await clock.pass(1000);
  expect(await asked).toMatchObject({ credit: 5, stale: false });
  await listed;
});

test('a credit that does not come is not waited for for long', async () => {
  const clock = new VirtualClock();
  const instances = slowCredit(clock, 600_000);
  void instances.list(ana);
  await settle();
  const asked = instances.account(ana);
  await clock.pass(listWithinMs);
  expect(await asked).toMatchObject({ credit: null, credit_as_of: null, stale: false });
});
