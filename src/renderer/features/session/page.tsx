// What is shown while nobody is signed in: language first, then sign in, the first account, or the demo.
import { Alert, Anchor, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Welcome } from '../../../contract/types';
import { api, isDesktop, query } from '../../client';
import { LanguageChoice } from '../../ui/language-choice';
import { Logo } from '../../ui/logo';
import { useSession } from '../../ui/session-store';
import { ErrorState, LoadingState } from '../../ui/states';
import { RegisterForm } from './register-form';
import { SignInForm } from './sign-in-form';
import { Skyline } from './skyline';
import classes from './session.module.css';

/** Takes up the remembered session, once; an error only means that the form is shown. */
function useResume(remembered: boolean): boolean {
  const ended = useSession((session) => session.ended);
  const wanted = isDesktop && remembered && ended === null;
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    if (!wanted || failed) return;
    api.auth.resume().then(({ token, user }) => useSession.getState().signIn({ token, user }), () => setFailed(true));
  }, [wanted, failed]);
  return wanted && !failed;
}

function Forms({ welcome }: Readonly<{ welcome: Welcome }>) {
  const { t } = useTranslation('session');
  const ended = useSession((session) => session.ended);
  const resuming = useResume(welcome.remembered);
  const [register, setRegister] = useState(!welcome.has_accounts);
  if (resuming) return <LoadingState rows={3} height={36} />;
  return (
    <>
      <h1 className={classes['title']}>{t(register ? 'titleFirst' : 'title')}</h1>
      <Text c="dimmed" size="sm" mb="lg">{t(register ? 'whyAccount' : 'whySignIn')}</Text>
      {ended === 'expired' ? <Alert color="amber" mb="md" title={t('expired.what')}>{t('expired.kept')}</Alert> : null}
      {register ? <RegisterForm welcome={welcome} /> : <SignInForm demo={welcome.demo} />}
      {welcome.has_accounts || welcome.demo === null ? null : <Anchor component="button" type="button" size="sm" mt="md" onClick={() => setRegister(!register)}>{t(register ? 'haveAccount' : 'firstAccount')}</Anchor>}
    </>
  );
}

/** The page before the app. */
export function SessionPage() {
  const { t } = useTranslation(['session', 'common']);
  // main.tsx asked already; after signing out the cache is empty, and it is asked again.
  const welcome = useQuery(query.system.welcome.queryOptions({ staleTime: 0, refetchOnMount: false }));
  useEffect(() => { document.title = t('common:app'); }, [t]);
  return (
    <div className={classes['page']}>
      <section className={classes['side']} aria-hidden>
        <Skyline />
        <p className={classes['claim']}>{t('session:claim')}</p>
      </section>
      <main className={classes['main']}>
        <div className={classes['top']}>
          <span className={classes['brand']}><Logo size={28} />{t('common:app')}</span>
          <LanguageChoice />
        </div>
        <div className={classes['form']}>
          {welcome.data !== undefined ? <Forms welcome={welcome.data} /> : welcome.error === null ? <LoadingState rows={4} height={36} /> : <ErrorState error={welcome.error} onRetry={() => void welcome.refetch()} />}
        </div>
        <Text size="xs" c="dimmed" className={classes['foot']}>{welcome.data === undefined ? '' : t('session:foot', { version: welcome.data.version })}</Text>
      </main>
    </div>
  );
}
