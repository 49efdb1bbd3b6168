// The label at Vast: the user's part, then the intent it was rented with. See [Note: Rent intent].

/** Most characters Vast keeps of a label. */
const labelLimit = 256;

const marker = /^(?:(?<user>[^]*?) )?\[dc-(?<intent>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\]$/i;

/** A label in its two parts. */
export interface LabelParts {
  readonly label: string | null;
  readonly intentId: string | null;
}

const cut = (text: string, limit: number): string => {
  if (text.length <= limit) return text;
  const splits = (text.codePointAt(limit - 1) ?? 0) > 0xffff;
  return text.slice(0, splits ? limit - 1 : limit);
};

/** `<user's label> [dc-<intent id>]`, at most 256 characters; the user's part gives way. */
export const joinLabel = (label: string | null, intentId: string | null): string => {
  if (intentId === null) return cut(label ?? '', labelLimit);
  const mark = `[dc-${intentId}]`;
  const own = cut((label ?? '').trim(), labelLimit - mark.length - 1).trimEnd();
  return own === '' ? mark : `${own} ${mark}`;
};

/** The parts of a label as Vast has it. A mark counts only at the very end, so a user's own text in brackets stays text. */
export const splitLabel = (full: string | null): LabelParts => {
  if (full === null || full.trim() === '') return { label: null, intentId: null };
  const { user, intent } = marker.exec(full)?.groups ?? {};
  if (intent === undefined) return { label: full, intentId: null };
  return { label: user === undefined || user.trim() === '' ? null : user, intentId: intent.toLowerCase() };
};
