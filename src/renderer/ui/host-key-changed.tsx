// A changed host key: both fingerprints, that nothing was sent, and the way to accept the new one.
import { Button, Group, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Operation } from '../../contract/types';
import { api } from '../client';
import { ConfirmDialog } from './confirm-dialog';
import { ErrorMessage, visible } from './error-message';
import classes from './states.module.css';

/** The facts of `host_key_changed` as an operation keeps them; null for any other error, and where ssh did not say which key it saw. */
const factsOf = (error: Operation['error']): { readonly id: number; readonly known: string; readonly found: string } | null => {
  const data = error?.code === 'host_key_changed' ? (error.data as Readonly<Record<string, unknown>>) : {};
  const { instance_id: id, known, found } = data;
  return typeof id === 'number' && typeof known === 'string' && typeof found === 'string' && found !== '' ? { id, known, found } : null;
};

/** Below an operation that ended because of it. */
export function HostKeyChanged({ operation }: Readonly<{ operation: Operation }>) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const facts = factsOf(operation.error);
  const trust = useMutation({ mutationFn: (input: { readonly id: number; readonly fingerprint: string }) => api.instances.trustHostKey(input), onSuccess: () => setAsking(false) });
  if (facts === null) return null;
  const keys = (
    <dl className={classes['keys']}>
      <dt>{t('hostKey.known')}</dt><dd className="app-mono">{facts.known === '' ? '–' : visible(facts.known)}</dd>
      <dt>{t('hostKey.found')}</dt><dd className="app-mono">{visible(facts.found)}</dd>
    </dl>
  );
  return (
    <section aria-label={t('hostKey.title')} className={classes['question']}>
      <Text fw={640} size="sm">{t('hostKey.title')}</Text>
      {keys}
      {trust.isSuccess
        ? <Text size="sm" component="output">{t('hostKey.accepted')}</Text>
        : <Group gap="xs" mt={6}><Button size="xs" variant="default" c="var(--app-bad)" onClick={() => setAsking(true)}>{t('hostKey.accept')}</Button></Group>}
      <ConfirmDialog opened={asking} danger title={t('hostKey.ask')} action={t('hostKey.accept')} busy={trust.isPending} error={trust.error} onConfirm={() => trust.mutate({ id: facts.id, fingerprint: facts.found })} onClose={() => setAsking(false)}>
        <Text size="sm">{t('hostKey.why')}</Text>
        {keys}
      </ConfirmDialog>
      {trust.error === null || asking ? null : <Text size="sm" c="var(--app-bad)"><ErrorMessage error={trust.error} /></Text>}
    </section>
  );
}
