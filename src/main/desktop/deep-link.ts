// Which page of the app a `dumont://` link from outside leads to. Pure; the link may come from any web page or program.

/** Longer than any link of ours. */
const longest = 120;

/** Vast's ids are numbers, snapshots' are hex digits, operations' are UUIDs: nothing in them needs decoding, so nothing is decoded. */
const forms: readonly { readonly form: RegExp; readonly section: string }[] = [
  { form: /^offer\/([1-9]\d{0,14})$/, section: 'offers' },
  { form: /^instance\/([1-9]\d{0,14})$/, section: 'instances' },
  { form: /^snapshot\/([0-9a-f]{64})$/, section: 'snapshots' },
  { form: /^operation\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/, section: 'operations' },
];

/**
 * The route (`#/instances/12`) of a link, or null for anything that is not exactly one of ours.
 *
 * [Note: Deep links] A link only ever leads to a page on which the user decides. It is never loaded as an address: the window's own pages
 * live on the same scheme (`dumont://app/`), so what is loaded is a route made here from an id that was matched whole.
 */
export function routeOfLink(link: string): string | null {
  if (link.length > longest) return null;
  const rest = /^dumont:\/\/([a-z]+\/[0-9a-f-]+)\/?$/.exec(link)?.[1];
  if (rest === undefined) return null;
  for (const { form, section } of forms) {
    const id = form.exec(rest)?.[1];
    if (id !== undefined) return `#/${section}/${id}`;
  }
  return null;
}

/** Whether an argument wants to be a link of ours; flags are read elsewhere. */
export const isLink = (word: string): boolean => /^dumont:/i.test(word);

/** What the arguments of a start ask for: the route of their link, null where there is none or it is refused. Two links are none. */
export function routeOfArguments(argv: readonly string[]): string | null {
  const links = argv.filter(isLink);
  return links.length === 1 ? routeOfLink(links[0] ?? '') : null;
}
