// Keeps an operation with the Vast account that it began with.
import { createHash } from 'node:crypto';
import { AppError } from './app-error';
import type { OperationRun, Vast } from './ports';
import type { SecretsService } from './services';

/*
 * [Note: Own account] The key may be changed while something is pending. To the key of another account Vast says that there is no such instance, and its list
 * does not have it, though it is billed on: neither means anything then. So an operation remembers a mark of the key that it began with. With another key it
 * goes on only once Vast shows the instance to that one too, as when a key was replaced within the account; else it ends with `vast_key_rejected`.
 */

/** Tells keys, and so accounts, apart. The key cannot be had from it. */
export const keyMark = (key: string): string => createHash('sha256').update(key).digest('hex');

/** The mark that an operation remembers; null of one that began before there were any. */
export const markIn = (context: Readonly<Record<string, unknown>>): string | null => (typeof context['account'] === 'string' ? context['account'] : null);

/** What an operation remembers of it. */
export const remembered = (mark: string): { readonly account: string } => ({ account: mark });

export interface OwnAccountParts {
  readonly vast: Pick<Vast, 'get'>;
  readonly secrets: Pick<SecretsService, 'vastKey'>;
}

/** An operation cannot go on with the key that is set now. */
export class OtherAccount extends AppError<'vast_key_rejected'> {
  constructor() {
    super('vast_key_rejected', 'Another Vast.ai key is set, and its account does not show this instance. It may still be billed in the account that this began with.', {});
  }
}

/** The account of one operation. See [Note: Own account]. */
export class OwnAccount {
  constructor(
    private readonly parts: OwnAccountParts,
    private readonly run: Pick<OperationRun, 'remember'>,
    readonly userId: string,
    private mark: string | null,
  ) {}

  /** The key to ask about this instance with. Throws `vast_key_rejected` when it is another account's, and what Vast throws. */
  async key(instanceId: number, signal?: AbortSignal): Promise<string> {
    const key = await this.parts.secrets.vastKey(this.userId);
    if (!this.has(keyMark(key)) && (await this.parts.vast.get(key, instanceId, signal)) === null) throw new OtherAccount();
    this.adopt(keyMark(key));
    return key;
  }

  /** Whether what was seen with the key of this mark holds for this account. */
  has(mark: string | null): boolean {
    return this.mark === null || this.mark === mark;
  }

  /** This key sees, or makes, what the operation is about. */
  adopt(mark: string): void {
    if (this.mark === mark) return;
    this.mark = mark;
    this.run.remember(remembered(mark));
  }
}
