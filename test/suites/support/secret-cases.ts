// What every place for secrets must do, whichever it is: the same cases run on the keychain, on the vault and on the fake.
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { SecretRead, SecretWrite } from '../../../src/main/domain/ports';

/** A place that answers; names are chosen by the cases and are never used twice. */
export interface SecretPlace {
  get(name: string): Promise<SecretRead>;
  set(name: string, value: string): Promise<SecretWrite>;
  delete(name: string): Promise<SecretWrite>;
}

const done = { kind: 'done' };
const absent = { kind: 'absent' };
const found = (value: string): SecretRead => ({ kind: 'found', value });

/** Declares the cases. `place` is asked when a case runs. */
export const secretCases = (title: string, place: () => SecretPlace): void => {
  describe(`KEY-01 ${title}`, () => {
    const name = (): string => `case-${randomUUID()}`;

    test('what was never set is absent', async () => {
      expect(await place().get(name())).toEqual(absent);
    });

    test('gives back what was set', async () => {
      const one = name();
      expect(await place().set(one, 'a value')).toEqual(done);
      expect(await place().get(one)).toEqual(found('a value'));
    });

    test('gives it back again and again', async () => {
      const one = name();
      await place().set(one, 'steady');
      for (let times = 0; times < 3; times += 1) expect(await place().get(one)).toEqual(found('steady'));
    });

    test('a second value replaces the first', async () => {
      const one = name();
      await place().set(one, 'first');
      expect(await place().set(one, 'second')).toEqual(done);
      expect(await place().get(one)).toEqual(found('second'));
    });

    test('names do not mix', async () => {
      const [one, other] = [name(), name()];
      await place().set(one, '1');
      await place().set(other, '2');
      expect(await place().get(one)).toEqual(found('1'));
      expect(await place().get(other)).toEqual(found('2'));
    });

    test('what was deleted is absent', async () => {
      const one = name();
      await place().set(one, 'gone soon');
      expect(await place().delete(one)).toEqual(done);
      expect(await place().get(one)).toEqual(absent);
    });

    test('deleting what is not there is done', async () => {
      expect(await place().delete(name())).toEqual(done);
    });

    test('deleting one leaves the others', async () => {
      const [one, other] = [name(), name()];
      await place().set(one, '1');
      await place().set(other, '2');
      await place().delete(one);
      expect(await place().get(other)).toEqual(found('2'));
    });

    test('can be set again after it was deleted', async () => {
      const one = name();
      await place().set(one, 'old');
      await place().delete(one);
      await place().set(one, 'new');
      expect(await place().get(one)).toEqual(found('new'));
    });

    test('text of any script comes back as it was', async () => {
      const one = name();
      const value = 'chave "à" \\ ключ 鍵 🔑 \n\t e\u0301';
      await place().set(one, value);
      expect(await place().get(one)).toEqual(found(value));
    });

    test('1,999 bytes fit', async () => {
      const one = name();
      const value = 'k'.repeat(1999);
      expect(await place().set(one, value)).toEqual(done);
      expect(await place().get(one)).toEqual(found(value));
    });

    test('calls at once all hold', async () => {
      const names = Array.from({ length: 12 }, name);
      expect(await Promise.all(names.map((one) => place().set(one, `of ${one}`)))).toEqual(names.map(() => done));
      expect(await Promise.all(names.map((one) => place().get(one)))).toEqual(names.map((one) => found(`of ${one}`)));
    });
  });
};
