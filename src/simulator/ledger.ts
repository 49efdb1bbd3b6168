// A record of what callers asked and rented, for tests that count requests and double rentals.

/** One request as it arrived. Query and bodies are not kept: they may hold secrets. */
export interface LedgerRequest {
  /** Simulated epoch seconds. */
  readonly time: number;
  readonly method: string;
  readonly path: string;
  /** Status answered; 0 when the connection was cut or left hanging. */
  status: number;
}

/** One rental that the server committed, whether or not its answer arrived. */
export interface LedgerRental {
  readonly time: number;
  readonly instance_id: number;
  readonly ask_id: number;
  readonly label: string | null;
}

const keptRequests = 5000;

/** The last requests and every rental since the start of the process. */
export class Ledger {
  readonly requests: LedgerRequest[] = [];
  readonly rentals: LedgerRental[] = [];

  /** Notes a request; its status is filled in when answered. */
  request(time: number, method: string, path: string): LedgerRequest {
    const entry: LedgerRequest = { time, method, path, status: 0 };
    this.requests.push(entry);
    if (this.requests.length > keptRequests) this.requests.shift();
    return entry;
  }

  /** Notes a committed rental. */
  rental(entry: LedgerRental): void {
    this.rentals.push(entry);
  }

  /** Instance ids by the label they were rented under. */
  rentalsByLabel(): Record<string, number[]> {
    const byLabel: Record<string, number[]> = {};
    for (const rental of this.rentals) (byLabel[rental.label ?? ''] ??= []).push(rental.instance_id);
    return byLabel;
  }
}
