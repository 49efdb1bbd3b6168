// Asks before what costs money or cannot be undone; the verb is on the button, and what is lost is said.
import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorMessage } from './error-message';

export interface ConfirmDialogProps {
  readonly opened: boolean;
  readonly title: string;
  /** What happens, what it costs, what is lost. */
  readonly children: ReactNode;
  /** The verb: "Destroy". */
  readonly action: string;
  readonly danger?: boolean;
  /** A text that must be typed first, such as the label of what is destroyed. */
  readonly typed?: string;
  /** False while something else in the dialog is still to be answered. */
  readonly ready?: boolean;
  readonly busy?: boolean;
  /** What the last try threw. */
  readonly error?: unknown;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

/** The form inside, there only while the dialog is open, so that nothing typed is left over. */
function ConfirmForm({ children, action, danger = false, typed, ready: answered = true, busy = false, error, onConfirm, onClose }: Omit<ConfirmDialogProps, 'opened' | 'title'>) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const ready = answered && (typed === undefined || text.trim() === typed.trim());
  return (
    <form onSubmit={(event) => { event.preventDefault(); if (ready && !busy) onConfirm(); }}>
      <Stack gap="md">
        <div>{children}</div>
        {typed === undefined ? null : (
          <TextInput data-autofocus label={t('typeToConfirm', { text: typed })} value={text} onChange={(event) => setText(event.currentTarget.value)} autoComplete="off" spellCheck={false} />
        )}
        {error === undefined || error === null ? null : <Text c="var(--app-bad)" size="sm"><ErrorMessage error={error} /></Text>}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>{t('cancel')}</Button>
          <Button type="submit" color={danger ? 'red' : undefined} disabled={!ready} loading={busy}>{action}</Button>
        </Group>
      </Stack>
    </form>
  );
}

/** A dialog with one verb and a way out. With `typed`, the verb waits until the text is typed. */
export function ConfirmDialog({ opened, title, onClose, ...form }: ConfirmDialogProps) {
  const { t } = useTranslation();
  return (
    <Modal opened={opened} onClose={onClose} title={<Text fw={640} size="lg">{title}</Text>} closeButtonProps={{ 'aria-label': t('close') }}>
      <ConfirmForm onClose={onClose} {...form} />
    </Modal>
  );
}
