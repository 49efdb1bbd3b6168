// One repository: its state in words, who holds it, how it grew, and what can be done with it.
import { Badge, Button, Group, Menu, Skeleton, Text } from '@mantine/core';
import { Database, EllipsisVertical, HardDrive, Server, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RepositoryDetail, RepositoryItem, UpkeepRun } from '../../../contract/types';
import { ConfirmDialog } from '../../ui/confirm-dialog';
import { CopyButton } from '../../ui/copy-button';
import { useErrorWords, visible } from '../../ui/error-message';
import { useFormat } from '../../ui/format';
import { notify } from '../../ui/notify';
import { RelativeTime } from '../../ui/relative-time';
import { useRepositoryName } from '../../ui/repositories/use-repositories';
import { navigate, routeHash } from '../../ui/route';
import { EditDialog } from './edit-dialog';
import { GrowthChart } from './growth-chart';
import { KeyDialog } from './key-dialog';
import { PasswordDialog } from './password-dialog';
import { useCare, useChange, useRepositoryDetail, useStatistics } from './use-repositories';
import classes from './repositories.module.css';

type Asked = 'remove' | 'repair' | 'password' | 'edit' | 'key' | null;

const toneOf = (state: RepositoryItem['state']): 'ok' | 'quiet' | 'bad' => (state === 'ready' ? 'ok' : state === 'none' || state === 'unknown' ? 'quiet' : 'bad');

function Locks({ detail }: Readonly<{ detail: RepositoryDetail }>) {
  const { t } = useTranslation('repositories');
  const format = useFormat();
  const words = useErrorWords();
  const { unlock } = useChange();
  if (detail.locks.length === 0) return null;
  const removable = detail.locks.every((lock) => lock.removable);
  return (
    <div className={classes['note']} data-tone="warn">
      <TriangleAlert size={16} aria-hidden />
      <div>
        {detail.locks.map((lock) => <Text size="sm" key={`${lock.holder}${lock.since}`}>{t(lock.exclusive ? 'lock.alone' : 'lock.shared', { holder: visible(lock.holder), since: format.dateTime(lock.since) })}</Text>)}
        <Text size="xs" c="dimmed">{t(removable ? 'lock.dead' : 'lock.alive')}</Text>
        {removable ? <Button mt={6} size="xs" variant="default" loading={unlock.isPending} onClick={() => unlock.mutate(detail.id, { onError: (error) => notify({ title: words(error).what, message: words(error).advice, tone: 'bad' }) })}>{t('lock.remove')}</Button> : null}
      </div>
    </div>
  );
}

function Problem({ detail }: Readonly<{ detail: RepositoryDetail }>) {
  const { t } = useTranslation('repositories');
  const { state } = detail;
  if (state === 'ready' || state === 'none' || state === 'unknown') return null;
  return (
    <div className={classes['note']} data-tone="bad" role="alert">
      <TriangleAlert size={16} aria-hidden />
      <div>
        <Text size="sm">{t(`advice.${state}`)}</Text>
        {detail.problem === null ? null : <Text size="xs" c="dimmed" className={classes['said']}>{visible(detail.problem)}</Text>}
      </div>
    </div>
  );
}

