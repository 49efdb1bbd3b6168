// Rents an offer at most once, whatever happens to the answer.
import { randomUUID } from 'node:crypto';
import type { CreateInstance, Instance, InstanceWithOperation } from '../../contract';
import { AppError, isAppError } from './app-error';
import { destroyUntilGone } from './destroy';
import { waitForBoot, type BootTarget } from './instance-boot';
import { Answer, answerWithinMs, soon, tellChanges, view, within, type InstanceParts } from './instance-parts';
import { keyMark, markIn, OwnAccount, remembered } from './own-account';
import type { Caller, OperationRun, RentedInstance, Vast } from './ports';
import { checkPrice, justRented, keptRequest, planRent, type RentPlan } from './rent-plan';
import { findIntent, searchForIntent } from './rent-search';
import type { IntentRow, OperationRow } from './store-port';
import type { Turns } from './instance-turns';

/*
 * [Note: Rent intent]
 * Vast has no idempotency key, a create whose answer is lost may have rented, and every second of a rental is money. So:
 * a row is written before the create is sent; its id stands in the label; the create is sent once and never again; when its
 * outcome is not known, the list is searched for the label. Calls for an offer that is being rented join that rental, and an
 * offer with an open intent is searched for before it is asked for again.
 */

/** A rental that no list has shown for so long was not made. */
const noLongerExpectedMs = 15 * 60_000;
const nothingRented = 'Vast.ai did not answer the rental, and no instance with its label appeared. Nothing was rented.';

export class Renting {
  private readonly inFlight = new Map<string, Promise<InstanceWithOperation>>();

  constructor(
    private readonly parts: InstanceParts,
    private readonly turns: Turns,
  ) {}

  /** The new instance once Vast has accepted. Throws the errors of the contract; `rent_unconfirmed` when Vast said nothing in time and the operation looks on. */
  create(caller: Caller, input: CreateInstance): Promise<InstanceWithOperation> {
    const lane = `${caller.userId} ${input.offer_id}`;
    const running = this.inFlight.get(lane);
    if (running) return running;
    const answer = this.begin(caller, input).finally(() => this.inFlight.delete(lane));
    this.inFlight.set(lane, answer);
    return answer;
  }

  /** Goes on with a rental found unfinished at start: what was sent is searched for, what runs is waited for. */
  takeUp(row: OperationRow): void {
    const { store, operations } = this.parts;
    const intent = store.intents.byOperation(row.id);
    if (intent === null || intent.state === 'intended' || intent.state === 'refused') {
      if (intent?.state === 'intended') store.intents.update(intent.id, { state: 'refused' });
      operations.end(row.id, 'failed', { code: 'cancelled', message: 'The app ended before the rental was sent. Nothing was rented.', data: {} });
      return;
    }
    const { done } = operations.takeUp(row, (run) => this.resume(run, intent, row));
    tellChanges(this.parts, row.userId, done);
  }

  /** A list of the provider, for rentals whose outcome was left open when Vast could not be asked. `account`: mark of the key that it was given to. */
  listed(userId: string, rows: readonly RentedInstance[], account: string): void {
    const { store, operations } = this.parts;
    const left = store.intents.open(userId).filter((intent) => intent.state === 'unknown');
    const active = left.length === 0 ? [] : operations.active(userId);
    for (const intent of left) {
      const found = findIntent(rows, intent.id);
      const isOld = this.parts.clock.now() - intent.createdAt > noLongerExpectedMs;
      if ((found !== null || (isOld && this.speaksOf(intent, account))) && !active.some((operation) => operation.id === intent.operationId)) this.settleIntent(intent, found);
    }
  }

  private async begin(caller: Caller, input: CreateInstance): Promise<InstanceWithOperation> {
    const { secrets, settings, vast, operations, clock } = this.parts;
    const { userId } = caller;
    const key = await secrets.vastKey(userId);
    const earlier = await this.earlier(userId, input.offer_id);
    if (earlier !== null) return earlier;
    const drawn = planRent(userId, randomUUID(), input, settings.values(userId));
    const plan = input.max_dph === undefined ? drawn : { ...drawn, offer: await checkPrice(vast, key, drawn.request, input.max_dph) };
    const answer = new Answer<RentedInstance>();
    const title = plan.label ?? `#${input.offer_id}`;
    const spec = { caller, kind: 'create' as const, instanceId: null, title, cancellable: false, context: { intent_id: plan.intentId, offer_id: input.offer_id, ...remembered(keyMark(key)) } };
    const { operation, done } = operations.start(spec, (run) => this.work(run, new OwnAccount(this.parts, run, userId, keyMark(key)), plan, answer));
    tellChanges(this.parts, userId, done);
    const row = await within(clock, answerWithinMs, answer.promise, () => {
      throw new AppError('rent_unconfirmed', 'Vast.ai has not confirmed the rental yet. It is being searched for by its label; nothing is rented twice.', {
        intent_id: plan.intentId,
        operation_id: operation.id,
      });
    });
    return this.answered(userId, row, operation.id);
  }

