// The window is shown to whoever asks for it, also while the app still starts; a hidden second start asks for nothing.
import { expect, test } from 'vitest';
import { routeOfArguments } from './deep-link';
import { Showing, type Shown } from './showing';

const link = ['/opt/dumont-cloud', 'dumont://offer/12'];

const showingOf = (argv: readonly string[]): Showing => new Showing(argv, '/home/ana', routeOfArguments);

const window = (isOpen = true): Shown & { readonly opened: string[] } => {
  const opened: string[] = [];
  return { opened, get: () => (isOpen || opened.length > 0 ? {} : null), open: (route) => void opened.push(route) };
};

test('a second start shows the window, at its link if it has one', () => {
  const [showing, shown] = [showingOf([]), window()];
  showing.started(shown);
  showing.secondStart(['/opt/dumont-cloud'], '/home/ana');
  showing.secondStart(link, '/home/ana');
  expect(shown.opened).toEqual(['', '#/offers/12']);
});

test('a start at login while the app runs leaves the window as it is, unless it brings a link', () => {
  const [showing, shown] = [showingOf([]), window()];
  showing.started(shown);
  showing.secondStart(['/opt/dumont-cloud', '--hidden'], '/home/ana');
  expect(shown.opened).toEqual([]);
  showing.secondStart([...link, '--hidden'], '/home/ana');
  expect(shown.opened).toEqual(['#/offers/12']);
});

test('a second start while the first one is still starting hidden is remembered', () => {
  const [showing, shown] = [showingOf(['--hidden']), window(false)];
  showing.secondStart(['/opt/dumont-cloud', '--hidden'], '/home/ana');
  showing.secondStart(['/opt/dumont-cloud'], '/home/ana');
  showing.started(shown);
  expect(shown.opened).toEqual(['']);
});

test('what came while it started leads to the page of its link; a window that was opened by the start is not opened again', () => {
  const [hidden, seen] = [window(false), window()];
  for (const shown of [hidden, seen]) {
    const showing = showingOf([]);
    showing.secondStart(link, '/home/ana');
    expect(showing.route).toBe('#/offers/12');
    showing.started(shown);
  }
  expect([hidden.opened, seen.opened]).toEqual([['#/offers/12'], []]);
});

test('nobody asked: a hidden start stays hidden, and a link of the first start is its route', () => {
  const [showing, shown] = [showingOf(link.slice(1)), window(false)];
  showing.started(shown);
  expect([showing.route, shown.opened]).toEqual(['#/offers/12', []]);
});

test('relative paths of a second start begin where it was started', () => {
  const [folders, shown] = [[] as string[], window()];
  const showing = new Showing(['a'], '/first', (argv, folder) => {
    folders.push(folder);
    return argv.length === 0 ? null : `#/schedules?file=${String(folders.length)}`;
  });
  showing.started(shown);
  showing.secondStart(['b'], '/second');
  expect([showing.route, folders, shown.opened]).toEqual(['#/schedules?file=2', ['/first', '/second'], ['#/schedules?file=2']]);
});
