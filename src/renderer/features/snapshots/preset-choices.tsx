// The presets of what is left out, each with what it means and, after a preview, how much it is here.
import { Checkbox } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { SourceOptions, SourcePreview, SourcePreset } from '../../../contract';
import { useFormat } from '../../ui/format';
import { ofPreset } from './source-effect';
import classes from './sources.module.css';

const names: readonly SourcePreset[] = ['pip', 'conda', 'huggingface', 'pycache', 'node_modules', 'sockets', 'git_objects'];

export interface PresetChoicesProps {
  readonly options: SourceOptions;
  readonly onChange: (options: SourceOptions) => void;
  readonly preview: SourcePreview | null;
}

export function PresetChoices({ options, onChange, preview }: PresetChoicesProps) {
  const { t } = useTranslation('snapshots');
  const format = useFormat();
  const amount = (name: SourcePreset): string => {
    if (preview === null || name === 'sockets') return '';
    const { files, bytes } = ofPreset(preview, name);
    return files === 0 ? t('source.none_here') : `${format.bytes(bytes)} · ${t('files', { count: files, number: format.number(files) })}`;
  };
  return (
    <fieldset className={classes['presets']}>
      <legend>{t('source.presets')}</legend>
      {names.map((name) => (
        <Checkbox
          key={name} size="xs" label={<span className={classes['preset']}><span>{t(`source.preset.${name}`)}</span><span className="app-dim app-number">{amount(name)}</span></span>}
          checked={options.presets[name]} onChange={(event) => onChange({ ...options, presets: { ...options.presets, [name]: event.currentTarget.checked } })}
        />
      ))}
    </fieldset>
  );
}
