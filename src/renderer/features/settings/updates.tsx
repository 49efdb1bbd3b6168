// Newer versions of the app: found, read about, fetched and installed, each only when the user says so.
import { Button, Group, Switch, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { SettingsView, UpdateState } from '../../../contract/types';
import { api, query } from '../../client';
import { useErrorWords } from '../../ui/error-message';
import { notify } from '../../ui/notify';
import { Row, type SaveSetting } from './section';
import classes from './settings.module.css';

type Step = 'check' | 'download' | 'install';

/** What the button does in each state; none while something is on its way. */
const stepOf = (state: UpdateState): Step | null => {
  if (state.kind === 'available') return 'download';
  if (state.kind === 'ready') return 'install';
  return state.kind === 'none' || state.kind === 'failed' || state.kind === 'off' ? 'check' : null;
};

function Words({ state }: Readonly<{ state: UpdateState }>) {
  const { t } = useTranslation('settings');
  const { kind, version, problem, waits, percent } = state;
  if (kind === 'failed') return <>{t(`updates.problem.${problem ?? 'unreachable'}`)}</>;
  if (kind === 'ready' && waits) return <>{t('updates.waits')}</>;
  return <>{t(`updates.${kind}`, { version: version ?? '', percent: percent ?? 0 })}</>;
}

/** Two rows: whether the app looks by itself, and what it found, with the notes as plain text. */
export function UpdateRows({ view, save, busy }: Readonly<{ view: SettingsView; save: SaveSetting; busy: boolean }>) {
  const { t } = useTranslation('settings');
  const words = useErrorWords();
  const cache = useQueryClient();
  const { data: state } = useQuery(query.shell.updates.queryOptions({ refetchInterval: ({ state: { data } }) => (data?.kind === 'downloading' ? 1000 : 30_000) }));
  const act = useMutation({
    mutationFn: (step: Step) => api.shell.update({ step }),
    onSuccess: (next) => cache.setQueryData(query.shell.updates.queryKey(), next),
    onError: (error) => notify({ title: words(error).what, tone: 'bad' }),
  });
  if (state === undefined) return null;
  if (!state.possible) return <Row title={t('updates.title')} why={t('updates.impossible')}><span /></Row>;
  const step = stepOf(state);
  return (
    <>
      <Row title={t('updates.look')} why={t('updates.lookWhy')}>
        <Switch aria-label={t('updates.look')} checked={view.settings.check_updates} disabled={busy} onChange={(event) => save({ check_updates: event.currentTarget.checked })} />
      </Row>
      <Row title={t('updates.title')} why={<Words state={state} />}>
        {step === null ? null : <Button variant="default" loading={act.isPending} disabled={step === 'install' && state.waits} onClick={() => act.mutate(step)}>{t(`updates.step.${step}`)}</Button>}
      </Row>
      {state.notes === null ? null : (
        <Group align="flex-start" gap="xs" wrap="nowrap">
          <Text size="sm" className={classes['path']} style={{ whiteSpace: 'pre-wrap' }} aria-label={t('updates.notes')}>{state.notes}</Text>
        </Group>
      )}
    </>
  );
}
