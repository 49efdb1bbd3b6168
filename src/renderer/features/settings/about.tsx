// Version, data folder, the market that is talked to.
import { Button, Text } from '@mantine/core';
import { FolderOpen } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { SettingsView } from '../../../contract/types';
import { api, isDesktop } from '../../client';
import { CopyButton } from '../../ui/copy-button';
import { useErrorWords } from '../../ui/error-message';
import { notify } from '../../ui/notify';
import { DiagnosticsRow } from './diagnostics';
import { Row, Section, type SaveSetting } from './section';
import { UpdateRows } from './updates';
import classes from './settings.module.css';

/** Facts about this run of the app. */
export function About({ view, save, busy }: Readonly<{ view: SettingsView; save: SaveSetting; busy: boolean }>) {
  const { t } = useTranslation('settings');
  const words = useErrorWords();
  const openFolder = () => { api.shell.openFolder({ folder: view.data_folder }).catch((error: unknown) => notify({ title: words(error).what, tone: 'bad' })); };
  return (
    <Section title={t('about.title')}>
      <Row title={t('about.version')}><Text size="sm">{view.version}</Text></Row>
      <Row title={t('about.store')} why={view.secret_store.backend === 'keychain' && view.secret_store.status !== 'ready' ? t(`storeStatus.${view.secret_store.status}`) : t(`store.${view.secret_store.backend}`)}>
        <Text size="sm">{t(`storeName.${view.secret_store.backend}`)}</Text>
      </Row>
      <Row title={t('about.data')} why={view.data_exposed ? <strong className={classes['warning']}>{t('about.dataExposed')}</strong> : t('about.dataWhy')}>
        <Text size="xs" className={`${classes['path']} app-mono`}>{view.data_folder}</Text>
        <CopyButton value={view.data_folder} what={t('about.data')} />
        {isDesktop ? <Button size="xs" variant="default" leftSection={<FolderOpen size={14} aria-hidden />} onClick={openFolder}>{t('computer.show')}</Button> : null}
      </Row>
      <Row title={t('about.market')} why={view.demo ? t('about.demo') : undefined}><Text size="xs" className={`${classes['path']} app-mono`}>{view.vast_url}</Text></Row>
      {isDesktop ? <UpdateRows view={view} save={save} busy={busy} /> : null}
      <DiagnosticsRow />
    </Section>
  );
}