  /** What an earlier, unsettled rental of this offer comes to: an instance, null when there is none, or `rent_unconfirmed`. */
  private async earlier(userId: string, offerId: number): Promise<InstanceWithOperation | null> {
    const { store, operations, poller } = this.parts;
    const open = store.intents.open(userId).filter((intent) => intent.offerId === offerId && intent.state !== 'confirmed' && intent.state !== 'refused');
    for (const intent of open) {
      if (operations.active(userId).some((operation) => operation.id === intent.operationId)) {
        throw new AppError('rent_unconfirmed', 'This offer is being rented already; its confirmation is awaited.', { intent_id: intent.id, operation_id: intent.operationId });
      }
      const known = await poller.refresh(userId);
      const found = findIntent(known.rows, intent.id);
      if (found === null && !this.speaksOf(intent, known.account)) continue;
      this.settleIntent(intent, found);
      if (found !== null) return this.answered(userId, found, intent.operationId);
    }
    return null;
  }

  /** Whether a list given to the key of this mark can say that there is no such rental; another account's cannot. */
  private speaksOf(intent: IntentRow, account: string | null): boolean {
    const mark = markIn(this.parts.store.operations.get(intent.operationId)?.context ?? {});
    return mark === null || mark === account;
  }

  /** An intent that was left open comes to its end: what was found is booted by the operation that looked for it, what was not made is said to be so. */
  private settleIntent(intent: IntentRow, found: RentedInstance | null): void {
    const { store, operations } = this.parts;
    // The list that was just asked for may have settled it already.
    if (store.intents.get(intent.id)?.state === 'confirmed') return;
    const row = store.operations.get(intent.operationId);
    store.intents.update(intent.id, found === null ? { state: 'refused' } : { state: 'confirmed', instanceId: found.id });
    if (found !== null && row !== null) {
      const { done } = operations.takeUp(row, async (run) => {
        this.confirm(run, intent.id, found.id);
        await this.boot(run, new OwnAccount(this.parts, run, intent.userId, markIn(row.context)), { instanceId: found.id, since: intent.createdAt, watched: false });
      });
      tellChanges(this.parts, intent.userId, done);
    } else if (row?.state === 'unknown') {
      operations.end(row.id, 'failed', { code: 'vast_unreachable', message: nothingRented, data: { attempts: 1 } });
    }
  }

  private answered(userId: string, row: RentedInstance, operationId: string): InstanceWithOperation {
    const instance: Instance = view(this.parts, userId, row);
    return { ...instance, operation_id: operationId };
  }

  private async work(run: OperationRun, account: OwnAccount, plan: RentPlan, answer: Answer<RentedInstance>): Promise<void> {
    const { store, clock } = this.parts;
    try {
      const { intentId: id, userId, label, request } = plan;
      const createdAt = clock.now();
      store.intents.insert({ id, userId, operationId: run.id, offerId: request.offerId, label, request: keptRequest(request), state: 'intended', instanceId: null, createdAt });
      const instanceId = await this.obtain(run, account, plan, answer);
      this.confirm(run, plan.intentId, instanceId);
      answer.resolve(await this.firstRow(plan, instanceId));
      await this.boot(run, account, { instanceId, since: createdAt, watched: true });
    } catch (error) {
      answer.reject(error);
      throw error;
    }
  }

  private confirm(run: OperationRun, intentId: string, instanceId: number): void {
    this.parts.store.intents.update(intentId, { state: 'confirmed', instanceId });
    run.remember({ intent_id: intentId, instance_id: instanceId });
    run.link({ instanceId });
    run.log('info', `Rented: instance ${instanceId}.`);
  }

  /** The row to answer with: from a list begun now, else what the request and the offer say of it. */
  private async firstRow(plan: RentPlan, instanceId: number): Promise<RentedInstance> {
    const rows = await soon(this.parts, plan.userId);
    return rows.find((row) => row.id === instanceId) ?? justRented(instanceId, plan.request, plan.offer);
  }

