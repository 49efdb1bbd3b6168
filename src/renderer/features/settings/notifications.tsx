// What is told beside the desktop's window or in the page, when the credit counts as low, and when it is to be quiet.
import { Group, Select, Switch, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { SettingsView } from '../../../contract/types';
import { isDesktop, query } from '../../client';
import { Row, Section, type SaveSetting } from './section';
import { NumberSetting } from './text-setting';

interface Props {
  readonly view: SettingsView;
  readonly save: SaveSetting;
  readonly busy: boolean;
}

/** A time of day; an emptied field changes nothing. */
function TimeOfDay({ label, value, disabled, onSave }: Readonly<{ label: string; value: string; disabled: boolean; onSave: (time: string) => void }>) {
  return <TextInput key={value} type="time" w={120} aria-label={label} defaultValue={value} disabled={disabled} onBlur={({ currentTarget }) => { if (currentTarget.value !== '' && currentTarget.value !== value) onSave(currentTarget.value); }} />;
}

export function NotificationSettings({ view, save, busy }: Props) {
  const { t } = useTranslation('settings');
  const { data: welcome } = useQuery(query.system.welcome.queryOptions());
  const { notifications, credit_warning_hours: hours, quiet_hours: quiet, quiet_from: from, quiet_to: to } = view.settings;
  const off = notifications === 'off';
  // A browser may also be looking at the desktop's own API.
  const where = isDesktop ? 'why' : welcome?.desktop === true ? 'browser' : 'page';
  return (
    <Section title={t('notifications.title')} why={t(`notifications.${where}`)}>
      <Row title={t('notifications.level')} why={t('notifications.levelWhy')}>
        <Select aria-label={t('notifications.level')} w={220} allowDeselect={false} data={(['off', 'warnings', 'all'] as const).map((value) => ({ value, label: t(`notifications.levels.${value}`) }))} value={notifications} onChange={(value) => { if (value !== null) save({ notifications: value }); }} />
      </Row>
      <Row title={t('notifications.credit')} why={t('notifications.creditWhy')}>
        <NumberSetting key={hours} label={t('notifications.credit')} value={hours} min={1} max={720} suffix=" h" busy={busy} onSave={(value) => save({ credit_warning_hours: value })} />
      </Row>
      <Row title={t('notifications.quiet')} why={t('notifications.quietWhy')}>
        <Switch aria-label={t('notifications.quiet')} checked={quiet} disabled={off} onChange={(event) => save({ quiet_hours: event.currentTarget.checked })} />
        {quiet ? (
          <Group gap="xs" wrap="nowrap">
            <TimeOfDay label={t('notifications.from')} value={from} disabled={off} onSave={(time) => save({ quiet_from: time })} />
            <Text size="sm" c="dimmed">{t('notifications.until')}</Text>
            <TimeOfDay label={t('notifications.to')} value={to} disabled={off} onSave={(time) => save({ quiet_to: time })} />
          </Group>
        ) : null}
      </Row>
    </Section>
  );
}
