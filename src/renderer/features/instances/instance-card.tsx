// One instance: its state and cost in words, its figures, its SSH command, and what can be done to it.
// oxlint-disable jsx-a11y/no-noninteractive-element-interactions -- the context menu repeats what the buttons offer; keys reach it from what is in focus inside.
import { ActionIcon, Badge, Button, CloseButton, Group, Menu, Text, Tooltip } from '@mantine/core';
import { Camera, Ellipsis, History, Pause, Pencil, Play, ScrollText, Trash2 } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Instance, Operation } from '../../../contract';
import { CopyButton } from '../../ui/copy-button';
import { ErrorMessage, visible } from '../../ui/error-message';
import { useFormat } from '../../ui/format';
import { Money } from '../../ui/money';
import { useWhyNot } from '../../ui/reach';
import { navigate } from '../../ui/route';
import { askToDelete, useRowMenu } from '../../ui/row-menu';
import { useSafety } from './destroy-safety';
import { InstanceFacts } from './instance-facts';
import { useInstanceMenu } from './instance-menu';
import { InstanceOperation } from './instance-operation';
import { allowedFor, costsNothing, dayDigits, toneOf, type Allowed } from './instance-state';
import { useInstanceActions } from './use-instances';
import classes from './instances.module.css';

/** Which dialog is open for an instance. */
export type InstanceDialog = 'logs' | 'rename' | 'destroy';

export interface InstanceCardProps {
  readonly instance: Instance;
  readonly operation: Operation | null;
  readonly asOf: string;
  /** The address names this one: it is brought into view. */
  readonly chosen: boolean;
  readonly onDialog: (dialog: InstanceDialog, instance: Instance) => void;
}

/** The market's MB are MiB: 24564 of them are a card of 24 GB. */
const mbPerGb = 1024;

/** What an instance is called. */
export const useInstanceName = (): ((instance: Pick<Instance, 'id' | 'label'>) => string) => {
  const { t } = useTranslation('instances');
  return ({ id, label }) => (label === null || label.trim() === '' ? t('no_label', { id }) : visible(label));
};

function Head({ instance }: Readonly<{ instance: Instance }>) {
  const { t } = useTranslation('instances');
  const format = useFormat();
  const name = useInstanceName()(instance);
  const pausedDay = instance.storage_total_cost * 24;
  const memory = instance.gpu_ram === null ? '' : ` · ${format.gb(Math.round(instance.gpu_ram / mbPerGb))}`;
  return (
    <div className={classes['head']}>
      <div className={classes['who']}>
        <Group gap={8} wrap="nowrap">
          <h2>{name}</h2>
          <span className={classes['state']} data-tone={toneOf(instance.state)} data-testid="state">{t(`state.${instance.state}`)}</span>
          {instance.is_bid ? <Badge size="sm" variant="light" color="amber">{t('fact.interruptible')}</Badge> : null}
        </Group>
        <Text size="sm" c="dimmed">{instance.num_gpus === 0 ? '' : `${instance.num_gpus}× ${visible(instance.gpu_name)}${memory} · `}{t('number', { id: instance.id })}</Text>
      </div>
      <div className={classes['cost']}>
        <div className={classes['costNow']}><Money amount={instance.cost_per_hour} per="hour" /> <span className="app-dim">{t('cost.now')}</span></div>
        {/* A moment after it was rented the market has not said yet what it costs. */}
        {instance.dph_total === 0 ? null : (
          <div className={classes['costElse']}>
            {costsNothing(instance) ? <span>{t('cost.nothing')}</span> : null}
            {instance.state === 'running' ? null : <span>{t('cost.running', { price: format.money(instance.dph_total, 3) })}</span>}
            <span>{t('cost.paused', { price: format.money(pausedDay, dayDigits(pausedDay)) })}</span>
          </div>
        )}
      </div>
    </div>
  );
}

function Explanation({ instance }: Readonly<{ instance: Instance }>) {
  const { t } = useTranslation('instances');
  const why = t(`why.${instance.state}`);
  const tells = ['loading', 'creating', 'failed', 'exited', 'unknown', 'scheduling'].includes(instance.state) && instance.status_msg !== null && instance.status_msg.trim() !== '';
  if (why === '' && !tells) return null;
  return (
    <div className={classes['why']} data-tone={toneOf(instance.state)}>
      {why === '' ? null : <Text size="sm">{why}</Text>}
      {tells ? <Text size="xs" className="app-mono" mt={2}>{t('message', { text: visible(instance.status_msg ?? '').slice(0, 400) })}</Text> : null}
    </div>
  );
}

function Ssh({ instance }: Readonly<{ instance: Instance }>) {
  const { t } = useTranslation('instances');
  if (instance.ssh === null) return <Text size="xs" c="dimmed" className={classes['ssh']}>{instance.state === 'running' || instance.state === 'loading' || instance.state === 'creating' ? t('ssh.none') : ''}</Text>;
  const command = visible(instance.ssh.command);
  return (
    <div className={classes['ssh']}>
      <code className="app-mono" title={command}>{command}</code>
      <CopyButton value={instance.ssh.command} what={t('ssh.what')} />
    </div>
  );
}