  /** The id of the new instance: from the answer, or from the list when the answer was lost. */
  private async obtain(run: OperationRun, account: OwnAccount, plan: RentPlan, answer: Answer<RentedInstance>): Promise<number> {
    const rental = await this.send(run, account, plan);
    if (rental === 'lost') return this.search(run, account, plan.intentId);
    if (rental.accepted) return rental.instanceId;
    this.confirm(run, plan.intentId, rental.instanceId);
    throw await this.unwanted(run, account, rental.instanceId, rental.detail ?? 'not accepted', answer);
  }

  /** Sends the create, once. `lost`: it may have rented. Throws when Vast refused, or when nothing was sent. */
  private async send(run: OperationRun, account: OwnAccount, plan: RentPlan): Promise<Awaited<ReturnType<Vast['rent']>> | 'lost'> {
    const { vast, secrets, store } = this.parts;
    const key = await secrets.vastKey(plan.userId);
    account.adopt(keyMark(key));
    store.intents.update(plan.intentId, { state: 'sent' });
    try {
      return await vast.rent(key, plan.request, run.signal);
    } catch (error) {
      const wasSent = !isAppError(error) || (isAppError(error, 'vast_unreachable') && error.data.attempts > 0);
      if (!wasSent) {
        store.intents.update(plan.intentId, { state: 'refused' });
        throw this.withCredit(error, plan.userId);
      }
      if (run.signal.aborted) throw error;
      run.log('warn', 'The answer to the rental was lost. Looking for it by its label; it is not sent again.');
      return 'lost';
    }
  }

  /** Lack of credit is said with how much there is. */
  private withCredit(error: unknown, userId: string): unknown {
    if (!isAppError(error, 'insufficient_credit')) return error;
    return new AppError('insufficient_credit', error.message, { credit: this.parts.poller.snapshot(userId).credit }, { cause: error });
  }

  private async search(run: OperationRun, account: OwnAccount, intentId: string): Promise<number> {
    const { store } = this.parts;
    try {
      const found = await searchForIntent(this.parts, run, account, intentId);
      if (found !== null) return found.id;
    } catch (error) {
      if (!run.signal.aborted) store.intents.update(intentId, { state: 'unknown' });
      throw error;
    }
    store.intents.update(intentId, { state: 'unknown' });
    throw new AppError('vast_unreachable', nothingRented, { attempts: 1 });
  }

  /** Vast made an instance although it refused: its disk is billed, so it is destroyed. The caller hears the reason at once. */
  private async unwanted(run: OperationRun, account: OwnAccount, instanceId: number, detail: string, answer: Answer<RentedInstance>): Promise<AppError> {
    run.log('error', `Vast.ai did not accept the rental (${detail}) but made instance ${instanceId}; destroying it.`);
    const refusal = new AppError('vast_error', `Vast.ai did not accept the rental: ${detail}`, { status: 200, slug: 'not_accepted', detail });
    answer.reject(refusal);
    run.remember({ unwanted: detail });
    await destroyUntilGone(this.parts, run, { account, instanceId, since: this.parts.clock.now(), accepted: () => undefined });
    return refusal;
  }

  private async boot(run: OperationRun, account: OwnAccount, rented: Pick<BootTarget, 'instanceId' | 'since' | 'watched'>): Promise<void> {
    const signal = this.turns.begin(account.userId, rented.instanceId, run);
    await waitForBoot(this.parts, run, { ...rented, account, signal });
  }

  private async resume(run: OperationRun, intent: IntentRow, { context }: OperationRow): Promise<void> {
    const account = new OwnAccount(this.parts, run, intent.userId, markIn(context));
    const unwanted = context['unwanted'];
    const instanceId = intent.instanceId ?? (await this.search(run, account, intent.id));
    if (typeof unwanted === 'string') {
      await destroyUntilGone(this.parts, run, { account, instanceId, since: this.parts.clock.now(), accepted: () => undefined });
      throw new AppError('vast_error', `Vast.ai did not accept the rental: ${unwanted}`, { status: 200, slug: 'not_accepted', detail: unwanted });
    }
    if (intent.instanceId === null) this.confirm(run, intent.id, instanceId);
    await this.boot(run, account, { instanceId, since: intent.createdAt, watched: false });
  }
}
