// Restoring: where to, all or some, and then how far it is and how it ended.
import { Button, Group, Modal, Progress, Stack, Switch, Text, Textarea } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { CircleAlert, CircleCheck, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Instance, Operation, Snapshot, SnapshotFile } from '../../../contract';
import { isDesktop, query } from '../../client';
import { ErrorMessage, visible } from '../../ui/error-message';
import { useFormat } from '../../ui/format';
import { isActive, shareDone } from '../../ui/shell/running-operations';
import { suggestFolder } from './group-snapshots';
import { Amounts, Warnings } from './operation-strip';
import { isTarget, TargetFields, useExportFolder, type Target } from './restore-target';
import { showOnPage, useCancel, useOperation, useRestore } from './use-snapshots';
import classes from './snapshots.module.css';

export interface RestoreDialogProps {
  readonly snapshot: Snapshot;
  readonly running: readonly Instance[];
  /** Only these; without, the dialog asks. */
  readonly files?: readonly SnapshotFile[];
  readonly onClose: () => void;
}

function Ended({ operation, folder }: Readonly<{ operation: Operation; folder: string | null }>) {
  const { t } = useTranslation('snapshots');
  const path = visible(folder ?? operation.title);
  const open = useMutation(query.shell.openFolder.mutationOptions());
  const tones = { succeeded: ['ok', CircleCheck], warnings: ['warn', TriangleAlert], failed: ['bad', CircleAlert], cancelled: ['warn', CircleAlert] } as const;
  const [tone, Icon] = tones[operation.state as keyof typeof tones] ?? tones.failed;
  return (
    <div className={classes['ended']} data-tone={tone} aria-live="polite">
      <Icon size={18} aria-hidden />
      <div>
        {operation.state === 'succeeded' ? <Text size="sm">{t('restoring.done', { path })}</Text> : null}
        {operation.state === 'warnings' ? <Text size="sm">{t('restoring.done_warnings', { path })}</Text> : null}
        {operation.state === 'cancelled' ? <Text size="sm">{t('restoring.cancelled')}</Text> : null}
        {operation.error === null || operation.state === 'cancelled' ? null : <Text size="sm"><ErrorMessage error={operation.error} /></Text>}
        <Amounts operation={operation} />
        <Warnings warnings={operation.warnings} most={50} />
        {folder !== null && isDesktop && (operation.state === 'succeeded' || operation.state === 'warnings') ? <Button size="xs" variant="default" mt="xs" onClick={() => open.mutate({ folder })}>{t('restoring.open_folder')}</Button> : null}
        {open.error === null ? null : <Text size="sm"><ErrorMessage error={open.error} /></Text>}
      </div>
    </div>
  );
}

function Under({ operation }: Readonly<{ operation: Operation | null }>) {
  const { t } = useTranslation('snapshots');
  const share = operation === null ? null : shareDone(operation.progress);
  return (
    <Stack gap={6} aria-live="polite">
      <Text size="sm" fw={600}>{operation?.state === 'cancelling' ? t('operation.cancelling') : t('restoring.running')}</Text>
      <Progress value={share === null ? 100 : share * 100} animated={share === null} size="sm" aria-label={t('restoring.running')} />
      {operation === null ? null : <Text size="xs"><Amounts operation={operation} /></Text>}
    </Stack>
  );
}

function Running({ operationId, folder, onClose }: Readonly<{ operationId: string; folder: string | null; onClose: () => void }>) {
  const { t } = useTranslation('snapshots');
  const operation = useOperation(operationId);
  const cancel = useCancel();
  const active = operation === null || isActive(operation);
  const leave = (): void => {
    showOnPage(operationId);
    onClose();
  };
  return (
    <Stack gap="md">
      {active ? <Under operation={operation} /> : <Ended operation={operation} folder={folder} />}
      <Group justify="flex-end" gap="xs">
        {active && operation?.cancellable === true ? <Button variant="default" loading={cancel.isPending} onClick={() => cancel.mutate({ id: operationId })}>{t('restoring.cancel')}</Button> : null}
        {active ? <Button variant="default" onClick={leave}>{t('restoring.background')}</Button> : <Button data-autofocus onClick={onClose}>{t('restoring.close')}</Button>}
      </Group>
    </Stack>
  );
}

