// A refusal in the API's own form: status, slug and text.

/** Thrown by routes and actions; the HTTP layer turns it into `{"success":false,"error":slug,"msg":text,...}`. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly slug: string,
    message: string,
    readonly extra: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}

/** The refusal of an unknown or destroyed instance. */
export const noSuchInstance = (id: number): ApiError => new ApiError(404, 'no_such_instance', `Instance ${id} not found.`);

/** The refusal when no prepaid dollars are left. */
export const noCredit = (): ApiError => new ApiError(400, 'insufficient_credit', 'Your account lacks credit; see the billing page.');
