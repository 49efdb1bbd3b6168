// The window is shown to whoever asks for it, also while the app still starts; a hidden second start asks for nothing.
import { expect, test } from 'vitest';
import { Showing, type Shown } from './showing';

const link = ['/opt/dumont-cloud', 'dumont://offer/12'];

const window = (isOpen = true): Shown & { readonly opened: string[] } => {
  const opened: string[] = [];
  return { opened, get: () => (isOpen || opened.length > 0 ? {} : null), open: (route) => void opened.push(route) };
};

test('a second start shows the window, at its link if it has one', () => {
  const [showing, shown] = [new Showing([]), window()];
  showing.started(shown);
  showing.secondStart(['/opt/dumont-cloud']);
  showing.secondStart(link);
  expect(shown.opened).toEqual(['', '#/offers/12']);
});

test('a start at login while the app runs leaves the window as it is, unless it brings a link', () => {
  const [showing, shown] = [new Showing([]), window()];
  showing.started(shown);
  showing.secondStart(['/opt/dumont-cloud', '--hidden']);
  expect(shown.opened).toEqual([]);
  showing.secondStart([...link, '--hidden']);
  expect(shown.opened).toEqual(['#/offers/12']);
});

test('a second start while the first one is still starting hidden is remembered', () => {
  const [showing, shown] = [new Showing(['--hidden']), window(false)];
  showing.secondStart(['/opt/dumont-cloud', '--hidden']);
  showing.secondStart(['/opt/dumont-cloud']);
  showing.started(shown);
  expect(shown.opened).toEqual(['']);
});

test('what came while it started leads to the page of its link; a window that was opened by the start is not opened again', () => {
  const [hidden, seen] = [window(false), window()];
  for (const shown of [hidden, seen]) {
    const showing = new Showing([]);
    showing.secondStart(link);
    expect(showing.route).toBe('#/offers/12');
    showing.started(shown);
  }
  expect([hidden.opened, seen.opened]).toEqual([['#/offers/12'], []]);
});

test('nobody asked: a hidden start stays hidden, and a link of the first start is its route', () => {
  const [showing, shown] = [new Showing(link.slice(1)), window(false)];
  showing.started(shown);
  expect([showing.route, shown.opened]).toEqual(['#/offers/12', []]);
});
