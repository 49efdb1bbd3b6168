// Who may talk to main: the rule, as a function of facts.
import { isOurs } from './origin';

/** The facts of a message's sender that decide. */
export interface Sender {
  readonly frameUrl: string | null;
  readonly isTopFrame: boolean;
  readonly isOurWindow: boolean;
}

/** Only the top frame of our own window, showing our own page. A frame that is gone has no say. */
export function isTrusted(sender: Sender): boolean {
  return sender.isOurWindow && sender.isTopFrame && sender.frameUrl !== null && isOurs(sender.frameUrl);
}
