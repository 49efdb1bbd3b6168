// Signing in with email and password; wrong tries count down.
// oxlint-disable jsx-a11y/no-autofocus -- the page is this form: the first field is where everybody goes.
import { Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Welcome } from '../../../contract/types';
import { api, errorOf } from '../../client';
import { ErrorMessage } from '../../ui/error-message';
import { useFormat } from '../../ui/format';
import { useSession } from '../../ui/session-store';
import { useCountdown } from './use-countdown';

interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Signs in; the session store then shows the app. */
function useSignIn() {
  const [blockedUntil, setBlockedUntil] = useState<number | null>(null);
  const mutation = useMutation({
    mutationFn: (credentials: Credentials) => api.auth.login(credentials),
    onSuccess: ({ token, user }) => useSession.getState().signIn({ token, user }),
    onError: (error) => {
      const { code, data } = errorOf(error);
      if (code === 'too_many_attempts' && typeof data['retry_after_s'] === 'number') setBlockedUntil(Date.now() + data['retry_after_s'] * 1000);
    },
  });
  return { mutation, wait: useCountdown(blockedUntil) };
}

/** The form, and in demo mode the one button that needs no typing. */
export function SignInForm({ demo }: Readonly<{ demo: Welcome['demo'] }>) {
  const { t } = useTranslation('session');
  const format = useFormat();
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const { mutation, wait } = useSignIn();
  const blocked = wait > 0;
  return (
    <Stack gap="lg">
      {demo === null ? null : (
        <Stack gap={6}>
          <Button size="md" fullWidth loading={mutation.isPending} onClick={() => mutation.mutate({ username: demo.email, password: demo.password })}>{t('demo.enter')}</Button>
          <Text size="xs" c="dimmed">{t('demo.why', { email: demo.email })}</Text>
        </Stack>
      )}
      <form onSubmit={(event) => { event.preventDefault(); if (!blocked && !mutation.isPending) mutation.mutate({ username, password }); }}>
        <Stack gap="sm">
          <TextInput type="email" name="username" autoComplete="username" label={t('email')} required withAsterisk={false} autoFocus={demo === null} value={username} onChange={(event) => setUsername(event.currentTarget.value)} />
          <PasswordInput name="password" autoComplete="current-password" label={t('password')} required withAsterisk={false} value={password} onChange={(event) => setPassword(event.currentTarget.value)} visibilityToggleButtonProps={{ 'aria-label': t('showPassword') }} />
          {mutation.error === null ? null : <Text size="sm" c="var(--app-bad)"><ErrorMessage error={mutation.error} /></Text>}
          <Button type="submit" size="md" variant={demo === null ? 'filled' : 'default'} fullWidth loading={mutation.isPending} disabled={blocked}>
            {blocked ? t('wait', { time: format.duration(wait) }) : t('signIn')}
          </Button>
        </Stack>
      </form>
    </Stack>
  );
}
