// Settings of this computer: the REST API, the tray, start at login, the restic path, the export folder.
import { Anchor, Button, Switch, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { FolderOpen } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { SettingsView } from '../../../contract/types';
import { api, isDesktop, query } from '../../client';
import { CopyButton } from '../../ui/copy-button';
import { useErrorWords } from '../../ui/error-message';
import { notify } from '../../ui/notify';
import { Row, Section, type SaveSetting } from './section';
import { TextSetting } from './text-setting';
import classes from './settings.module.css';

interface Props {
  readonly view: SettingsView;
  readonly save: SaveSetting;
  readonly busy: boolean;
}

function RestApi({ view, save }: Pick<Props, 'view' | 'save'>) {
  const { t } = useTranslation('settings');
  const address = view.http_address;
  const why = (
    <>
      {t(isDesktop ? 'computer.apiWhy' : 'computer.apiHeadless')}{' '}
      {address === null ? null : <span className="app-mono">{address} <CopyButton value={address} what={t('computer.address')} /> {isDesktop ? null : <Anchor href={`${address}/docs`} target="_blank" rel="noopener noreferrer" inherit underline="always">{t('computer.docs')}</Anchor>}</span>}
      {isDesktop && address !== null ? <div>{t('computer.docs')}: <span className="app-mono">{address}/docs <CopyButton value={`${address}/docs`} what={t('computer.address')} /></span></div> : null}
    </>
  );
  return (
    <Row title={t('computer.api')} why={why}>
      <Switch aria-label={t('computer.api')} checked={isDesktop ? view.settings.listen_http : true} disabled={!isDesktop} onChange={(event) => save({ listen_http: event.currentTarget.checked })} />
    </Row>
  );
}

function ExportFolder({ view, save, busy }: Props) {
  const { t } = useTranslation('settings');
  const folder = view.settings.export_folder;
  const pick = async () => {
    const { folder: chosen } = await api.shell.pickFolder();
    if (chosen !== null) save({ export_folder: chosen });
  };
  return (
    <Row title={t('computer.exports')} why={t('computer.exportsWhy')}>
      <Text size="sm" className={classes['path']}>{folder ?? <span className="app-dim">{t('computer.exportsDefault')}</span>}</Text>
      {isDesktop ? <Button variant="default" loading={busy} leftSection={<FolderOpen size={14} aria-hidden />} onClick={() => void pick()}>{t('computer.choose')}</Button> : null}
    </Row>
  );
}

function StartAtLogin() {
  const { t } = useTranslation('settings');
  const words = useErrorWords();
  const cache = useQueryClient();
  const asked = query.shell.startsAtLogin.queryOptions();
  const { data, error } = useQuery(asked);
  const change = useMutation({
    mutationFn: (enabled: boolean) => api.shell.startAtLogin({ enabled }),
    onSuccess: ({ enabled }, wanted) => {
      cache.setQueryData(asked.queryKey, { enabled });
      if (enabled !== wanted) notify({ title: t('computer.loginRefused'), tone: 'warn' });
    },
    onError: (error) => notify({ title: words(error).what, tone: 'bad' }),
  });
  return (
    <Row title={t('computer.login')} why={error === null ? t('computer.loginWhy') : words(error).what}>
      <Switch aria-label={t('computer.login')} checked={data?.enabled ?? false} disabled={data === undefined || change.isPending} onChange={(event) => change.mutate(event.currentTarget.checked)} />
    </Row>
  );
}

/** What can be set only where the app runs; a browser sees it, with the reason why it cannot change it. */
export function ThisComputer({ view, save, busy }: Props) {
  const { t } = useTranslation('settings');
  return (
    <Section title={t('computer.title')} why={isDesktop ? undefined : t('computer.windowOnly')}>
      <RestApi view={view} save={save} />
      {isDesktop ? (
        <>
          <Row title={t('computer.tray')} why={t('computer.trayWhy')}>
            <Switch aria-label={t('computer.tray')} checked={view.settings.close_to_tray} onChange={(event) => save({ close_to_tray: event.currentTarget.checked })} />
          </Row>
          <StartAtLogin />
          <Row title={t('computer.restic')} why={t('computer.resticWhy')}>
            <TextSetting key={view.settings.restic_path} label={t('computer.restic')} value={view.settings.restic_path ?? ''} placeholder={t('computer.resticFound')} busy={busy} onSave={(path) => save({ restic_path: path === '' ? null : path })} />
          </Row>
        </>
      ) : null}
      <ExportFolder view={view} save={save} busy={busy} />
    </Section>
  );
}
