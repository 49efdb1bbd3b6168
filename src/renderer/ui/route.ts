// Where the user is: the section and its parameters, kept in location.hash so that it works on dumont:// and http alike.
import { create } from 'zustand';
import { sectionNames } from '../../contract/commands';

/** The sections of the left navigation, in the order of Ctrl/Cmd and their numbers. */
export const sections = sectionNames;

export type Section = (typeof sections)[number];

export interface Route {
  readonly section: Section;
  /** What follows the section, for example the id of the thing that is open. */
  readonly id: string | null;
  readonly params: Readonly<Record<string, string>>;
}

/** `#/instances/42?tab=logs` as a route; anything else is the first section. */
export function parseRoute(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const [name = '', ...rest] = path.split('/');
  const section = sections.find((known) => known === name) ?? 'offers';
  const id = rest.join('/');
  return { section, id: id === '' ? null : safeDecode(id), params: Object.fromEntries(new URLSearchParams(search)) };
}

/** The hash of a route. */
export function routeHash(section: Section, id?: string | number | null, params?: Readonly<Record<string, string>>): string {
  const search = params === undefined ? '' : new URLSearchParams(params).toString();
  return `#/${section}${id === undefined || id === null ? '' : `/${encodeURIComponent(id)}`}${search === '' ? '' : `?${search}`}`;
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const useRouteStore = create<Route>(() => parseRoute(window.location.hash));
window.addEventListener('hashchange', () => useRouteStore.setState(parseRoute(window.location.hash), true));

/** The current route. */
export const useRoute = (): Route => useRouteStore();

/** Goes to a section, or to one thing in it. */
export function navigate(section: Section, id?: string | number | null, params?: Readonly<Record<string, string>>): void {
  window.location.hash = routeHash(section, id, params);
}
