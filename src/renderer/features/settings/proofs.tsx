// Settings of proofs: how old one may be, how much a rehearsal restores, and the user's own check.
import { useTranslation } from 'react-i18next';
import type { SettingsView } from '../../../contract/types';
import { isDesktop } from '../../client';
import { Row, Section, type SaveSetting } from './section';
import { NumberSetting, TextSetting } from './text-setting';

/** The section "Proofs". */
export function ProofSettings({ view, save, busy }: Readonly<{ view: SettingsView; save: SaveSetting; busy: boolean }>) {
  const { t } = useTranslation('settings');
  const { proof_max_age_days: days, rehearsal_budget_gb: budget, rehearsal_command: command, rehearsal_command_minutes: minutes } = view.settings;
  return (
    <Section title={t('proofs.title')} why={t('proofs.why')}>
      <Row title={t('proofs.age')} why={t('proofs.ageWhy')}>
        <NumberSetting key={days} label={t('proofs.age')} value={days} min={1} max={365} suffix={t('proofs.days')} busy={busy} onSave={(value) => save({ proof_max_age_days: value })} />
      </Row>
      <Row title={t('proofs.budget')} why={t('proofs.budgetWhy')}>
        <NumberSetting key={budget} label={t('proofs.budget')} value={budget} min={1} max={100_000} suffix=" GB" busy={busy} onSave={(value) => save({ rehearsal_budget_gb: value })} />
      </Row>
      <Row title={t('proofs.command')} why={isDesktop ? t('proofs.commandWhy') : t('proofs.commandWindow')}>
        {isDesktop ? <TextSetting key={command} label={t('proofs.command')} value={command ?? ''} placeholder={t('proofs.commandHint')} busy={busy} onSave={(text) => save({ rehearsal_command: text === '' ? null : text })} /> : <span className="app-mono">{command ?? '–'}</span>}
      </Row>
      {command === null ? null : (
        <Row title={t('proofs.limit')}>
          <NumberSetting key={minutes} label={t('proofs.limit')} value={minutes} min={1} max={1440} suffix={t('proofs.minutes')} busy={busy} onSave={(value) => save({ rehearsal_command_minutes: value })} />
        </Row>
      )}
    </Section>
  );
}
