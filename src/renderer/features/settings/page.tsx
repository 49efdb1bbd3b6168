// Settings: appearance, Vast.ai, renting, snapshots, notifications, this computer, about.
import { Button, Select, Switch } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { SettingsView } from '../../../contract/types';
import { isDesktop } from '../../client';
import { reopenFirstSteps } from '../../ui/first-steps-store';
import { notify } from '../../ui/notify';
import { usePreferences } from '../../ui/preferences';
import { choosePreferences } from '../../ui/preferences-sync';
import { useErrorWords } from '../../ui/error-message';
import { useSaveSettings, useSettings } from '../../ui/settings-data';
import { QueryView } from '../../ui/states';
import { ToolsCheck } from '../../ui/tools-check';
import { VastKeyForm } from '../../ui/vast-key-form';
import { About } from './about';
import { AutomaticSnapshots } from './automatic-snapshots';
import { NotificationSettings } from './notifications';
import { ThisComputer } from './this-computer';
import { ProofSettings } from './proofs';
import { RecoveryKey } from './recovery-key';
import { Row, Section, type SaveSetting } from './section';
import { NumberSetting, TextSetting } from './text-setting';
import classes from './settings.module.css';

function Appearance() {
  const { t } = useTranslation(['settings', 'common']);
  const { language, theme } = usePreferences();
  const words = useErrorWords();
  const choose = (change: Parameters<typeof choosePreferences>[0]) => { choosePreferences(change).catch((error: unknown) => notify({ title: words(error).what, message: words(error).advice, tone: 'bad' })); };
  return (
    <Section title={t('settings:appearance.title')}>
      <Row title={t('common:bar.language')}>
        <Select aria-label={t('common:bar.language')} w={220} data={(['system', 'pt-BR', 'en'] as const).map((value) => ({ value, label: t(`common:language.${value}`) }))} value={language} onChange={(value) => choose({ language: value ?? 'system' })} />
      </Row>
      <Row title={t('common:bar.theme')}>
        <Select aria-label={t('common:bar.theme')} w={220} data={(['system', 'light', 'dark'] as const).map((value) => ({ value, label: t(`common:theme.${value}`) }))} value={theme} onChange={(value) => choose({ theme: value ?? 'system' })} />
      </Row>
    </Section>
  );
}

interface GroupProps {
  readonly view: SettingsView;
  readonly save: SaveSetting;
  readonly busy: boolean;
}

function Renting({ view, save, busy }: GroupProps) {
  const { t } = useTranslation('settings');
  return (
    <Section title={t('renting.title')} why={t('renting.why')}>
      <Row title={t('renting.image')} why={t('renting.imageWhy')}>
        <TextSetting key={view.settings.default_image} label={t('renting.image')} value={view.settings.default_image} busy={busy} onSave={(text) => { if (text !== '') save({ default_image: text }); }} />
      </Row>
      <Row title={t('renting.disk')} why={t('renting.diskWhy')}>
        <NumberSetting key={view.settings.default_disk_size} label={t('renting.disk')} value={view.settings.default_disk_size} min={8} max={100_000} suffix=" GB" busy={busy} onSave={(size) => save({ default_disk_size: size })} />
      </Row>
    </Section>
  );
}

function Snapshots() {
  const { t } = useTranslation('settings');
  return (
    <Section title={t('snapshots.title')} why={t('snapshots.why')}>
      <div className={classes['block']}><ToolsCheck /></div>
      <Row title={t('recovery.title')} why={t('recovery.why')}><RecoveryKey /></Row>
    </Section>
  );
}

function Account({ view, save }: GroupProps) {
  const { t } = useTranslation('settings');
  const vault = view.secret_store.backend === 'vault';
  return (
    <Section title={t('account.title')}>
      <Row title={t('account.keep')} why={vault ? t('account.keepVault') : isDesktop ? t('account.keepWhy') : t('account.keepBrowser')}>
        <Switch aria-label={t('account.keep')} checked={view.settings.keep_signed_in && !vault} disabled={vault || !isDesktop} onChange={(event) => save({ keep_signed_in: event.currentTarget.checked })} />
      </Row>
      <Row title={t('account.steps')} why={t('account.stepsWhy')}><Button variant="default" onClick={reopenFirstSteps}>{t('account.open')}</Button></Row>
    </Section>
  );
}

function AllSettings({ view }: Readonly<{ view: SettingsView }>) {
  const { t } = useTranslation('settings');
  const words = useErrorWords();
  const mutation = useSaveSettings();
  const save: SaveSetting = (settings) => mutation.mutate({ settings }, {
    onSuccess: () => notify({ id: 'settings-saved', title: t('saved'), tone: 'ok' }),
    onError: (error) => notify({ title: words(error).what, message: `${words(error).kept} ${words(error).advice}`.trim(), tone: 'bad' }),
  });
  const group = { view, save, busy: mutation.isPending };
  return (
    <>
      <Appearance />
      <Section title={t('key.title')} why={t('key.why')}><div className={classes['block']}><VastKeyForm view={view} /></div></Section>
      <Renting {...group} />
      <Snapshots />
      <AutomaticSnapshots view={view} save={save} />
      <ProofSettings {...group} />
      <NotificationSettings {...group} />
      <Account {...group} />
      <ThisComputer {...group} />
      <About {...group} />
    </>
  );
}

/** The section "Settings". */
export function SettingsPage() {
  const { t } = useTranslation('common');
  const result = useSettings();
  return (
    <div className={classes['page']}>
      <h1>{t('nav.settings')}</h1>
      <QueryView result={result}>{(view) => <AllSettings view={view} />}</QueryView>
    </div>
  );
}
