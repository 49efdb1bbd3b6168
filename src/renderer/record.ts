/** What was received, as an object to look into; empty when it is none. */
export const record = (data: unknown): Readonly<Record<string, unknown>> => (typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {});
