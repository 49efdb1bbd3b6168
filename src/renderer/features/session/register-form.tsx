// The first account of this computer.
// oxlint-disable jsx-a11y/no-autofocus -- the page is this form: the first field is where everybody goes.
import { Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Welcome } from '../../../contract/types';
import { api } from '../../client';
import { ErrorMessage } from '../../ui/error-message';
import { useSession } from '../../ui/session-store';

/** Whether a password is long enough: 8 to 1024 bytes of UTF-8 (contract: auth.ts). */
export function passwordFits(password: string): boolean {
  const bytes = new TextEncoder().encode(password.normalize('NFC')).length;
  return bytes >= 8 && bytes <= 1024;
}

/** Creates the account and signs in. */
export function RegisterForm({ welcome }: Readonly<{ welcome: Pick<Welcome, 'setup_code_required' | 'secret_store'> }>) {
  const { t } = useTranslation('session');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [tried, setTried] = useState(false);
  const mutation = useMutation({
    mutationFn: () => api.auth.register({ email, password, ...(welcome.setup_code_required ? { setup_code: code.trim() } : {}) }),
    onSuccess: ({ token, user }) => useSession.getState().signIn({ token, user }),
  });
  const fits = passwordFits(password);
  const submit = (event: React.FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (fits && !mutation.isPending) mutation.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <TextInput type="email" name="username" autoComplete="username" label={t('email')} required withAsterisk={false} autoFocus value={email} onChange={(event) => setEmail(event.currentTarget.value)} />
        <PasswordInput name="new-password" autoComplete="new-password" label={t('password')} description={t('passwordRule')} error={tried && !fits ? t('passwordShort') : undefined} required withAsterisk={false} value={password} onChange={(event) => setPassword(event.currentTarget.value)} visibilityToggleButtonProps={{ 'aria-label': t('showPassword') }} />
        {welcome.setup_code_required ? <TextInput name="setup-code" autoComplete="one-time-code" label={t('setupCode')} description={t('setupCodeWhy')} required withAsterisk={false} value={code} onChange={(event) => setCode(event.currentTarget.value)} /> : null}
        {mutation.error === null ? null : <Text size="sm" c="var(--app-bad)"><ErrorMessage error={mutation.error} /></Text>}
        <Button type="submit" size="md" fullWidth loading={mutation.isPending}>{t('create')}</Button>
        <Text size="xs" c="dimmed">{t(`store.${welcome.secret_store}`)}</Text>
      </Stack>
    </form>
  );
}
