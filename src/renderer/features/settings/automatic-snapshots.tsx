// Which snapshots are taken by themselves before an instance ends.
import { Switch } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { SettingsView } from '../../../contract/types';
import { Row, Section, type SaveSetting } from './section';

const switches = [
  ['snapshot_before_pause', 'pause'], ['pause_if_snapshot_fails', 'pauseFails'], ['snapshot_before_destroy', 'destroy'], ['snapshot_before_contract_end', 'contract'], ['snapshot_before_credit_end', 'credit'],
] as const;

export function AutomaticSnapshots({ view, save }: Readonly<{ view: SettingsView; save: SaveSetting }>) {
  const { t } = useTranslation('settings');
  return (
    <Section title={t('automatic.title')} why={t('automatic.why')}>
      {switches.map(([setting, name]) => (
        <Row key={setting} title={t(`automatic.${name}`)} why={t(`automatic.${name}Why`)}>
          <Switch aria-label={t(`automatic.${name}`)} checked={view.settings[setting]} disabled={setting === 'pause_if_snapshot_fails' && !view.settings.snapshot_before_pause} onChange={(event) => save({ [setting]: event.currentTarget.checked })} />
        </Row>
      ))}
    </Section>
  );
}
