// The words: both languages have the same keys and placeholders, every error has its three sentences, no key is unused.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import i18next from 'i18next';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { errorTable } from '../../contract';
import { errorWords } from '../ui/error-message';
import { words as en } from './words-en';
import { words as pt } from './words-pt-br';

type Tree = { readonly [key: string]: string | Tree };

const flatten = (tree: Tree, prefix = ''): Map<string, string> =>
  new Map(Object.entries(tree).flatMap(([key, value]): [string, string][] => (typeof value === 'string' ? [[prefix + key, value]] : [...flatten(value, `${prefix}${key}.`)])));

const plural = /_(?:zero|one|two|few|many|other)$/;
const placeholders = (text: string): string[] => [...text.matchAll(/\{\{([^}]+)\}\}/g)].map(([, name]) => name ?? '').sort();
const languages = { en: flatten(en), 'pt-BR': flatten(pt) };

const sources = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) => {
    const file = path.join(folder, name);
    if (statSync(file).isDirectory()) return sources(file);
    return /\.tsx?$/.test(name) && !/\.test\.tsx?$/.test(name) ? [readFileSync(file, 'utf8')] : [];
  });

/** Keys built from a code at run time, by the namespace and the part that does not change; `sources` must hold the pattern that builds them. */
function usedKeys(code: string, keys: readonly string[]): Set<string> {
  const literal = new Set([...code.matchAll(/['"`]([\w:. -]+)['"`]/g)].map(([, text]) => text));
  const templates = [...code.matchAll(/`([\w:.-]*\$\{[^`]*)`/g)].map(([, text = '']) => {
    const pattern = text.replace(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, '\u0000').split('\u0000').map((part) => part.replace(/[.*+?^$()|[\]\\{}]/g, '\\$&')).join('[\\w-]+');
    return new RegExp(`^(?:${pattern})$`);
  });
  return new Set(keys.filter((key) => {
    const bare = key.replace(plural, '');
    const forms = [bare, bare.slice(bare.indexOf(':') + 1)];
    return forms.some((form) => literal.has(form) || templates.some((template) => template.test(form) && template.source.length > '^(?:[\\w-]+)$'.length));
  }));
}

/** Codes that the page itself gives, or that come before any handler. */
const ofThePage = ['offline', 'body_too_large', 'unknown'];

describe('the words', () => {
  it('have the same keys in both languages', () => {
    const keys = (language: keyof typeof languages) => [...new Set([...languages[language].keys()].map((key) => key.replace(plural, '')))].sort();
    expect(keys('pt-BR')).toEqual(keys('en'));
  });

  it('have the plural forms that each language needs', () => {
    const missing = Object.entries(languages).flatMap(([language, texts]) => {
      // `many` is for millions, which nothing here counts in.
      const needed = new Intl.PluralRules(language).resolvedOptions().pluralCategories.filter((category) => category !== 'many');
      const bases = [...new Set([...texts.keys()].filter((key) => plural.test(key)).map((key) => key.replace(plural, '')))];
      return bases.flatMap((base) => needed.map((category) => `${base}_${category}`)).filter((key) => !texts.has(key)).map((key) => `${language} ${key}`);
    });
    expect(missing).toEqual([]);
  });

  it('have the same placeholders in both languages', () => {
    const different = [...languages['pt-BR']].filter(([key, text]) => {
      const other = languages.en.get(key) ?? languages.en.get(key.replace(plural, '_other')) ?? '';
      return placeholders(text).join() !== placeholders(other).join();
    });
    expect(different).toEqual([]);
  });

  it('are empty in one language only where they are in the other', () => {
    const empty = (language: keyof typeof languages) => [...languages[language]].filter(([, text]) => text.trim() === '').map(([key]) => key).sort();
    expect(empty('pt-BR')).toEqual(empty('en'));
    expect(empty('en').filter((key) => key.startsWith('errors.') && !key.endsWith('.kept'))).toEqual([]);
  });

  it('say of every error of the contract what happened, what was kept and what to do', () => {
    const needed = [...Object.keys(errorTable), ...ofThePage].flatMap((code) => ['what', 'kept', 'advice'].map((part) => `errors.${code}.${part}`));
    for (const language of Object.values(languages)) expect(needed.filter((key) => !language.has(key))).toEqual([]);
  });

  it('say of no error that does not exist', () => {
    const known = new Set([...Object.keys(errorTable), ...ofThePage]);
    expect(Object.keys(en.errors).filter((code) => !known.has(code))).toEqual([]);
  });

  it('quote only facts that the error carries', () => {
    const invented = Object.entries(errorTable).flatMap(([code, { data }]) => {
      const facts = new Set(Object.keys(data.shape));
      const quoted = Object.values(languages).flatMap((language) => ['what', 'kept', 'advice'].flatMap((part) => placeholders(language.get(`errors.${code}.${part}`) ?? '')));
      return quoted.filter((name) => !facts.has(name)).map((name) => `${code} ${name}`);
    });
    expect(invented).toEqual([]);
  });

  it('of a reason are there for every one, or for none, and no name of a reason is shown', async () => {
    const odd = Object.entries(errorTable).flatMap(([code, { data }]) => {
      const { reason } = data.shape as Record<string, unknown>;
      const known = reason instanceof z.ZodEnum ? (reason.options as string[]).map((one) => `what_${one}`) : [];
      const written = Object.keys((en.errors as Record<string, object>)[code] ?? {}).filter((key) => key.startsWith('what_'));
      return written.length === 0 ? [] : [...known.filter((key) => !written.includes(key)), ...written.filter((key) => !known.includes(key))].map((key) => `${code}.${key}`);
    });
    expect(odd).toEqual([]);
    expect([...languages.en, ...languages['pt-BR']].filter(([key, text]) => key.startsWith('errors.') && placeholders(text).includes('reason')).map(([key]) => key)).toEqual([]);
    const both = i18next.createInstance();
    await both.init({ lng: 'en', fallbackLng: false, ns: ['common', 'errors'], resources: { en: { errors: en.errors }, 'pt-BR': { errors: pt.errors } }, returnNull: false });
    const say = (language: 'en' | 'pt-BR', reason: string): string => errorWords(both.getFixedT(language, ['common', 'errors']), { code: 'repository_unreachable', data: { reason, detail: 'd' } }, language).what;
    expect([say('en', 'denied'), say('pt-BR', 'denied'), say('en', 'unheard of')]).toEqual([en.errors.repository_unreachable.what_denied, pt.errors.repository_unreachable.what_denied, en.errors.repository_unreachable.what]);
  });

  it('are all used', () => {
    const code = sources(path.resolve(import.meta.dirname, '..')).join('\n');
    const keys = Object.entries(en).filter(([namespace]) => namespace !== 'errors').flatMap(([namespace, tree]) => [...flatten(tree as unknown as Tree).keys()].map((key) => `${namespace}:${key}`));
    const used = usedKeys(code, keys);
    expect(keys.filter((key) => !used.has(key))).toEqual([]);
  });
});
