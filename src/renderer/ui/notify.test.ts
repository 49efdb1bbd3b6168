// A second notice of the same kind takes the place of the first.
import { notificationsStore } from '@mantine/notifications';
import { beforeEach, expect, test } from 'vitest';
import { notify } from './notify';

const titles = (): unknown[] => notificationsStore.getState().notifications.map(({ title }) => title);

beforeEach(() => notificationsStore.setState({ ...notificationsStore.getState(), notifications: [], queue: [] }));

test('one of the same id replaces the former, as a notice of its own with its own time', () => {
  notify({ id: 'saved', title: 'first' });
  const [former] = notificationsStore.getState().notifications;
  notify({ id: 'saved', title: 'second', tone: 'bad' });
  expect(titles()).toEqual(['second']);
  expect(notificationsStore.getState().notifications[0]).not.toMatchObject({ id: former?.id });
  expect(notificationsStore.getState().notifications[0]).toMatchObject({ autoClose: false, role: 'alert' });
});

test('others stay', () => {
  notify({ title: 'one' });
  notify({ id: 'saved', title: 'two' });
  notify({ id: 'other', title: 'three' });
  expect(titles()).toEqual(['one', 'two', 'three']);
});
