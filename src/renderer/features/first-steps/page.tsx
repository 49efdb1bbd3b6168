// The first steps after the first sign-in: language, Vast.ai key, tools, where snapshots are kept, done. Each can be skipped, all can be put off.
import { Button, Group, Modal, Select, Stack, Stepper, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { SettingsView } from '../../../contract/types';
import { firstSteps, goToStep, useFirstSteps, type FirstStep } from '../../ui/first-steps-store';
import { LanguageChoice } from '../../ui/language-choice';
import { usePreferences } from '../../ui/preferences';
import { choosePreferences } from '../../ui/preferences-sync';
import { navigate } from '../../ui/route';
import { useSaveSettings, useSettings } from '../../ui/settings-data';
import { ToolsCheck } from '../../ui/tools-check';
import { VastKeyForm } from '../../ui/vast-key-form';
import { PlaceStep } from './place-step';
import classes from './first-steps.module.css';

/** Whether the steps are shown. The demo account comes with its key, so there is nothing to do first. */
export function stepsWanted(view: Pick<SettingsView, 'demo' | 'vast_api_key' | 'settings'>, state: Readonly<{ later: boolean; again: boolean }>): boolean {
  if (state.again) return true;
  return !state.later && !view.settings.first_steps_done && !(view.demo && view.vast_api_key.set);
}

function LanguageStep() {
  const { t } = useTranslation(['settings', 'common']);
  const theme = usePreferences((preferences) => preferences.theme);
  return (
    <Stack gap="md" align="flex-start">
      <LanguageChoice size="sm" />
      <Select label={t('common:bar.theme')} w={240} data={(['system', 'light', 'dark'] as const).map((value) => ({ value, label: t(`common:theme.${value}`) }))} value={theme} onChange={(value) => { choosePreferences({ theme: value ?? 'system' }).catch(() => undefined); }} />
    </Stack>
  );
}

function StepBody({ name, view }: Readonly<{ name: FirstStep; view: SettingsView }>) {
  const { t } = useTranslation('settings');
  switch (name) {
    case 'language':
      return <LanguageStep />;
    case 'key':
      return <VastKeyForm view={view} setOnly onKept={() => goToStep(firstSteps.indexOf('key') + 1)} />;
    case 'tools':
      return <ToolsCheck />;
    case 'place':
      return <PlaceStep />;
    case 'done':
      return <Text size="sm">{t(view.vast_api_key.set ? 'steps.readyWithKey' : 'steps.readyNoKey')}</Text>;
  }
}

/** A dialog over the app while there are steps left to take. */
export function FirstSteps() {
  const { t } = useTranslation('settings');
  const state = useFirstSteps();
  const { data: view } = useSettings();
  const save = useSaveSettings();
  if (view === undefined || !stepsWanted(view, state)) return null;
  const last = firstSteps.length - 1;
  const name = firstSteps[state.step] ?? 'language';
  const later = () => useFirstSteps.setState({ later: true, again: false });
  const finish = () => save.mutate({ settings: { first_steps_done: true } }, { onSettled: () => { later(); navigate('offers'); } });
  // In a stack: Escape closes only the dialog on top.
  return (
    <Modal.Stack>
      <Modal stackId="first-steps" opened onClose={later} size={620} title={<Text fw={660} size="xl">{t('steps.title')}</Text>} closeButtonProps={{ 'aria-label': t('steps.later') }} closeOnClickOutside={false}>
        <Stack gap="lg">
          <Stepper active={state.step} onStepClick={goToStep} size="xs" iconSize={26} wrap={false} classNames={{ stepBody: classes['stepBody'], separator: classes['separator'] }}>
            {firstSteps.map((step) => <Stepper.Step key={step} label={t(`steps.${step}.name`)} />)}
          </Stepper>
          <div>
            <Text component="h2" fw={640} size="lg" m={0}>{t(`steps.${name}.title`)}</Text>
            <Text size="sm" c="dimmed">{t(`steps.${name}.why`)}</Text>
          </div>
          <StepBody name={name} view={view} />
          <Group justify="space-between">
            <Button variant="subtle" color="gray" onClick={later}>{t('steps.later')}</Button>
            <Group gap="xs">
              {state.step > 0 ? <Button variant="default" onClick={() => goToStep(state.step - 1)}>{t('steps.back')}</Button> : null}
              {state.step < last ? <Button variant={name === 'key' && !view.vast_api_key.set ? 'default' : 'filled'} onClick={() => goToStep(state.step + 1)}>{t(name === 'key' && !view.vast_api_key.set ? 'steps.skip' : 'steps.next')}</Button> : <Button loading={save.isPending} onClick={finish}>{t('steps.finish')}</Button>}
            </Group>
          </Group>
        </Stack>
      </Modal>
    </Modal.Stack>
  );
}
