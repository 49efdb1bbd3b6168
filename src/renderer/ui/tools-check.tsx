// Whether restic and ssh are there, and where the repository is.
import { Button, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { CircleAlert, CircleCheck, CircleX, RotateCw } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { RepositoryView } from '../../contract/types';
import { query } from '../client';
import { CopyButton } from './copy-button';
import { useFormat } from './format';
import { QueryView } from './states';

type Tone = 'ok' | 'warn' | 'bad';
const ICONS = { ok: CircleCheck, warn: CircleAlert, bad: CircleX } as const;

function Line({ tone, title, children }: Readonly<{ tone: Tone; title: string; children: ReactNode }>) {
  const Icon = ICONS[tone];
  return (
    <Group gap="sm" wrap="nowrap" align="flex-start">
      <Icon size={17} color={`var(--app-${tone})`} style={{ flex: 'none', marginTop: 1 }} aria-hidden />
      <div style={{ minWidth: 0 }}>
        <Text size="sm" fw={560}>{title}</Text>
        <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>{children}</Text>
      </div>
    </Group>
  );
}

const toneOfState = (state: RepositoryView['state']): Tone => (state === 'ready' ? 'ok' : state === 'none' || state === 'unknown' ? 'warn' : 'bad');

function Repository({ view }: Readonly<{ view: RepositoryView }>) {
  const { t } = useTranslation('settings');
  const format = useFormat();
  const size = view.size_bytes === null ? '' : ` ${t('tools.size', { size: format.bytes(view.size_bytes), count: view.snapshot_count ?? 0 })}`;
  return (
    <Line tone={view.state === 'none' ? 'ok' : toneOfState(view.state)} title={t(`tools.repository.${view.state}`)}>
      {view.path}{size} <CopyButton value={view.path} what={t('tools.path')} />
    </Line>
  );
}

/** Three lines: restic, ssh, the repository, each with what to do when it lacks something. */
export function ToolsCheck() {
  const { t } = useTranslation('settings');
  const result = useQuery(query.snapshots.repository.queryOptions({ staleTime: 0 }));
  return (
    <QueryView result={result} compact>
      {(view) => (
        <Stack gap="sm">
          {view.restic === null ? <Line tone="bad" title={t('tools.noRestic')}>{t('tools.noResticAdvice')}</Line> : (
            <Line tone={view.restic.advice === 'ok' ? 'ok' : view.restic.advice === 'too_old' ? 'bad' : 'warn'} title={`restic ${view.restic.version}`}>{t(`tools.restic.${view.restic.advice}`)} {t(`tools.from.${view.restic.from}`)} {view.restic.path}</Line>
          )}
          {view.ssh === null ? <Line tone="bad" title={t('tools.noSsh')}>{t('tools.noSshAdvice')}</Line> : <Line tone="ok" title={view.ssh.version}>{view.ssh.path}</Line>}
          <Repository view={view} />
          <div><Button size="xs" variant="default" leftSection={<RotateCw size={13} aria-hidden />} loading={result.isFetching} onClick={() => void result.refetch()}>{t('tools.again')}</Button></div>
        </Stack>
      )}
    </QueryView>
  );
}