function Actions({ repository, ask }: Readonly<{ repository: RepositoryItem; ask: (what: Asked) => void }>) {
  const { t } = useTranslation('repositories');
  const name = useRepositoryName()(repository);
  const words = useErrorWords();
  const { change } = useChange();
  const makeDefault = () => change.mutate({ id: repository.id, is_default: true }, { onError: (error) => notify({ title: words(error).what, message: words(error).advice, tone: 'bad' }) });
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target><Button size="xs" variant="subtle" color="gray" px={6} aria-label={t('action.more', { name })}><EllipsisVertical size={16} aria-hidden /></Button></Menu.Target>
      <Menu.Dropdown>
        <Menu.Item disabled={repository.is_default} onClick={makeDefault}>{t('action.default')}</Menu.Item>
        <Menu.Item onClick={() => ask('edit')}>{t(repository.kind === 'local' ? 'action.rename' : 'action.edit')}</Menu.Item>
        <Menu.Item disabled={repository.state === 'none'} onClick={() => ask('key')}>{t('action.key')}</Menu.Item>
        <Menu.Item disabled={repository.state === 'none'} onClick={() => ask('password')}>{t('action.password')}</Menu.Item>
        <Menu.Item disabled={repository.state === 'none'} onClick={() => ask('repair')}>{t('action.repair')}</Menu.Item>
        <Menu.Divider />
        <Menu.Item color="red" disabled={repository.is_default} onClick={() => ask('remove')}>{t('action.remove')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function Dialogs({ repository, asked, onClose }: Readonly<{ repository: RepositoryItem; asked: Asked; onClose: () => void }>) {
  const { t } = useTranslation('repositories');
  const name = useRepositoryName()(repository);
  const { remove, repair } = useChange();
  return (
    <>
      {asked === 'edit' ? <EditDialog repository={repository} onClose={onClose} /> : null}
      {asked === 'key' ? <KeyDialog id={repository.id} name={name} onClose={onClose} /> : null}
      <PasswordDialog id={repository.id} name={name} opened={asked === 'password'} onClose={onClose} />
      <ConfirmDialog opened={asked === 'remove'} title={t('remove.title', { name })} action={t('remove.action')} danger busy={remove.isPending} error={remove.error} onClose={onClose} onConfirm={() => remove.mutate(repository.id, { onSuccess: onClose })}>
        <Text size="sm">{t('remove.what')}</Text>
        {repository.recovery_key ? null : <Text size="sm" mt="xs" fw={600}>{t('remove.no_key')}</Text>}
      </ConfirmDialog>
      <ConfirmDialog opened={asked === 'repair'} title={t('repair.title', { name })} action={t('repair.action')} busy={repair.isPending} error={repair.error} onClose={onClose} onConfirm={() => repair.mutate(repository.id, { onSuccess: ({ operation_id: id }) => { onClose(); navigate('operations', id); } })}>
        <Text size="sm">{t('repair.what')}</Text>
        <Text size="sm" mt="xs">{t(repository.kind === 'local' ? 'repair.copies' : 'repair.no_copies')}</Text>
      </ConfirmDialog>
    </>
  );
}

/** When something was done last, and whether it went well; of two kinds the later one. */
function Care({ run, other }: Readonly<{ run: UpkeepRun | null; other: UpkeepRun | null }>) {
  const { t } = useTranslation('repositories');
  const last = run === null || (other !== null && other.at > run.at) ? other : run;
  if (last === null) return <>{t('fact.never')}</>;
  const good = last.state === 'succeeded' || last.state === 'warnings';
  return <a href={routeHash('operations', last.operation_id)} data-tone={good ? undefined : 'bad'}><RelativeTime at={last.at} />{good ? '' : ` · ${t('fact.not_well')}`}</a>;
}

/** A card. What takes long is asked for after it is shown. */
export function RepositoryCard({ repository }: Readonly<{ repository: RepositoryItem }>) {
  const { t } = useTranslation('repositories');
  const format = useFormat();
  const [asked, setAsked] = useState<Asked>(null);
  const name = useRepositoryName()(repository);
  const detail = useRepositoryDetail(repository.id);
  const statistics = useStatistics(repository.id);
  const care = useCare(repository.id);
  const Icon = repository.kind === 'local' ? (repository.id === 'default' ? HardDrive : Database) : Server;
  const state = detail.data?.state ?? repository.state;
  return (
    <article className={classes['card']} aria-label={name} data-testid="repository">
      <header>
        <Icon size={18} aria-hidden />
        <h2>{name}</h2>
        {repository.is_default ? <Badge size="sm" variant="light">{t('default')}</Badge> : null}
        <span className={classes['state']} data-tone={toneOf(state)}>{t(`state.${state}`)}</span>
        <Actions repository={repository} ask={setAsked} />
      </header>
      <Group gap={4} className={classes['where']}><Text size="xs" c="dimmed" className="app-mono">{visible(repository.location)}</Text><CopyButton value={repository.location} what={t('location')} /></Group>
      <dl>
        <div><dt>{t('fact.size')}</dt><dd>{format.bytes(repository.size_bytes)}</dd></div>
        <div><dt>{t('fact.snapshots')}</dt><dd>{format.number(repository.snapshot_count)}</dd></div>
        <div><dt>{t('fact.sources')}</dt><dd>{format.number(repository.source_count)}</dd></div>
        <div><dt>{t('fact.recovery')}</dt><dd>{t(repository.recovery_key ? 'fact.made' : 'fact.not_made')}</dd></div>
        <div><dt>{t('fact.checked')}</dt><dd><Care run={care.check} other={care.rolling_check} /></dd></div>
        <div><dt>{t('fact.pruned')}</dt><dd><Care run={care.prune} other={null} /></dd></div>
      </dl>
      {detail.data === undefined ? null : <><Problem detail={detail.data} /><Locks detail={detail.data} /></>}
      {statistics.data === undefined ? <Skeleton height={60} /> : <GrowthChart samples={statistics.data.samples} />}
      <Dialogs repository={repository} asked={asked} onClose={() => setAsked(null)} />
    </article>
  );
}