/** What a pause does, and whether a snapshot comes first: asked for only once somebody looks. */
function PauseTells({ id }: Readonly<{ id: number }>) {
  const { t } = useTranslation('instances');
  const coming = useSafety(id).data?.snapshot_first;
  return <>{t('why.stopped')}{coming?.pause === 'taken' ? ` ${t('pause.first', { paths: coming.paths.map(visible).join(', ') })}` : ''}</>;
}

function Actions({ instance, can, whyNot, onDialog, actions }: Pick<InstanceCardProps, 'instance' | 'onDialog'> & Readonly<{ can: Allowed; whyNot: string | null; actions: ReturnType<typeof useInstanceActions> }>) {
  const { t } = useTranslation('instances');
  const name = useInstanceName()(instance);
  const input = { id: instance.id };
  const resumes = instance.state === 'stopped';
  return (
    <Tooltip label={whyNot} disabled={whyNot === null} multiline maw={300}>
      <Group gap={6} className={classes['actions']}>
        {resumes ? (
          <Button size="xs" leftSection={<Play size={14} aria-hidden />} disabled={!can.resume} loading={actions.resume.isPending} onClick={() => actions.resume.mutate(input)}>{t('action.resume')}</Button>
        ) : (
          <Tooltip label={<PauseTells id={instance.id} />} disabled={!can.pause} multiline maw={320}>
            <Button size="xs" variant="default" leftSection={<Pause size={14} aria-hidden />} disabled={!can.pause} loading={actions.pause.isPending} onClick={() => actions.pause.mutate(input)}>{instance.state === 'scheduling' ? t('action.leave_queue') : t('action.pause')}</Button>
          </Tooltip>
        )}
        <Button size="xs" variant="default" leftSection={<Camera size={14} aria-hidden />} disabled={!can.snapshot} onClick={() => navigate('snapshots', null, { take: String(instance.id) })}>{t('action.snapshot')}</Button>
        <Button size="xs" variant="default" leftSection={<ScrollText size={14} aria-hidden />} onClick={() => onDialog('logs', instance)}>{t('action.logs')}</Button>
        <Button size="xs" variant="subtle" color="red" leftSection={<Trash2 size={14} aria-hidden />} disabled={!can.destroy} onClick={() => onDialog('destroy', instance)}>{t('action.destroy')}</Button>
        <Menu position="bottom-end" width={230}>
          <Menu.Target><ActionIcon size={30} variant="default" aria-label={t('action.more', { label: name })}><Ellipsis size={16} aria-hidden /></ActionIcon></Menu.Target>
          <Menu.Dropdown>
            {instance.state === 'running' && can.pause ? <Menu.Item leftSection={<Pause size={14} aria-hidden />} onClick={() => actions.pause.mutate({ ...input, snapshot_first: false })}>{t('action.pause_at_once')}</Menu.Item> : null}
            <Menu.Item leftSection={<Pencil size={14} aria-hidden />} onClick={() => onDialog('rename', instance)}>{t('action.rename')}</Menu.Item>
            <Menu.Item leftSection={<History size={14} aria-hidden />} onClick={() => navigate('snapshots', null, { instance: String(instance.id) })}>{t('action.snapshots')}</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </Group>
    </Tooltip>
  );
}

/** The card of an instance. */
export function InstanceCard({ instance, operation, asOf, chosen, onDialog }: InstanceCardProps) {
  const { t } = useTranslation('instances');
  const name = useInstanceName()(instance);
  const actions = useInstanceActions();
  const whyNot = useWhyNot();
  const allowed = allowedFor(instance, operation, actions.pending || whyNot !== null);
  const can = { ...allowed, destroy: allowed.destroy && whyNot === null };
  const context = useRowMenu();
  const offered = useInstanceMenu(instance, can, actions, onDialog);
  const card = useRef<HTMLElement>(null);
  useEffect(() => {
    if (chosen) card.current?.focus();
  }, [chosen]);
  return (
    <article ref={card} tabIndex={-1} onContextMenu={(event) => context.open(event, name, offered)} onKeyDown={(event) => askToDelete(event, offered)} className={classes['card']} data-tone={toneOf(instance.state)} data-chosen={chosen || undefined} data-instance={instance.id} aria-label={name}>
      <Head instance={instance} />
      <Explanation instance={instance} />
      <InstanceFacts instance={instance} asOf={asOf} />
      {operation === null ? null : <InstanceOperation instance={instance} operation={operation} />}
      {actions.error === null ? null : (
        <div className={classes['refused']}>
          <Text size="sm"><ErrorMessage error={actions.error} /></Text>
          <CloseButton size="sm" aria-label={t('action.close')} onClick={actions.clear} />
        </div>
      )}
      <div className={classes['foot']}>
        <Ssh instance={instance} />
        <Actions instance={instance} can={can} whyNot={whyNot} onDialog={onDialog} actions={actions} />
      </div>
      {context.menu}
    </article>
  );
}
