// Sets, replaces or forgets the Vast.ai key. It goes in and never comes out; main checks it with Vast.ai before keeping it.
import { Button, Group, PasswordInput, Stack, Text } from '@mantine/core';
import { CircleCheck } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SettingsView } from '../../contract/types';
import { ConfirmDialog } from './confirm-dialog';
import { ErrorMessage } from './error-message';
import { ExternalLink } from './external-link';
import { useSaveSettings } from './settings-data';

/** Where Vast.ai makes keys. */
const KEYS_PAGE = 'https://cloud.vast.ai/manage-keys/';

/** What Vast.ai's keys are made of (contract: settings.ts). */
export const looksLikeKey = (text: string): boolean => /^[\x21-\x7e]{8,512}$/.test(text.trim());

/** Which store keeps secrets, said plainly. */
export function SecretStoreNote({ store }: Readonly<{ store: SettingsView['secret_store'] }>) {
  const { t } = useTranslation('settings');
  // The vault is used because no keychain answers, so what the keychain says is no news.
  const bad = store.backend === 'keychain' && store.status !== 'ready';
  return <Text size="xs" c={bad ? 'var(--app-warn)' : 'dimmed'}>{t(`store.${store.backend}`)} {bad && store.status !== 'ready' ? t(`storeStatus.${store.status}`) : ''}</Text>;
}

interface Props {
  readonly view: SettingsView;
  /** After a key was accepted. */
  readonly onKept?: () => void;
  /** Without the way to forget the key. */
  readonly setOnly?: boolean;
}

function KeptKey({ last4, onReplace, onForget }: Readonly<{ last4: string | null; onReplace: () => void; onForget: (() => void) | null }>) {
  const { t } = useTranslation('settings');
  return (
    <Group gap="sm">
      <CircleCheck size={17} color="var(--app-ok)" aria-hidden />
      <Text size="sm">{t('key.set')} <span className="app-mono">•••• {last4 ?? ''}</span></Text>
      <Button size="xs" variant="default" onClick={onReplace}>{t('key.replace')}</Button>
      {onForget === null ? null : <Button size="xs" variant="default" c="var(--app-bad)" onClick={onForget}>{t('key.forget')}</Button>}
    </Group>
  );
}

/** The key's state, and the form that changes it. */
export function VastKeyForm({ view, onKept, setOnly = false }: Props) {
  const { t } = useTranslation(['settings', 'common']);
  const { set, last4 } = view.vast_api_key;
  const [replacing, setReplacing] = useState(false);
  const [forgetting, setForgetting] = useState(false);
  const [key, setKey] = useState('');
  const save = useSaveSettings();
  const submit = (event: React.FormEvent) => {
    event.preventDefault();
    if (!looksLikeKey(key) || save.isPending) return;
    save.mutate({ vast_api_key: key.trim() }, { onSuccess: () => { setKey(''); setReplacing(false); onKept?.(); } });
  };
  const forget = () => save.mutate({ vast_api_key: null }, { onSuccess: () => setForgetting(false) });
  return (
    <Stack gap="xs">
      {set && !replacing ? (
        <KeptKey last4={last4} onReplace={() => setReplacing(true)} onForget={setOnly ? null : () => setForgetting(true)} />
      ) : (
        <form onSubmit={submit}>
          <Group gap="xs" align="flex-end" wrap="wrap">
            <PasswordInput flex="1 1 260px" label={t('settings:key.label')} name="vast-key" autoComplete="off" spellCheck={false} value={key} onChange={(event) => setKey(event.currentTarget.value)} error={key !== '' && !looksLikeKey(key) ? t('settings:key.form') : undefined} visibilityToggleButtonProps={{ 'aria-label': t('settings:key.show') }} />
            <Button type="submit" loading={save.isPending} disabled={!looksLikeKey(key)}>{t('settings:key.check')}</Button>
            {replacing ? <Button variant="default" onClick={() => setReplacing(false)}>{t('common:cancel')}</Button> : null}
          </Group>
        </form>
      )}
      {save.error === null || forgetting ? null : <Text size="sm" c="var(--app-bad)"><ErrorMessage error={save.error} /></Text>}
      <Text size="xs" c="dimmed">{t('settings:key.where')} <ExternalLink href={KEYS_PAGE}>{t('settings:key.page')}</ExternalLink></Text>
      <SecretStoreNote store={view.secret_store} />
      <ConfirmDialog opened={forgetting} danger title={t('settings:key.forgetTitle')} action={t('settings:key.forget')} busy={save.isPending} error={save.error} onConfirm={forget} onClose={() => setForgetting(false)}>
        {t('settings:key.forgetWhy')}
      </ConfirmDialog>
    </Stack>
  );
}