const targetOf = (snapshot: Snapshot, running: readonly Instance[]): Target => ({
  kind: 'folder',
  folder: isDesktop ? '' : suggestFolder(snapshot.label, snapshot.time),
  instanceId: running.find(({ id }) => id === snapshot.instance_id)?.id ?? running[0]?.id ?? null,
  path: snapshot.paths[0] ?? '/workspace',
});

/** Paths typed one to a line. */
const typedPaths = (text: string): { readonly paths?: string[] } => {
  const paths = text.split('\n').map((line) => line.trim()).filter((line) => line !== '');
  return paths.length === 0 ? {} : { paths };
};

/** What was captured itself has an empty path: then everything is restored. */
const pathsOf = (files: readonly SnapshotFile[]): { readonly paths?: string[]; readonly paths64?: string[] } => {
  if (files.some(({ path }) => path === '')) return {};
  return { paths: files.flatMap(({ path }) => (path === null ? [] : [path])), paths64: files.flatMap(({ path64 }) => (path64 === null ? [] : [path64])) };
};

/** Files that are named before the rest is counted. */
const namedFiles = 6;

function Chosen({ snapshot, files }: Readonly<{ snapshot: Snapshot; files: readonly SnapshotFile[] }>) {
  const { t } = useTranslation('snapshots');
  return (
    <div>
      <Text size="sm" fw={560}>{t('restoring.chosen')}</Text>
      <ul className={classes['warnings']}>
        {files.slice(0, namedFiles).map((file) => <li key={`${file.path ?? ''}${file.path64 ?? ''}`} className="app-mono">{visible(file.path === '' ? snapshot.paths.join(', ') : (file.path ?? file.name))}</li>)}
        {files.length > namedFiles ? <li className="app-dim">{t('warnings_more', { count: files.length - namedFiles })}</li> : null}
      </ul>
    </div>
  );
}

/** The dialog: a form, then the progress, then the result. */
export function RestoreDialog({ snapshot, running, files, onClose }: RestoreDialogProps) {
  const { t } = useTranslation(['snapshots', 'common']);
  const format = useFormat();
  const below = useExportFolder();
  const [target, setTarget] = useState<Target>(() => targetOf(snapshot, running));
  const [some, setSome] = useState('');
  const [verify, setVerify] = useState(false);
  const [started, setStarted] = useState<{ readonly id: string; readonly folder: string | null } | null>(null);
  const folder = target.kind === 'instance' ? null : isDesktop ? target.folder : `${below ?? ''}/${target.folder}`;
  const restore = useRestore((id) => setStarted({ id, folder }));
  const ready = isTarget(target, running) && (target.kind === 'instance' || isDesktop || below !== null);
  const only = files === undefined ? typedPaths(some) : pathsOf(files);
  const start = (): void => {
    if (!ready) return;
    const where = folder === null ? { instance_id: target.instanceId ?? 0, target_path: target.path } : { folder };
    restore.mutate({ snapshot_id: snapshot.id, ...where, ...only, verify, wait: false });
  };
  return (
    <Modal opened onClose={onClose} title={<Text fw={640} size="lg">{t('restoring.title', { time: format.dateTime(snapshot.time) })}</Text>} closeButtonProps={{ 'aria-label': t('common:close') }}>
      {started === null ? (
        <form onSubmit={(event) => { event.preventDefault(); start(); }}>
          <Stack gap="md">
            <TargetFields target={target} running={running} onChange={setTarget} />
            {files === undefined ? <Textarea label={t('restoring.some')} description={t('restoring.some_hint')} value={some} onChange={(event) => setSome(event.currentTarget.value)} autosize minRows={2} maxRows={6} spellCheck={false} classNames={{ input: 'app-mono' }} /> : <Chosen snapshot={snapshot} files={files} />}
            <Switch label={t('restoring.verify')} description={t('restoring.verify_hint')} checked={verify} onChange={(event) => setVerify(event.currentTarget.checked)} />
            {restore.error === null ? null : <Text size="sm" c="var(--app-bad)"><ErrorMessage error={restore.error} /></Text>}
            <Group justify="flex-end" gap="xs">
              <Button variant="default" onClick={onClose}>{t('common:cancel')}</Button>
              <Button type="submit" disabled={!ready} loading={restore.isPending}>{t('restoring.start')}</Button>
            </Group>
          </Stack>
        </form>
      ) : <Running operationId={started.id} folder={started.folder} onClose={onClose} />}
    </Modal>
  );
}
