// The question before quitting: asked only while something runs, says what each answer keeps and what is still billed.
import { expect, test } from 'vitest';
import { instance, operation } from '../../../test/fakes/samples';
import { quitQuestion, type QuitState } from './quit-question';

const state = (changes: Partial<QuitState> = {}): QuitState => ({ language: 'en', running: [operation], instances: [], hides: true, ...changes });

test('nothing runs: nothing is asked, whatever is billed', () => {
  expect(quitQuestion(state({ running: [], instances: [instance] }))).toBeNull();
});

test('names what runs and how far it is, and waits by default', () => {
  const question = quitQuestion(state());
  expect(question?.message).toBe('One operation is running');
  expect(question?.detail).toContain('Snapshot: /workspace (50 %)');
  expect(question?.detail).toContain('every file that was fetched whole');
  expect(question?.buttons).toEqual(['Wait, then quit', 'Cancel them and quit', 'Stay']);
});

test('what Vast.ai was asked is handed over; nothing else is said to be lost', () => {
  const detail = quitQuestion(state({ running: [{ ...operation, kind: 'pause', title: 'box', progress: null }] }))?.detail ?? '';
  expect(detail).toContain('Pause: box');
  expect(detail).toContain('goes on there and is followed up at the next start.');
  expect(detail).not.toContain('fetched whole');
  expect(detail).not.toContain('half-done');
});

test('what is still billed is named with its cost per hour, what costs nothing is not', () => {
  const detail = quitQuestion(state({ instances: [{ ...instance, label: 'a', cost_per_hour: 0.412 }, { ...instance, id: 8, label: null, cost_per_hour: 0.02 }, { ...instance, label: 'off', cost_per_hour: 0 }] }))?.detail ?? '';
  expect(detail).toContain('a: $0.412 per hour');
  expect(detail).toContain('#8: $0.020 per hour');
  expect(detail).toContain('Together: $0.432 per hour');
  expect(detail).not.toContain('off');
});

test('in Portuguese, with what waits for an answer, and without a tray', () => {
  const question = quitQuestion(state({ language: 'pt-BR', hides: false, running: [{ ...operation, kind: 'create', title: 'box', asks: 'still_loading' }, operation], instances: [instance] }));
  const open = quitQuestion(state({ language: 'pt-BR', hides: false }));
  expect(question?.message).toBe('2 operações estão em andamento');
  expect(question?.detail).toContain('Aluguel: box (espera a sua resposta)');
  expect(question?.detail).toContain('a janela abre ali');
  expect(open?.detail).toContain('com a janela aberta até lá');
  expect(question?.detail).toMatch(/my-gpu-instance: US\$\s0,350 por hora/);
});

test('what waits for an answer is not said to end by itself, out of sight', () => {
  const detail = quitQuestion(state({ running: [operation, { ...operation, kind: 'create', title: 'box', asks: 'still_loading' }] }))?.detail ?? '';
  expect(detail).toContain('would never end without it: the window opens there.');
  expect(detail).not.toContain('without its window');
});

test('hostile names stay one line, and long lists are cut', () => {
  const detail = quitQuestion(state({ running: Array.from({ length: 30 }, () => ({ ...operation, title: 'a\nStay: &everything is free\u202E' })) }))?.detail ?? '';
  expect(detail).not.toContain('\u202E');
  expect(detail.split('\n').filter((line) => line.startsWith('Stay:'))).toHaveLength(1);
  expect(detail).toContain('… +22');
});
